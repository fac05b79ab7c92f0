/**
 * Locate: which entry holds an offset, and which come after it.
 *
 *   start        sealed                 tailStart          end
 *     │  SEG# rows │  LOG# rows, chunks    │  the head's tail │
 *
 * One steps by "where is the next offset", never by "the next row": a row in the store may be garbage,
 * and what a head says of its zones is all that counts. A row that is not there, or does not hold the
 * offset, means that the head has moved on: `Moved`, and the reader begins again with a fresh head.
 */
import { LRUCache } from 'lru-cache';
import { StratalogError } from '../../model/errors.ts';
import type { PartitionRef } from '../../model/ids.ts';
import { CHUNKS_PER_QUERY, MAX_CACHED_CHUNKS } from '../../model/limits.ts';
import { type Chunk, chunkSortKey, readChunk } from '../../storage/keys/chunk.ts';
import { type Head, partitionKey } from '../../storage/keys/head.ts';
import type { ItemStore } from '../../storage/ports.ts';
import { decodeEntry, type Entry } from '../entry.ts';

/** An entry and the offset of its first record. */
export interface LocatedEntry {
  readonly entry: Entry;
  readonly base: number;
}

/** The rows are not as the head said: it is out of date, or, if a fresh one says the same, the store is damaged. */
export class Moved extends Error {
  override readonly name = 'Moved';
  readonly offset: number;

  constructor(ref: PartitionRef, offset: number) {
    super(`no row of ${partitionKey(ref)} holds offset ${offset}`);
    this.offset = offset;
  }
}

export interface Locator {
  /**
   * The entries from the one that holds `offset` on, in order, up to the head's end; `start` ≤
   * `offset` ≤ `end`. Rows are read as they are asked for.
   * @throws Moved, StoreError
   */
  entriesFrom(ref: PartitionRef, head: Head, offset: number): AsyncGenerator<LocatedEntry>;
}

export const locator = (items: ItemStore): Locator => {
  // A chunk never changes, and a head decides whether it counts: it can be kept as long as there is room.
  const chunks = new LRUCache<string, Chunk>({ max: MAX_CACHED_CHUNKS });
  // Where the last reader of a partition stopped, in the middle of a chunk as a rule, the next goes on.
  const lastUsed = new LRUCache<string, Chunk>({ max: MAX_CACHED_CHUNKS });
  const idOf = (pk: string, base: number): string => `${pk}@${base}`;

  /** The chunk that holds `offset`, which lies in [sealed, tailStart). */
  const chunkAt = async (ref: PartitionRef, head: Head, offset: number): Promise<Chunk> => {
    const pk = partitionKey(ref);
    const known = chunks.get(idOf(pk, offset)) ?? lastUsed.get(pk);
    if (known !== undefined && known.base <= offset && offset < known.end) {
      lastUsed.set(pk, known);
      return known;
    }
    const [row] = await items.query(pk, chunkSortKey(head.sealed), chunkSortKey(offset), {
      limit: 1,
      reverse: true,
    });
    const chunk = row === undefined ? undefined : readChunk(row);
    if (chunk === undefined || chunk.end <= offset) throw new Moved(ref, offset);
    lastUsed.set(pk, chunk);
    return chunk;
  };

  /** Reads the rows after a chunk that was used up, several at once, so that they are there when located. */
  const readAhead = async (ref: PartitionRef, head: Head, from: number): Promise<void> => {
    const pk = partitionKey(ref);
    if (from >= head.tailStart || chunks.has(idOf(pk, from))) return;
    const rows = await items.query(pk, chunkSortKey(from), chunkSortKey(head.tailStart - 1), {
      limit: CHUNKS_PER_QUERY,
    });
    for (const row of rows) {
      const chunk = readChunk(row);
      chunks.set(idOf(pk, chunk.base), chunk);
    }
  };

  return {
    async *entriesFrom(ref, head, offset) {
      let at = offset;
      while (at < head.tailStart) {
        if (at < head.sealed) throw sealedByNewer(ref, at);
        const chunk = await chunkAt(ref, head, at);
        yield* within(chunk.entries, chunk.base, at);
        at = chunk.end;
        await readAhead(ref, head, at);
      }
      yield* within(head.tail, head.tailStart, at);
    },
  };
};

/** The entries of a list that begins at `base`, from the one that holds `offset` on. */
function* within(
  entries: readonly Uint8Array[],
  base: number,
  offset: number,
): Generator<LocatedEntry> {
  let at = base;
  for (const bytes of entries) {
    const entry = decodeEntry(bytes);
    if (at + entry.recordCount > offset) yield { entry, base: at };
    at += entry.recordCount;
  }
}

const sealedByNewer = (ref: PartitionRef, offset: number): StratalogError =>
  new StratalogError(
    'CORRUPT_STORE',
    `Offset ${offset} of partition ${ref.partition} is in a sealed segment, which this release does not read. Upgrade it.`,
    { context: { partition: ref.partition, offset } },
  );
