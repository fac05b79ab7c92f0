/**
 * The committed offsets of groups.
 *
 *   a member of epoch 4 ──── commit (4) ─────────────────────► refused: 5 is the fence by then
 *   its successor, epoch 5          fetch: fence = 5 ── commit (5) ─►
 *
 * An offset belongs to whoever owns the partition. The owner's first fetch raises the fence to its epoch,
 * so that a late commit of the one before cannot overtake it. Whoever commits without being a member
 * carries the epoch that it read, and is held to the same fence.
 *
 * Each offset is an item of its own, changed by its revision (`lib/storage/revise.ts`): a copy of a commit
 * that comes late finds the revision moved on, and never moves an offset back. A process remembers the
 * items it wrote, so that a group's commits cost one update a partition and no read.
 */
import { LRUCache } from 'lru-cache';
import { StratalogError } from '../model/errors.ts';
import type { GroupId, PartitionRef } from '../model/ids.ts';
import { MAX_OFFSET_METADATA_BYTES, MAX_REMEMBERED_OFFSETS } from '../model/limits.ts';
import type { Runtime } from '../model/runtime.ts';
import type { Item } from '../storage/algebra.ts';
import { groupPartitionKey, groupStateKey, readGroupEpoch } from '../storage/keys/group.ts';
import {
  GROUP_OFFSET_RANGE,
  type GroupOffset,
  groupOffsetChanges,
  groupOffsetKey,
  readFence,
  readGroupOffset,
} from '../storage/keys/group-offset.ts';
import type { ItemStore } from '../storage/ports.ts';
import { REVISION, revise } from '../storage/revise.ts';

export interface GroupOffsets {
  /** The group's epoch, by a strong read; 0: it never had members. */
  epochOf(group: GroupId): Promise<number>;
  /**
   * Commits for one partition that its topic has.
   * @throws STALE_MEMBER_EPOCH when the fence is above `epoch`; INVALID_REQUEST, OFFSET_METADATA_TOO_LARGE; what
   * `revise` throws
   */
  commit(group: GroupId, epoch: number, offset: GroupOffset): Promise<void>;
  /** What is committed for each of `refs`, undefined where nothing is; strong reads. */
  read(
    group: GroupId,
    refs: readonly PartitionRef[],
  ): Promise<readonly (GroupOffset | undefined)[]>;
  /** All that the group has committed, also for topics that are no more. */
  readAll(group: GroupId): Promise<readonly GroupOffset[]>;
}

export const createGroupOffsets = (items: ItemStore, runtime: Runtime): GroupOffsets => {
  /** What this process wrote last, by key: as much of the item as the next commit looks at. */
  const remembered = new LRUCache<string, Item>({
    // With `max` it makes room for all of them at once, and every process waits for that as it starts.
    maxSize: MAX_REMEMBERED_OFFSETS,
    sizeCalculation: () => 1,
  });

  return {
    epochOf: async (group) => readGroupEpoch(await items.get(groupStateKey(group))),
    async commit(group, epoch, offset) {
      validate(offset);
      const key = groupOffsetKey(group, offset.ref);
      const name = `${key.pk}\0${key.sk}`;
      const believed = remembered.get(name);
      // Nobody knows the item any more until it is told.
      remembered.delete(name);
      const item = await revise(items, runtime, {
        key,
        what: `the commit of ${offset.offset} for partition ${offset.ref.partition} of ${offset.topic}`,
        judge: (now) => {
          requireEpoch(group, offset, epoch, readFence(now));
          return { change: groupOffsetChanges(offset) };
        },
        believed,
        // The later of two commits that are under way at once may be either.
        repeatable: true,
      });
      remembered.set(name, {
        ...key,
        fence: readFence(item),
        [REVISION.revision]: item[REVISION.revision]!,
        [REVISION.marks]: item[REVISION.marks]!,
      });
    },
    async read(group, refs) {
      const found = await items.getMany(refs.map((ref) => groupOffsetKey(group, ref)));
      return found.map((item) => (item === undefined ? undefined : readGroupOffset(item)));
    },
    readAll: async (group) =>
      (await items.query(groupPartitionKey(group), ...GROUP_OFFSET_RANGE)).map(readGroupOffset),
  };
};

const validate = ({ topic, ref: { partition }, offset, metadata, leaderEpoch }: GroupOffset) => {
  const context = { topic, partition };
  if (!Number.isSafeInteger(offset) || offset < 0) {
    throw new StratalogError(
      'INVALID_REQUEST',
      `The offset to commit for partition ${partition} of ${topic} is ${offset}; it is a whole number from 0.`,
      { context: { ...context, offset } },
    );
  }
  if (!Number.isSafeInteger(leaderEpoch) || leaderEpoch < -1) {
    throw new StratalogError(
      'INVALID_REQUEST',
      `The leader epoch for partition ${partition} of ${topic} is ${leaderEpoch}; it is a whole number from 0, or −1 when not known.`,
      { context: { ...context, leaderEpoch } },
    );
  }
  // A store would keep something else in its place.
  if (!metadata.isWellFormed()) {
    throw new StratalogError(
      'INVALID_REQUEST',
      `The metadata for partition ${partition} of ${topic} has half of a surrogate pair; it is text that UTF-8 can carry. Encode bytes as base64.`,
      { context },
    );
  }
  const metadataBytes = Buffer.byteLength(metadata);
  if (metadataBytes > MAX_OFFSET_METADATA_BYTES) {
    throw new StratalogError(
      'OFFSET_METADATA_TOO_LARGE',
      `The metadata for partition ${partition} of ${topic} has ${metadataBytes} bytes, more than ${MAX_OFFSET_METADATA_BYTES}. Keep it elsewhere, and commit where it is.`,
      { context: { ...context, metadataBytes, maxBytes: MAX_OFFSET_METADATA_BYTES } },
    );
  }
};

const requireEpoch = (
  group: GroupId,
  { topic, ref: { partition } }: GroupOffset,
  epoch: number,
  fence: number,
): void => {
  if (fence <= epoch) return;
  throw new StratalogError(
    'STALE_MEMBER_EPOCH',
    `Partition ${partition} of ${topic} has an owner of epoch ${fence} in the group ${group}; the commit is of epoch ${epoch}. Read the committed offsets and the epoch again before you commit.`,
    { context: { group, topic, partition, epoch, fence } },
  );
};
