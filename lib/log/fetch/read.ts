/**
 * Read: whole batches of partitions from an offset on, as they are in the heads given.
 *
 *   heads ── locate, in parallel ──► entries ── deal ──► spans of all ── GETs ──► batches ── deal ──► answers
 *
 * What is dealt, and that at least one batch is: `budget.ts`. What happens when a head has moved on:
 * `follow.ts`.
 */
import type { PartitionRef } from '../../model/ids.ts';
import type { Head } from '../../storage/keys/head.ts';
import type { ItemStore } from '../../storage/ports.ts';
import { walKey } from '../wal.ts';
import { endOfBatch, openEntry } from './batches.ts';
import { budgetOf } from './budget.ts';
import { following, type ReadTarget } from './follow.ts';
import type { LocatedEntry, Locator } from './locate.ts';
import type { ObjectReader, ObjectSpan } from './objects.ts';

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

type Opened = { readonly target: ReadTarget; readonly batches: readonly Uint8Array[] };

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
      following(reading.items, target, (current) => plan(reading.locator, current)),
    ),
  );
  const results = await readPlans(reading, plans, maxBytes);
  const wasted = results.some((result, at) => isError(result) && !isError(plans[at]!));
  if (!wasted || results.some((result) => !isError(result) && result.batches.length > 0)) {
    return results;
  }
  // All that could be read may have been kept from those behind by what could not: they have a turn without it.
  const readable = results.map((result, at) => (isError(result) ? result : plans[at]!));
  return readPlans(reading, readable, maxBytes);
};

/** Locates what is to be read, up to the target's own `maxBytes`, one entry at least. */
const plan = async (locator: Locator, target: ReadTarget): Promise<Plan> => {
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

/** Reads what the budget allows of each plan, and lets out what it allows of that. */
const readPlans = async (
  reading: Reading,
  plans: readonly (Plan | Error)[],
  maxBytes: number,
): Promise<readonly (ReadResult | Error)[]> => {
  const toRead = budgetOf(maxBytes, 'divisible');
  const affordable = plans.map((one): Plan | Error => {
    if (isError(one)) return one;
    const { target, wanted } = one;
    const sizeOf = (located: LocatedEntry): number => bytesFrom(located, target.offset);
    return { target, wanted: toRead.deal(wanted, target.maxBytes, sizeOf) };
  });
  const opened = await openAll(reading, affordable);
  const toLetOut = budgetOf(maxBytes, 'whole');
  return opened.map((one, index): ReadResult | Error => {
    if (isError(one)) return one;
    const { ref, head, offset } = one.target;
    const from = one.batches.findIndex((batch) => endOfBatch(batch) > offset);
    const { maxBytes: most } = (plans[index] as Plan).target;
    const batches = toLetOut.deal(from < 0 ? [] : one.batches.slice(from), most, lengthOf);
    return { ref, batches, sizeBytes: batches.reduce((sum, one) => sum + one.length, 0), head };
  });
};

const isError = <T extends object>(outcome: T | Error): outcome is Error =>
  outcome instanceof Error;

const lengthOf = (batch: Uint8Array): number => batch.length;

/** Opens the entries of all plans: GETs of one object are joined across partitions. */
const openAll = async (
  reading: Reading,
  plans: readonly (Plan | Error)[],
): Promise<readonly (Opened | Error)[]> => {
  const spans = plans.map((one) => (isError(one) ? [] : one.wanted.flatMap(spanOf)));
  const reads = reading.objects.read(spans.flat());
  let next = 0;
  return Promise.all(
    plans.map((one, index) => {
      if (isError(one)) return one;
      const own = reads.slice(next, next + spans[index]!.length);
      next += own.length;
      const { target, wanted } = one;
      const maxBytes = wanted.reduce((sum, located) => sum + bytesFrom(located, target.offset), 0);
      return following(reading.items, target, async (current) =>
        current === target
          ? { target, batches: await inOrder(wanted, own) }
          : openFresh(reading, await plan(reading.locator, { ...current, maxBytes })),
      );
    }),
  );
};

/** Opens a plan that was made anew, on its own. */
const openFresh = async ({ objects }: Reading, { target, wanted }: Plan): Promise<Opened> => ({
  target,
  batches: await openEntries(objects, wanted),
});

/**
 * The batches of entries, with their real offsets.
 * @throws BlobMissing, StoreError, CORRUPT_STORE naming what is damaged
 */
export const openEntries = (
  objects: ObjectReader,
  wanted: readonly LocatedEntry[],
): Promise<readonly Uint8Array[]> => inOrder(wanted, objects.read(wanted.flatMap(spanOf)));

/** Puts what is read from objects and what lies in the entries themselves in order. */
const inOrder = async (
  wanted: readonly LocatedEntry[],
  reads: readonly Promise<readonly Uint8Array[]>[],
): Promise<readonly Uint8Array[]> => {
  const read = await Promise.all(reads);
  let next = 0;
  return wanted.flatMap(({ entry, base }) =>
    'inline' in entry.place
      ? openEntry(new Uint8Array(entry.place.inline), entry, base, 'its entry in the table')
      : read[next++]!,
  );
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
