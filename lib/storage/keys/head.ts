/**
 * HEAD: one per partition. It orders appends and names what is where.
 *
 *   pk  P#<topicId>#<partition>      sk  HEAD
 *
 *   0 ≤ start ≤ sealed ≤ tailStart ≤ end         (start may pass sealed and tailStart, never end)
 *        │       │         │          └ next offset to be given
 *        │       │         └ entries from here on are in `tail`
 *        │       └ rows LOG# from here on, SEG# below
 *        └ first offset that may be read
 *
 * Written by: topic creation and the adding of partitions (put), appends, rolls, later seals and
 * retention (updates). All offsets, ranks, epochs and `floor` only grow. When its topic is deleted a
 * tombstone takes its place and has none of them: that makes appends fail, and a late copy of the put
 * that made it. It lives 7 days (TTL on `expiresAt`).
 *
 * DynamoDB bills the whole item on every append, so attribute names are short in the store and long
 * in the code: the table below is the map between the two.
 */
import { StratalogError } from '../../model/errors.ts';
import type { PartitionRef } from '../../model/ids.ts';
import { DELETED_HEAD_TTL_MS } from '../../model/limits.ts';
import type { Item, ItemKey } from '../algebra.ts';
import { binaries, damaged, wholeNumber, wholeNumbers } from '../attributes.ts';

/** Migration: a reader of version n upgrades 1…n−1 on read; a writer writes the newest. */
export const HEAD_VERSION = 1;

/** Attribute names in the store. */
export const HEAD = {
  version: 'v',
  start: 'start',
  sealed: 'sealed',
  tailStart: 'ts',
  end: 'end',
  /** List of encoded entries (`lib/log/entry.ts`), oldest first. */
  tail: 'tail',
  /** Sum of their sizes. */
  tailBytes: 'tb',
  /** Bytes of batches from `start` on, and from `sealed` on. */
  bytes: 'bytes',
  unsealedBytes: 'ub',
  /** No commit may name a WAL object made before this time (ms). */
  floor: 'floor',
  /** Producer id → rank (`lib/log/rank.ts`). */
  producers: 'p',
  /** Producer id → first offset of its open transaction. */
  open: 'open',
  leader: 'ldr',
  leaderEpoch: 'le',
  leaseUntil: 'lu',
  duty: 'duty',
  dueAt: 'dueAt',
} as const;

/** The duty of a partition with unsealed entries. */
export const SEAL_DUTY = 'seal';

/** A head as read; what the attributes mean is said at `HEAD`. */
export interface Head {
  readonly start: number;
  readonly sealed: number;
  readonly tailStart: number;
  readonly end: number;
  readonly tail: readonly Uint8Array[];
  readonly tailBytes: number;
  readonly bytes: number;
  readonly unsealedBytes: number;
  readonly floor: number;
  readonly producers: Readonly<Record<string, number>>;
  readonly open: Readonly<Record<string, number>>;
  readonly leaderEpoch: number;
}

/** `P#<topicId>#<partition>`: the pk of a head, its rows and its producers. */
export const partitionKey = (ref: PartitionRef): string => `P#${ref.topicId}#${ref.partition}`;

export const headKey = (ref: PartitionRef): ItemKey => ({ pk: partitionKey(ref), sk: 'HEAD' });

/** The head of a partition that nobody has written to. */
export const newHeadItem = (ref: PartitionRef, floor: number): Item => ({
  ...headKey(ref),
  [HEAD.version]: HEAD_VERSION,
  [HEAD.start]: 0,
  [HEAD.sealed]: 0,
  [HEAD.tailStart]: 0,
  [HEAD.end]: 0,
  [HEAD.tail]: [],
  [HEAD.tailBytes]: 0,
  [HEAD.bytes]: 0,
  [HEAD.unsealedBytes]: 0,
  [HEAD.floor]: floor,
  [HEAD.producers]: {},
  [HEAD.open]: {},
  [HEAD.leaderEpoch]: 0,
  [HEAD.duty]: SEAL_DUTY,
});

/** What takes the place of a deleted head; `now` (ms) is when its life begins. */
export const headTombstone = (ref: PartitionRef, now: number): Item => ({
  ...headKey(ref),
  [HEAD.version]: HEAD_VERSION,
  expiresAt: Math.floor((now + DELETED_HEAD_TTL_MS) / 1000),
});

/** `item` if it is a head; a tombstone is none. */
export const ifHead = (item: Item | undefined): Item | undefined =>
  item?.[HEAD.end] === undefined ? undefined : item;

/** @throws CORRUPT_STORE when the item is not a head of a version that this code reads, or is damaged. */
export const readHead = (item: Item): Head => {
  if (item[HEAD.version] !== HEAD_VERSION) {
    throw new StratalogError(
      'CORRUPT_STORE',
      `The head ${item.pk} has version ${String(item[HEAD.version])}; this release reads ${HEAD_VERSION}. Upgrade it.`,
      { context: { pk: item.pk } },
    );
  }
  const head: Head = {
    start: wholeNumber(item, HEAD.start),
    sealed: wholeNumber(item, HEAD.sealed),
    tailStart: wholeNumber(item, HEAD.tailStart),
    end: wholeNumber(item, HEAD.end),
    tail: binaries(item, HEAD.tail),
    tailBytes: wholeNumber(item, HEAD.tailBytes),
    bytes: wholeNumber(item, HEAD.bytes),
    unsealedBytes: wholeNumber(item, HEAD.unsealedBytes),
    floor: wholeNumber(item, HEAD.floor),
    producers: wholeNumbers(item, HEAD.producers),
    open: wholeNumbers(item, HEAD.open),
    leaderEpoch: wholeNumber(item, HEAD.leaderEpoch),
  };
  const { start, sealed, tailStart, end } = head;
  if (start > end || sealed > tailStart || tailStart > end) {
    throw damaged(
      item,
      `its offsets are out of order (start ${start}, sealed ${sealed}, tail ${tailStart}, end ${end})`,
    );
  }
  return head;
};
