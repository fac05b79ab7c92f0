/** Offsets of partitions, and records deleted up to one. */
import { asStratalogError, failureOfAll, type StratalogError } from '../model/errors.ts';
import { type CallOptions, callJson, topicPath } from './call.ts';
import type { Connection } from './connection.ts';
import { asObject, errorOfProblem } from './failures.ts';

/**
 * Where a partition begins or ends, its first record at or after a time (ms since the Unix epoch), or
 * the record with the latest timestamp.
 */
export type OffsetSpec =
  | 'earliest'
  | 'latest'
  | 'max-timestamp'
  | { readonly timestamp: number | Date };

export interface OffsetQuery {
  readonly topic: string;
  /** Default: all. */
  readonly partitions?: readonly number[];
  /** Default: `latest`. */
  readonly at?: OffsetSpec;
}

/** With `error` neither offset nor timestamp is known, and both are −1. */
export interface PartitionOffset {
  readonly partition: number;
  /** −1: there is no such record. */
  readonly offset: number;
  /** Of that record, ms since the Unix epoch; −1 for the two ends, and where there is none. */
  readonly timestamp: number;
  readonly error?: StratalogError;
}

/** Records to delete: of each partition those below an offset, or with `latest` all there are. */
export interface RecordDeletion {
  readonly topic: string;
  readonly partitions: readonly {
    readonly partition: number;
    /** The first offset that is kept. One that was passed already changes nothing. */
    readonly before: number | 'latest';
  }[];
}

export interface PartitionStart {
  readonly partition: number;
  /** Afterwards; −1 where `error` is there. */
  readonly logStartOffset: number;
  readonly error?: StratalogError;
}

export interface OffsetsClient {
  /** @throws UNKNOWN_TOPIC_OR_PARTITION, and the first error when no partition could answer */
  listOffsets(query: OffsetQuery, options?: CallOptions): Promise<readonly PartitionOffset[]>;
  /**
   * Cannot be undone. A partition that fails does not keep the others from it: look at the errors.
   * @throws the first error when nothing was deleted: OFFSET_OUT_OF_RANGE beyond the end,
   *   UNKNOWN_TOPIC_OR_PARTITION
   */
  deleteRecords(
    deletion: RecordDeletion,
    options?: CallOptions,
  ): Promise<readonly PartitionStart[]>;
}

/** Each is a request of its own. */
const DELETIONS_AT_A_TIME = 32;

const atText = (at: OffsetSpec): string =>
  typeof at === 'string' ? at : String(Number(at.timestamp));

const partitionOffset = (value: unknown): PartitionOffset => {
  const { partition, offset, timestamp, error } = asObject(value) ?? {};
  const problem = asObject(error);
  return problem === undefined
    ? { partition: Number(partition), offset: Number(offset), timestamp: Number(timestamp) }
    : { partition: Number(partition), offset: -1, timestamp: -1, error: errorOfProblem(problem) };
};

/** Offsets over a connection. */
export const offsetsClient = (connection: Connection): OffsetsClient => ({
  listOffsets: async ({ topic, partitions, at = 'latest' }, options) => {
    const query = {
      at: atText(at),
      partitions: partitions?.join(','),
    };
    const path = `${topicPath(topic)}/offsets`;
    const answer: { readonly partitions: readonly unknown[] } = await callJson(
      connection,
      { method: 'GET', path, query, gives: 'partitions' },
      options,
    );
    return answer.partitions.map(partitionOffset);
  },

  deleteRecords: async ({ topic, partitions }, options) => {
    const path = topicPath(topic);
    type Part = RecordDeletion['partitions'][number];
    const deleteOne = async ({ partition, before }: Part): Promise<PartitionStart> => {
      const records = `${path}/partitions/${partition}/records`;
      const call = { method: 'DELETE', path: records, query: { before } } as const;
      try {
        return await callJson(connection, call, options);
      } catch (caught) {
        return { partition, logStartOffset: -1, error: asStratalogError(caught) };
      }
    };
    const results: PartitionStart[] = [];
    for (let from = 0; from < partitions.length; from += DELETIONS_AT_A_TIME) {
      const some = partitions.slice(from, from + DELETIONS_AT_A_TIME);
      results.push(...(await Promise.all(some.map(deleteOne))));
    }
    const errors = results.flatMap(({ error }) => error ?? []);
    if (errors.length > 0 && errors.length === results.length) throw failureOfAll(errors);
    return results;
  },
});
