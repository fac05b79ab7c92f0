/**
 * Roll: move the oldest entries of a tail into a row of their own, and producers that are done with
 * the head into theirs.
 *
 *   1  put LOG#<tailStart> if absent        the row that exists decides how many entries leave
 *   2  put PRODUCER#<id> if not newer       for each that leaves
 *   3  update HEAD: drop them, move tailStart     if tailStart and each rank are as read
 *
 * A crash after any step leaves what the next roll finds and goes on with. A late copy of any step
 * changes nothing: the row exists, the producer's item is newer, tailStart has moved.
 */

import type { PartitionRef } from '../../model/ids.ts';
import {
  KEEP_TAIL_BYTES,
  KEEP_TAIL_ENTRIES,
  MAX_CROWD_PRODUCERS,
  MAX_DROP_FIRST,
  MAX_HEAD_PRODUCERS,
  ROLL_AT_BYTES,
  ROLL_AT_ENTRIES,
  SEAL_TARGET_BYTES,
} from '../../model/limits.ts';
import type { Runtime } from '../../model/runtime.ts';
import {
  absent,
  add,
  type Change,
  type Condition,
  dropFirst,
  equals,
  type Item,
  remove,
  set,
} from '../../storage/algebra.ts';
import { chunkItem, chunkSortKey, readChunk } from '../../storage/keys/chunk.ts';
import { HEAD, type Head, headKey, partitionKey } from '../../storage/keys/head.ts';
import { producerItem, producerNotNewer } from '../../storage/keys/producer.ts';
import { ConditionFailed, type ItemStore } from '../../storage/ports.ts';
import { decodeEntry, recordsIn, requireEntries } from '../entry.ts';

/** Names of the conditions of a roll. */
export const ROLL_CONDITIONS = {
  rowIsFree: 'row-is-free',
  tailStartAsRead: 'tail-start-as-read',
  rankAsRead: 'rank-as-read',
} as const;

/** What an append added to a tail. */
interface Added {
  readonly entries: readonly Uint8Array[];
  readonly entriesBytes: number;
}

/**
 * Whether the append that made the tail what it is, by `added`, is the one that rolls it: it took it across a
 * mark. Marks are the same for all, so that one append crosses each. They grow apart, at 1, 2, 4, 8, 12, … times
 * the first: in a crowd, where much is appended while one rolls, the next is not to roll as well, in vain.
 */
export const crossesRollMark = ({ tail, tailBytes }: Head, added: Added): boolean =>
  marksReached(tail.length, tailBytes) >
  marksReached(tail.length - added.entries.length, tailBytes - added.entriesBytes);

const marksReached = (entries: number, bytes: number): number => {
  const times = Math.max(entries / ROLL_AT_ENTRIES, bytes / ROLL_AT_BYTES);
  if (times < 4) return times < 1 ? 0 : times < 2 ? 1 : 2;
  return 2 + Math.floor(times / 4);
};

/** Whether there is something to roll, whoever was to. */
export const isDueToRoll = ({ tail, tailBytes }: Head): boolean =>
  marksReached(tail.length, tailBytes) > 0;

/** How a roll gets on with others. */
export interface RollOptions {
  /** Entries that others append between two of ours. */
  readonly crowd?: number;
  /** Appends since somebody else began to roll, below which that is left to them; default: none is. */
  readonly patience?: number;
}

/**
 * Rolls the tail of `head`. What is left is for the views of other processes to stand on.
 * @returns the head afterwards; undefined when there was nothing to roll or someone else rolled
 * @throws StoreError of any step; rolling again later is always safe. CORRUPT_STORE, and nothing was written
 */
export const rollTail = async (
  items: ItemStore,
  runtime: Pick<Runtime, 'now'>,
  ref: PartitionRef,
  head: Head,
  { crowd = 0, patience = -Infinity }: RollOptions = {},
): Promise<Item | undefined> => {
  const wanted = Math.min(head.tail.length - keptEntries(head), MAX_DROP_FIRST);
  if (wanted <= 0) return undefined;
  requireEntries(headKey(ref), head.tail, head.tailStart, head.end);
  const leaving = await placeRow(items, ref, head, wanted, patience);
  if (leaving === undefined) return undefined;

  const departing = departingProducers(head, leaving, rememberedProducers(crowd));
  const pk = partitionKey(ref);
  const now = runtime.now();
  await Promise.all(
    departing.map(async (id) => {
      const departed = { rank: head.producers[id]!, asOf: head.end };
      try {
        await items.put(producerItem(pk, id, departed, now), producerNotNewer(head.end));
      } catch (error) {
        // A newer item is there: the head has moved on, and the update below will say so.
        if (!(error instanceof ConditionFailed)) throw error;
      }
    }),
  );

  const gone = head.tail.slice(0, leaving);
  const conditions: Record<string, Condition> = {
    [ROLL_CONDITIONS.tailStartAsRead]: equals(HEAD.tailStart, head.tailStart),
  };
  const change: Change[] = [
    dropFirst(HEAD.tail, leaving),
    add(HEAD.tailBytes, -gone.reduce((sum, entry) => sum + entry.length, 0)),
    set(HEAD.tailStart, head.tailStart + recordsIn(gone)),
  ];
  for (const id of departing) {
    conditions[`${ROLL_CONDITIONS.rankAsRead}#${id}`] = equals(
      [HEAD.producers, id],
      head.producers[id]!,
    );
    change.push(remove([HEAD.producers, id]));
  }
  if (head.unsealedBytes >= SEAL_TARGET_BYTES) change.push(set(HEAD.dueAt, now));
  try {
    return await items.update(headKey(ref), { if: conditions, change });
  } catch (error) {
    if (error instanceof ConditionFailed) return undefined;
    throw error;
  }
};

/** How many of the newest entries stay. */
const keptEntries = (head: Head): number => {
  let kept = 0;
  let bytes = 0;
  while (kept < Math.min(KEEP_TAIL_ENTRIES, head.tail.length)) {
    bytes += head.tail[head.tail.length - 1 - kept]!.length;
    if (bytes > KEEP_TAIL_BYTES) break;
    kept++;
  }
  return kept;
};

/**
 * Makes the row, or takes the one there is, unless it is younger than `patience` appends; how many entries it
 * holds, undefined: not of this tail, or somebody else's to finish.
 */
const placeRow = async (
  items: ItemStore,
  ref: PartitionRef,
  head: Head,
  wanted: number,
  patience: number,
): Promise<number | undefined> => {
  const entries = head.tail.slice(0, wanted);
  const pk = partitionKey(ref);
  const row = chunkItem(pk, {
    base: head.tailStart,
    end: head.tailStart + recordsIn(entries),
    entries,
    maxTimestamp: entries.reduce((max, one) => Math.max(max, decodeEntry(one).maxTimestamp), -1),
  });
  try {
    await items.put(row, { [ROLL_CONDITIONS.rowIsFree]: absent('v') });
    return wanted;
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    const there = error.item ?? (await items.get({ pk, sk: chunkSortKey(head.tailStart) }));
    if (there === undefined) return undefined;
    const count = readChunk(there).entries.length;
    // Whoever put it is at it still, as far as one can tell.
    if (wanted - count < patience) return undefined;
    return count <= head.tail.length ? count : undefined;
  }
};

/** A crowd may be one of producers, each of which comes back: those of two rounds. */
const rememberedProducers = (crowd: number): number =>
  Math.min(MAX_CROWD_PRODUCERS, Math.max(MAX_HEAD_PRODUCERS, 2 * crowd));

/** Beyond the limit, producers with no entry in what stays; first those with none in the tail at all. */
const departingProducers = (head: Head, leaving: number, most: number): readonly string[] => {
  const ids = Object.keys(head.producers);
  const excess = ids.length - most;
  if (excess <= 0) return [];
  const idsIn = (entries: readonly Uint8Array[]): Set<string> =>
    new Set(entries.map((entry) => String(decodeEntry(entry).producer?.id)));
  const stay = idsIn(head.tail.slice(leaving));
  const left = idsIn(head.tail.slice(0, leaving));
  const candidates = ids.filter((id) => !stay.has(id));
  return [
    ...candidates.filter((id) => !left.has(id)),
    ...candidates.filter((id) => left.has(id)),
  ].slice(0, excess);
};
