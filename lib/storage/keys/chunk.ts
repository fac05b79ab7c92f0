/**
 * LOG#: a chunk, a row of entries rolled out of a tail. Immutable.
 *
 *   pk  P#<topicId>#<partition>      sk  LOG#<base offset, 20 digits>
 *
 * Put *if absent* by whoever rolls, before the head's `tailStart` passes it: the row that exists
 * decides how many entries leave. Valid when its base lies in [sealed, tailStart), else garbage that
 * anyone may delete.
 */
import { StratalogError } from '../../model/errors.ts';
import type { Item } from '../algebra.ts';
import { binaries, damaged, wholeNumber } from '../attributes.ts';

/** Migration: readers upgrade older versions on read; rows are never rewritten. */
export const CHUNK_VERSION = 1;

const PREFIX = 'LOG#';
const DIGITS = 20;

export interface Chunk {
  /** Offset of its first record. */
  readonly base: number;
  /** Offset after its last record. */
  readonly end: number;
  readonly entries: readonly Uint8Array[];
  /** Largest record timestamp, ms, −1 when none has one. */
  readonly maxTimestamp: number;
}

/** `LOG#<base>`: sorts by offset. */
export const chunkSortKey = (base: number): string => PREFIX + String(base).padStart(DIGITS, '0');

/** The row to be stored under a partition key. */
export const chunkItem = (pk: string, chunk: Chunk): Item => ({
  pk,
  sk: chunkSortKey(chunk.base),
  v: CHUNK_VERSION,
  end: chunk.end,
  entries: chunk.entries,
  maxTs: chunk.maxTimestamp,
});

/** @throws CORRUPT_STORE when the item is not a chunk of a version that this code reads, or is damaged. */
export const readChunk = (item: Item): Chunk => {
  if (item.v !== CHUNK_VERSION) {
    throw new StratalogError(
      'CORRUPT_STORE',
      `The row ${item.pk} ${item.sk} has version ${String(item.v)}; this release reads ${CHUNK_VERSION}. Upgrade it.`,
      { context: { pk: item.pk, sk: item.sk } },
    );
  }
  const base = Number(item.sk.slice(PREFIX.length));
  const entries = binaries(item, 'entries');
  if (entries.length === 0) throw damaged(item, 'it has no entry');
  return {
    base,
    end: wholeNumber(item, 'end', base + 1),
    entries,
    maxTimestamp: wholeNumber(item, 'maxTs', -1),
  };
};
