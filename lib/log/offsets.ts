/**
 * Offsets: where partitions begin and end, and where their records of a time are. All by strong reads.
 */
import type { PartitionRef } from '../model/ids.ts';
import type { Head } from '../storage/keys/head.ts';
import { inParallel } from '../storage/parallel.ts';
import { firstSince, latestRecord, type TimedOffset } from './fetch/by-time.ts';
import { readHeads } from './fetch/heads.ts';
import type { Reading } from './fetch/read.ts';

/** What is asked of a partition; `timestamp`: of the first record at or after it, ms. */
export interface OffsetQuery {
  readonly ref: PartitionRef;
  readonly at: 'earliest' | 'latest' | 'max-timestamp' | { readonly timestamp: number };
}

/** Partitions that are searched by time at once: each reads rows and objects. */
const SEARCHES_AT_ONCE = 8;

/**
 * One answer a query, in their order: −1 and −1 where there is no such record, an error where the
 * partition cannot be read. The two ends have no timestamp: −1. Never rejects.
 */
export const listOffsets = async (
  reading: Reading,
  queries: readonly OffsetQuery[],
): Promise<readonly (TimedOffset | Error)[]> => {
  const refs = queries.map(({ ref }) => ref);
  const heads = await readHeads(reading.items, refs, true).catch((error: Error) =>
    refs.map(() => error),
  );
  const answers = Array<TimedOffset | Error>(queries.length);
  await inParallel([...queries.entries()], SEARCHES_AT_ONCE, async ([index, query]) => {
    const head = heads[index]!;
    answers[index] = head instanceof Error ? head : await answer(reading, query, head);
  });
  return answers;
};

const answer = async (
  reading: Reading,
  { ref, at }: OffsetQuery,
  head: Head,
): Promise<TimedOffset | Error> => {
  switch (at) {
    case 'earliest':
      return { offset: head.start, timestamp: -1 };
    case 'latest':
      return { offset: head.end, timestamp: -1 };
    case 'max-timestamp':
      return latestRecord(reading, ref, head);
    default:
      return firstSince(reading, ref, head, at.timestamp);
  }
};
