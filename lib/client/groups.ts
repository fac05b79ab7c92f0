/** Offsets that a group has committed, without being a member of it. */
import type { StratalogError } from '../model/errors.ts';
import { groupSegment } from '../model/group-path.ts';
import { groupId } from '../model/ids.ts';
import { type CallOptions, callJson } from './call.ts';
import type { Connection } from './connection.ts';
import { asObject, errorOfProblem } from './failures.ts';

export interface OffsetToCommit {
  readonly topic: string;
  readonly partition: number;
  /** Of the record that is next: one more than that of the last one that is done. */
  readonly offset: number;
  /** Anything worth remembering with it. Default: empty. */
  readonly metadata?: string;
  /** Of the record before. Default: −1, not known. */
  readonly leaderEpoch?: number;
}

export interface OffsetCommit {
  readonly group: string;
  readonly offsets: readonly OffsetToCommit[];
  /** The group's epoch as it was read: refused when it is another by now. Default: whatever it is. */
  readonly epoch?: number;
}

export interface CommittedPartition {
  readonly topic: string;
  readonly partition: number;
  /** Why this one was not committed. */
  readonly error?: StratalogError;
}

export interface CommittedOffset {
  readonly topic: string;
  readonly partition: number;
  /** −1: none was committed. */
  readonly offset: number;
  readonly metadata: string;
  readonly leaderEpoch: number;
}

export interface GroupOffsets {
  /** 0: the group never had members. */
  readonly epoch: number;
  readonly offsets: readonly CommittedOffset[];
}

export interface GroupsClient {
  /**
   * Other partitions are committed where one is not: look at the errors.
   * @throws the first error when nothing was committed; INVALID_GROUP_ID, STALE_MEMBER_EPOCH
   */
  commitOffsets(
    commit: OffsetCommit,
    options?: CallOptions,
  ): Promise<readonly CommittedPartition[]>;
  /** All that the group has committed, or what it has for one topic. @throws INVALID_GROUP_ID */
  fetchOffsets(
    query: { readonly group: string; readonly topic?: string },
    options?: CallOptions,
  ): Promise<GroupOffsets>;
}

const offsetsPath = (group: string): string => `/groups/${groupSegment(groupId(group))}/offsets`;

const committedPartition = (value: unknown): CommittedPartition => {
  const { topic, partition, error } = asObject(value) ?? {};
  const problem = asObject(error);
  return {
    topic: String(topic),
    partition: Number(partition),
    ...(problem === undefined ? {} : { error: errorOfProblem(problem) }),
  };
};

/** Groups over a connection. */
export const groupsClient = (connection: Connection): GroupsClient => ({
  commitOffsets: async ({ group, ...json }, options) => {
    const answer: { readonly offsets: readonly unknown[] } = await callJson(
      connection,
      { method: 'POST', path: offsetsPath(group), json },
      options,
    );
    return answer.offsets.map(committedPartition);
  },

  fetchOffsets: async ({ group, topic }, options) =>
    callJson(connection, { method: 'GET', path: offsetsPath(group), query: { topic } }, options),
});
