/**
 * Delete records: move the start of a partition's log up.
 *
 *   head   start ───────────► goal            tailStart      end
 *            │ e1 │ e2 │  e3  │ … e4 │ …        │ tail         │
 *            └── gone: e1 e2 ─┘                          `bytes` loses what e1 and e2 hold; e3, cut by the
 *                                                        goal, stays whole, as a batch is served whole
 *
 *   read HEAD ─► count ─► update HEAD, if start is as read ─► done
 *      ▲                       │ anything but success
 *      └───────────────────────┘ start ≥ goal: done, by whom does not matter
 *
 * The goal is the mark: start only grows, so a copy of the update that comes late finds another start and
 * changes nothing, and what was asked for is so as soon as start is there. That is also why no lease is
 * needed where retention needs one: this is asked for by somebody who knows up to where, not concluded
 * from what a leader saw before it slept. Appends and rolls go on beside it; they touch neither `start` nor
 * the entries below the goal.
 *
 * The goal may lie beyond `sealed` and `tailStart`. Rows and objects stay: what nothing names any more is
 * for maintenance to collect.
 */
import { StratalogError } from '../model/errors.ts';
import type { PartitionRef } from '../model/ids.ts';
import { STORE_PATIENCE_MS } from '../model/limits.ts';
import type { Runtime } from '../model/runtime.ts';
import { add, equals, type Item, set, type Update } from '../storage/algebra.ts';
import { HEAD, type Head, headKey, ifHead, readHead } from '../storage/keys/head.ts';
import { backoffMs, retrying } from '../storage/patience.ts';
import { ConditionFailed, StoreError } from '../storage/ports.ts';
import { partitionGone } from './append/failures.ts';
import { following } from './fetch/follow.ts';
import type { Locator } from './fetch/locate.ts';
import type { Reading } from './fetch/read.ts';
import { storageFailure } from './storage-errors.ts';

/** Names of the conditions of deleting records. */
export const DELETE_CONDITIONS = { startAsRead: 'start-as-read' } as const;

/**
 * Deletes the records below `before`, or all there are when it begins; records that are appended meanwhile
 * stay.
 * @returns the log start offset, which may have been higher all along
 * @throws OFFSET_OUT_OF_RANGE beyond the end; UNKNOWN_TOPIC_OR_PARTITION; a store's failure, its effect told
 */
export const deleteRecords = async (
  { items, locator }: Pick<Reading, 'items' | 'locator'>,
  runtime: Runtime,
  ref: PartitionRef,
  before: number | 'latest',
): Promise<number> => {
  const deadlineMs = runtime.monotonicMs() + STORE_PATIENCE_MS;
  /** An update was sent that may yet be applied. */
  let doubted = false;
  const present = (item: Item | undefined): Head => {
    const head = ifHead(item);
    if (head === undefined) throw partitionGone(ref, doubted ? 'unknown' : 'none');
    return readHead(head);
  };
  const read = async (): Promise<Head> =>
    present(await retrying(runtime, deadlineMs, () => items.get(headKey(ref))));

  /** Sends `update` until the start has moved from where it was, by this or by another. */
  const send = async (update: Update, start: number): Promise<Head> => {
    for (let attempt = 0; ; attempt++) {
      try {
        return readHead(await items.update(headKey(ref), update));
      } catch (error) {
        const refused = error instanceof ConditionFailed;
        doubted ||= !refused && !(error instanceof StoreError && error.effect === 'none');
        const head = refused ? present(error.item) : await read();
        if (head.start > start) {
          doubted = false;
          return head;
        }
        const mayPass = refused || (error instanceof StoreError && error.retriable);
        if (!mayPass || runtime.monotonicMs() >= deadlineMs) throw error;
      }
      await runtime.sleep(backoffMs(attempt, runtime));
    }
  };

  try {
    let head = await read();
    const goal = before === 'latest' ? head.end : before;
    if (goal > head.end) throw beyondTheEnd(ref, goal, head);
    while (head.start < goal) {
      const counted = await following(
        items,
        { ref, head, offset: head.start },
        async (now) => ({
          head: now.head,
          sizeBytes: await sizeBelow(locator, ref, now.head, goal),
        }),
        'skipped',
      );
      if (counted instanceof Error) throw counted;
      head = counted.head;
      if (head.start >= goal) break;
      const update = {
        if: { [DELETE_CONDITIONS.startAsRead]: equals(HEAD.start, head.start) },
        change: [set(HEAD.start, goal), add(HEAD.bytes, -counted.sizeBytes)],
      };
      head = await send(update, head.start);
    }
    return head.start;
  } catch (error) {
    throw storageFailure(error, 'The records could not be deleted', doubted ? 'unknown' : 'none');
  }
};

/** Bytes of the entries of `head` that end at or below `goal`; the shorter side of it is counted. */
const sizeBelow = async (
  locator: Locator,
  ref: PartitionRef,
  head: Head,
  goal: number,
): Promise<number> => {
  // Another one went further meanwhile.
  if (head.start >= goal) return 0;
  let sizeBytes = 0;
  if (head.end - goal < goal - head.start) {
    for await (const { entry } of locator.entriesFrom(ref, head, goal))
      sizeBytes += entry.sizeBytes;
    return head.bytes - sizeBytes;
  }
  for await (const { entry, base } of locator.entriesFrom(ref, head, head.start)) {
    if (base + entry.recordCount > goal) break;
    sizeBytes += entry.sizeBytes;
  }
  return sizeBytes;
};

const beyondTheEnd = (
  { partition }: PartitionRef,
  offset: number,
  { start, end }: Head,
): StratalogError =>
  new StratalogError(
    'OFFSET_OUT_OF_RANGE',
    `Records cannot be deleted up to offset ${offset} of partition ${partition}: the log goes from ${start} to ${end}. Give an offset up to its end, or "latest" for all there are.`,
    { context: { partition, offset, logStartOffset: start, logEndOffset: end } },
  );
