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
import { CHUNKS_PER_QUERY } from '../../model/limits.ts';
import type { Item, ItemKey } from '../../storage/algebra.ts';
import { type Chunk, chunkSortKey, readChunk } from '../../storage/keys/chunk.ts';
import { type Head, headKey, partitionKey } from '../../storage/keys/head.ts';
import type { ItemStore } from '../../storage/ports.ts';
import { type Entry, entryOf, requireEntries } from '../entry.ts';

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
   * @param sinceMs entries are passed over whose records are all older than this, by what they claim
   * @throws Moved, StoreError
   */
  entriesFrom(
    ref: PartitionRef,
    head: Head,
    offset: number,
    sinceMs?: number,
  ): AsyncGenerator<LocatedEntry>;
}

/** `cacheBytes`: how much memory chunks are kept in. */
export const locator = (items: ItemStore, cacheBytes: number): Locator => {
  // A chunk never changes, and a head decides whether it counts: it can be kept as long as there is room.
  // By its base for who reads on, and the one used last by its partition alone: in the middle of it, as a
  // rule, the last reader stopped and the next goes on.
  const chunks = new LRUCache<string, Chunk>({
    maxSize: Math.max(1, Math.floor(cacheBytes)),
    sizeCalculation: chunkBytes,
  });
  const idOf = (pk: string, base: number): string => `${pk}@${base}`;

  /** The chunk that holds `offset`, which lies in [sealed, tailStart); `isBase`: and begins there. */
  const chunkAt = async (
    ref: PartitionRef,
    head: Head,
    offset: number,
    isBase: boolean,
  ): Promise<Chunk> => {
    const pk = partitionKey(ref);
    const holds = ({ base, end }: Chunk): boolean =>
      head.sealed <= base && base <= offset && offset < end;
    const known = [chunks.get(idOf(pk, offset)), chunks.get(pk)].find(
      (chunk) => chunk !== undefined && holds(chunk),
    );
    const chunk =
      known ?? (isBase ? await rowsFrom(pk, head, offset) : await rowAt(pk, head, offset));
    if (chunk === undefined || !holds(chunk)) throw new Moved(ref, offset);
    chunks.set(pk, chunk);
    return chunk;
  };

  const open = (row: Item): Chunk => {
    const chunk = readChunk(row);
    requireEntries(row, chunk.entries, chunk.base, chunk.end);
    chunks.set(idOf(row.pk, chunk.base), chunk);
    return chunk;
  };

  const readRows = async (...query: Parameters<ItemStore['query']>): Promise<Chunk | undefined> => {
    const [first, ...behind] = await items.query(...query);
    const chunk = first && open(first);
    try {
      behind.forEach(open);
    } catch {
      // Told when it is located: the records before it can be read.
    }
    return chunk;
  };

  /** The last row that begins at or below `offset`. */
  const rowAt = (pk: string, { sealed }: Head, offset: number): Promise<Chunk | undefined> =>
    readRows(pk, chunkSortKey(sealed), chunkSortKey(offset), { limit: 1, reverse: true });

  /** The row at `base`; those after it are read with it, so that they are there when located. */
  const rowsFrom = (pk: string, { tailStart }: Head, base: number): Promise<Chunk | undefined> =>
    readRows(pk, chunkSortKey(base), chunkSortKey(tailStart - 1), { limit: CHUNKS_PER_QUERY });

  return {
    async *entriesFrom(ref, head, offset, sinceMs = Number.NEGATIVE_INFINITY) {
      let at = offset;
      while (at < head.tailStart) {
        if (at < head.sealed) throw sealedByNewer(ref, at);
        const chunk = await chunkAt(ref, head, at, at !== offset);
        if (chunk.maxTimestamp >= sinceMs) {
          const key = { pk: partitionKey(ref), sk: chunkSortKey(chunk.base) };
          yield* within(key, chunk.entries, chunk.base, at, sinceMs);
        }
        at = chunk.end;
      }
      yield* within(headKey(ref), head.tail, head.tailStart, at, sinceMs);
    },
  };
};

/** About what a chunk takes in memory, and each of its entries beside its bytes. */
const CHUNK_BYTES = 256;
const ENTRY_BYTES = 128;

const chunkBytes = ({ entries }: Chunk): number =>
  entries.reduce((sum, entry) => sum + entry.length + ENTRY_BYTES, CHUNK_BYTES);

/** The entries that an item lists from `base` on, from the one that holds `offset` on, that claim to be as new as `sinceMs`. */
function* within(
  key: ItemKey,
  entries: readonly Uint8Array[],
  base: number,
  offset: number,
  sinceMs: number,
): Generator<LocatedEntry> {
  let at = base;
  for (const bytes of entries) {
    const entry = entryOf(key, bytes);
    const reaches = at + entry.recordCount > offset;
    if (reaches && entry.maxTimestamp >= sinceMs) yield { entry, base: at };
    at += entry.recordCount;
  }
}

const sealedByNewer = (ref: PartitionRef, offset: number): StratalogError =>
  new StratalogError(
    'CORRUPT_STORE',
    `Offset ${offset} of partition ${ref.partition} is in a sealed segment, which this release does not read. Upgrade it.`,
    { context: { partition: ref.partition, offset } },
  );
