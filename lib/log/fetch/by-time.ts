/**
 * By time: the first record of a partition at or after a time, and the one with the latest timestamp.
 *
 *   rows       [≤ 40] [≤ 90] [≤ 70] …       passed over by the largest timestamp that each claims
 *   entries           │≤ 12 │ ≤ 90 │ ≤ 30│  and again
 *   batches                 │ ≤ 90 │        opened when the header claims it too
 *   records                  85 90          what counts: the first that is new enough
 *
 * Timestamps are what producers wrote, in any order. What a row, an entry or a header claims is taken for
 * the most that its records may have; a claim that no record bears out is none, and the search goes on.
 * Records below the log start offset are not in the log.
 */
import { StratalogError } from '../../model/errors.ts';
import type { PartitionRef } from '../../model/ids.ts';
import { decodeRecords } from '../../record/decode.ts';
import { readHeader } from '../../record/header.ts';
import type { Head } from '../../storage/keys/head.ts';
import { endOfBatch } from './batches.ts';
import { following } from './follow.ts';
import type { LocatedEntry } from './locate.ts';
import { openEntries, type Reading } from './read.ts';

/** A record's place in the log, and its timestamp in ms. */
export interface TimedOffset {
  readonly offset: number;
  readonly timestamp: number;
}

/** There is no such record. */
export const NO_RECORD: TimedOffset = { offset: -1, timestamp: -1 };

/**
 * The first record at or after `sinceMs`, or `NO_RECORD`; an error when the log cannot be read so far,
 * as `following` tells it.
 */
export const firstSince = (
  { items, locator, objects }: Reading,
  ref: PartitionRef,
  head: Head,
  sinceMs: number,
): Promise<TimedOffset | Error> => {
  let reached = head.start;
  return following(
    items,
    { ref, head, offset: head.start },
    async (now) => {
      reached = Math.max(reached, now.offset);
      for await (const located of locator.entriesFrom(ref, now.head, reached, sinceMs)) {
        reached = Math.max(reached, located.base);
        for (const batch of await openEntries(objects, [located])) {
          if (readHeader(batch).maxTimestamp < sinceMs) continue;
          const found = recordsFrom(batch, now.offset).find((one) => one.timestamp >= sinceMs);
          if (found !== undefined) return found;
        }
      }
      return NO_RECORD;
    },
    'skipped',
  );
};

/** Entries that are kept while the log is gone through for those that claim the latest records. */
const CLAIMS_PER_PASS = 64;

/**
 * The first of the records with the latest timestamp, or `NO_RECORD`; an error as above. The log's rows
 * are gone through once, and again for every so many entries that claim more than they hold.
 */
export const latestRecord = (
  { items, locator, objects }: Reading,
  ref: PartitionRef,
  head: Head,
): Promise<TimedOffset | Error> =>
  following(
    items,
    { ref, head, offset: head.start },
    async (now) => {
      let best = NO_RECORD;
      for (let last: LocatedEntry | undefined; ; ) {
        const sinceMs = Math.max(0, best.timestamp);
        const entries = locator.entriesFrom(ref, now.head, now.offset, sinceMs);
        const claims = await highestClaims(entries, last);
        for (const located of claims) {
          // None of those that come after it can be better either.
          if (!isBefore(claimOf(located), best)) return best;
          for (const batch of await openEntries(objects, [located])) {
            if (readHeader(batch).maxTimestamp < best.timestamp) continue;
            for (const one of recordsFrom(batch, now.offset)) if (isBefore(one, best)) best = one;
          }
        }
        if (claims.length < CLAIMS_PER_PASS) return best;
        last = claims.at(-1);
      }
    },
    'skipped',
  );

/** The entries that claim the latest records, the earliest first among equals; of those after `last`. */
const highestClaims = async (
  entries: AsyncIterable<LocatedEntry>,
  last: LocatedEntry | undefined,
): Promise<readonly LocatedEntry[]> => {
  let claims: LocatedEntry[] = [];
  const prune = (): void => {
    claims = claims.sort(byClaim).slice(0, CLAIMS_PER_PASS);
  };
  for await (const located of entries) {
    if (last !== undefined && byClaim(located, last) <= 0) continue;
    claims.push(located);
    if (claims.length === 2 * CLAIMS_PER_PASS) prune();
  }
  prune();
  return claims;
};

const claimOf = ({ entry, base }: LocatedEntry): TimedOffset => ({
  offset: base,
  timestamp: entry.maxTimestamp,
});

/** Whether `one` is the later record, or as late and of a lower offset. */
const isBefore = (one: TimedOffset, other: TimedOffset): boolean =>
  one.timestamp > other.timestamp ||
  (one.timestamp === other.timestamp && one.offset < other.offset);

const byClaim = (left: LocatedEntry, right: LocatedEntry): number =>
  right.entry.maxTimestamp - left.entry.maxTimestamp || left.base - right.base;

/**
 * Offset and timestamp of the records of a batch from the offset `start` on. Of a batch whose records
 * cannot be read the header's word is taken: its first record stands for all, so that whoever begins
 * there misses none.
 */
const recordsFrom = (batch: Uint8Array, start: number): readonly TimedOffset[] => {
  if (endOfBatch(batch) <= start) return [];
  const header = readHeader(batch);
  try {
    return decodeRecords(batch, header).filter(({ offset }) => offset >= start);
  } catch (error) {
    if (!(error instanceof StratalogError)) throw error;
    return [{ offset: Math.max(start, header.baseOffset), timestamp: header.maxTimestamp }];
  }
};
