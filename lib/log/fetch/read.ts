/**
 * Read: whole batches of partitions from an offset on, as they are in the heads given.
 *
 *   heads ── locate, in parallel ──► entries ── budget ──► spans of all ── GETs ──► batches ── cut ──► answers
 *
 * The answers together hold at least one batch of the first partition that has any, even one above
 * the budget, so that a reader always gets on.
 */
import { StratalogError } from '../../model/errors.ts';
import type { PartitionRef } from '../../model/ids.ts';
import { type Head, headKey, readHead } from '../../storage/keys/head.ts';
import { BlobMissing, type ItemStore } from '../../storage/ports.ts';
import { walKey } from '../wal.ts';
import { endOfBatch, openEntry } from './batches.ts';
import { type LocatedEntry, type Locator, Moved } from './locate.ts';
import type { ObjectReader, ObjectSpan } from './objects.ts';

/** Where to read, with the head to read by. */
export interface ReadTarget {
  readonly ref: PartitionRef;
  readonly head: Head;
  /** From `start` to `end` of the head. */
  readonly offset: number;
  readonly maxBytes: number;
}

/** What was read of one partition; `head` is newer than the one asked with if that had moved on. */
export interface ReadResult {
  readonly ref: PartitionRef;
  readonly batches: readonly Uint8Array[];
  readonly sizeBytes: number;
  readonly head: Head;
}

/** What reading needs of the process. */
export interface Reading {
  readonly items: ItemStore;
  readonly locator: Locator;
  readonly objects: ObjectReader;
}

/** A target, and the entries to read for it. */
interface Plan {
  readonly target: ReadTarget;
  readonly wanted: readonly LocatedEntry[];
}

/**
 * Reads partitions, one result each in their order, `maxBytes` in all. A result is an error when the
 * partition could not be read: CORRUPT_STORE naming the object or row that is damaged or missing,
 * OFFSET_OUT_OF_RANGE or UNKNOWN_TOPIC_OR_PARTITION when it was deleted meanwhile, or what a store threw.
 */
export const readPartitions = async (
  reading: Reading,
  targets: readonly ReadTarget[],
  maxBytes: number,
): Promise<readonly (ReadResult | Error)[]> => {
  const plans = await Promise.all(
    targets.map((target) =>
      plan(reading, target).catch((error: Error) => replanned(reading, target, error)),
    ),
  );
  let room = maxBytes;
  const affordable = plans.map((one) => {
    if (one instanceof Error) return one;
    const wanted: LocatedEntry[] = [];
    for (const located of one.wanted) {
      if (room <= 0) break;
      wanted.push(located);
      room -= bytesFrom(located, one.target.offset);
    }
    return { ...one, wanted };
  });
  const opened = await openAll(reading, affordable);
  let left = maxBytes;
  let any = false;
  return opened.map((one) => {
    if (one instanceof Error) return one;
    const { ref, head, offset, maxBytes: most } = one.target;
    const batches: Uint8Array[] = [];
    let sizeBytes = 0;
    for (const batch of one.batches) {
      if (endOfBatch(batch) <= offset) continue;
      const fits = sizeBytes + batch.length <= Math.min(most, left);
      if (!fits && any) break;
      any = true;
      batches.push(batch);
      sizeBytes += batch.length;
      if (!fits) break;
    }
    left -= sizeBytes;
    return { ref, batches, sizeBytes, head };
  });
};

/** Locates what is to be read, up to the target's own `maxBytes`. */
const plan = async ({ locator }: Reading, target: ReadTarget): Promise<Plan> => {
  const { ref, head, offset, maxBytes } = target;
  const wanted: LocatedEntry[] = [];
  let room = maxBytes;
  if (offset < head.end) {
    for await (const located of locator.entriesFrom(ref, head, offset)) {
      wanted.push(located);
      room -= bytesFrom(located, offset);
      if (room <= 0) break;
    }
  }
  return { target, wanted };
};

/** About how many bytes of an entry lie at or above `offset`. */
const bytesFrom = ({ entry, base }: LocatedEntry, offset: number): number =>
  offset <= base
    ? entry.sizeBytes
    : (entry.sizeBytes * (base + entry.recordCount - offset)) / entry.recordCount;

/** A plan by a fresh head, after one that led to what is not there; an error if that leads there too. */
const replanned = async (
  reading: Reading,
  target: ReadTarget,
  problem: Error,
): Promise<Plan | Error> => {
  if (!(problem instanceof Moved || problem instanceof BlobMissing)) return problem;
  const { ref, offset } = target;
  try {
    const item = await reading.items.get(headKey(ref));
    if (item === undefined) return partitionUnknown(ref.partition);
    const head = readHead(item);
    if (offset < head.start) return offsetOutOfRange(ref.partition, offset, head);
    if (head.sealed === target.head.sealed && head.tailStart === target.head.tailStart) {
      return new StratalogError(
        'CORRUPT_STORE',
        `Records from offset ${offset} of partition ${ref.partition} on cannot be read: ${problem.message}.`,
        { context: { partition: ref.partition, offset }, cause: problem },
      );
    }
    const again = { ...target, head };
    return await plan(reading, again).catch((error: Error) => replanned(reading, again, error));
  } catch (error) {
    return error as Error;
  }
};

type Opened = { readonly target: ReadTarget; readonly batches: readonly Uint8Array[] };

/** Opens the entries of all plans: GETs of one object are joined across partitions. */
const openAll = async (
  reading: Reading,
  plans: readonly (Plan | Error)[],
): Promise<readonly (Opened | Error)[]> => {
  const spans = plans.map((one) => (one instanceof Error ? [] : one.wanted.flatMap(spanOf)));
  const reads = reading.objects.read(spans.flat());
  let first = 0;
  return Promise.all(
    plans.map(async (one, index) => {
      if (one instanceof Error) return one;
      const own = reads.slice(first, first + spans[index]!.length);
      first += own.length;
      try {
        return await openOne(one, await Promise.all(own));
      } catch (error) {
        const again = await replanned(reading, one.target, error as Error);
        return again instanceof Error ? again : (await openAll(reading, [again]))[0]!;
      }
    }),
  );
};

/** Puts what was read from objects and what lies in the entries themselves in order. */
const openOne = ({ target, wanted }: Plan, read: readonly (readonly Uint8Array[])[]): Opened => {
  let next = 0;
  const batches = wanted.flatMap(({ entry, base }) =>
    'inline' in entry.place
      ? openEntry(new Uint8Array(entry.place.inline), entry, base, 'its entry in the table')
      : read[next++]!,
  );
  return { target, batches };
};

const spanOf = ({ entry, base }: LocatedEntry): ObjectSpan[] => {
  if ('inline' in entry.place) return [];
  const { objectId, position } = entry.place;
  const key = walKey(objectId);
  const where = `object ${key}, bytes ${position} to ${position + entry.sizeBytes}`;
  return [
    {
      key,
      start: position,
      sizeBytes: entry.sizeBytes,
      prepare: (bytes) => openEntry(bytes, entry, base, where),
    },
  ];
};

/** Below `start` or above `end`; both are told. */
export const offsetOutOfRange = (partition: number, offset: number, head: Head): StratalogError =>
  new StratalogError(
    'OFFSET_OUT_OF_RANGE',
    `Offset ${offset} of partition ${partition} is not in the log, which goes from ${head.start} to ${head.end}. Begin at "earliest" or "latest".`,
    { context: { partition, offset, logStartOffset: head.start, logEndOffset: head.end } },
  );

/** No head: there is no such partition, or no more. */
export const partitionUnknown = (partition: number): StratalogError =>
  new StratalogError(
    'UNKNOWN_TOPIC_OR_PARTITION',
    `Partition ${partition} does not exist. Describe the topic to see which there are.`,
    { context: { partition } },
  );
