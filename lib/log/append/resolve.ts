/**
 * Resolve: find out what became of an update that was answered by anything but success.
 *
 *   mark in the tail ─────────────────────────► applied
 *   tailStart ≤ seen, mark not in the tail ───► not applied so far; a condition that fails for ever
 *                                               makes it `never`, else the same update may be sent again
 *   tailStart > seen ─ mark in the rows ──────► applied
 *                    ─ not in the rows ───────► as above (`view-covers-tail` has failed for ever)
 *                    ─ rows already sealed ───► unknown: what would prove it is gone
 */
import type { PartitionRef } from '../../model/ids.ts';
import { CHUNKS_PER_QUERY } from '../../model/limits.ts';
import type { Item } from '../../storage/algebra.ts';
import { sameValue } from '../../storage/interpret.ts';
import { chunkSortKey, readChunk } from '../../storage/keys/chunk.ts';
import { headKey, ifHead, partitionKey, readHead } from '../../storage/keys/head.ts';
import type { ItemStore } from '../../storage/ports.ts';
import { entryRecordCount } from '../entry.ts';
import type { Group } from './group.ts';
import { refusal } from './once.ts';

export type Resolution =
  /** `base`: offset of the group's first record. */
  | { readonly kind: 'applied'; readonly base: number; readonly item: Item }
  | { readonly kind: 'send-again'; readonly item: Item }
  | { readonly kind: 'send-again-once-rolled'; readonly item: Item }
  /** It was not applied and no copy ever will be. */
  | { readonly kind: 'never'; readonly item: Item }
  /** There is no head: the topic was deleted. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'unknown' };

/** `told`: the head, read after the answer that is doubted (or told by a refusal). */
export const resolveAppend = async (
  items: ItemStore,
  ref: PartitionRef,
  group: Group,
  told: Item | undefined,
): Promise<Resolution> => {
  const item = ifHead(told);
  if (item === undefined) return { kind: 'gone' };
  const head = readHead(item);
  const mark = group.entries[0]!;

  const inTail = offsetOfMark(mark, head.tail, head.tailStart);
  if (inTail !== undefined) return { kind: 'applied', base: inTail, item };

  if (head.tailStart > group.seen) {
    const inRows = await searchRows(items, ref, mark, group.seen, head.tailStart);
    if (inRows !== undefined) return { kind: 'applied', base: inRows, item };
    if (head.sealed > group.seen) return { kind: 'unknown' };
    // Rows may have been sealed while they were searched.
    const after = ifHead(await items.get(headKey(ref)));
    if (after === undefined) return { kind: 'gone' };
    if (readHead(after).sealed > group.seen) return { kind: 'unknown' };
  }

  const { forEver, untilRolled } = refusal(group.update.if, item);
  if (forEver) return { kind: 'never', item };
  return { kind: untilRolled ? 'send-again-once-rolled' : 'send-again', item };
};

/** The offset of `mark` among `entries`, the first of which is at `base`. */
const offsetOfMark = (
  mark: Uint8Array,
  entries: readonly Uint8Array[],
  base: number,
): number | undefined => {
  let offset = base;
  for (const entry of entries) {
    if (sameValue(entry, mark)) return offset;
    offset += entryRecordCount(entry);
  }
  return undefined;
};

/** Looks through the rows that cover [from, to). A row that has the mark proves it, garbage or not. */
const searchRows = async (
  items: ItemStore,
  ref: PartitionRef,
  mark: Uint8Array,
  from: number,
  to: number,
): Promise<number | undefined> => {
  const pk = partitionKey(ref);
  const [first] = await items.query(pk, chunkSortKey(0), chunkSortKey(from), {
    limit: 1,
    reverse: true,
  });
  let rows = first === undefined ? [] : [first];
  for (let next = from + 1; ; ) {
    for (const row of rows) {
      const chunk = readChunk(row);
      const found = offsetOfMark(mark, chunk.entries, chunk.base);
      if (found !== undefined) return found;
      next = Math.max(next, chunk.end);
    }
    if (next >= to) return undefined;
    rows = [
      ...(await items.query(pk, chunkSortKey(next), chunkSortKey(to - 1), {
        limit: CHUNKS_PER_QUERY,
      })),
    ];
    if (rows.length === 0) return undefined;
  }
};
