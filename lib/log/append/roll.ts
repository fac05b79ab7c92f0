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
  MAX_HEAD_PRODUCERS,
  ROLL_AT_ENTRIES,
  ROLL_STEP_BYTES,
  ROLL_STEP_ENTRIES,
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

/** Whether the append that made the tail what it is, by `entries` of `bytes`, is the one that rolls it. */
export const crossesRollMark = (head: Head, entries: number, bytes: number): boolean =>
  entryMark(head.tail.length) > entryMark(head.tail.length - entries) ||
  byteMark(head.tailBytes) > byteMark(head.tailBytes - bytes);

const entryMark = (entries: number): number =>
  entries < ROLL_AT_ENTRIES ? 0 : 1 + Math.floor((entries - ROLL_AT_ENTRIES) / ROLL_STEP_ENTRIES);

const byteMark = (bytes: number): number =>
  Math.floor(Math.max(0, bytes - KEEP_TAIL_BYTES) / ROLL_STEP_BYTES);

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
): Promise<Item | undefined> => {
  const wanted = head.tail.length - keptEntries(head);
  if (wanted <= 0) return undefined;
  requireEntries(headKey(ref), head.tail, head.tailStart, head.end);
  const leaving = await placeRow(items, ref, head, wanted);
  if (leaving === undefined) return undefined;

  const departing = departingProducers(head, leaving);
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

/** Makes the row, or takes the one there is; how many entries it holds, undefined: not of this tail. */
const placeRow = async (
  items: ItemStore,
  ref: PartitionRef,
  head: Head,
  wanted: number,
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
    return count <= head.tail.length ? count : undefined;
  }
};

/** Beyond the limit, producers with no entry in what stays; first those with none in the tail at all. */
const departingProducers = (head: Head, leaving: number): readonly string[] => {
  const ids = Object.keys(head.producers);
  const excess = ids.length - MAX_HEAD_PRODUCERS;
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
