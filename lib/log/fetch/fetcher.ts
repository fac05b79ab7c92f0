/**
 * Fetcher: the reads of a process, with the long poll.
 *
 *   strong read of the heads ─► enough, an error, or no time left? ─► answer
 *        ▲                            │ no
 *        │ woken: strong              ▼
 *        └──────────────────── wait: a local commit, or a growing pause (then an eventual read)
 *
 * An eventual read may be behind but never wrong: a head that a reader has seen is not taken back for an
 * older one, and what fails is told by strong reads alone.
 */
import type { PartitionRef } from '../../model/ids.ts';
import {
  DEFAULT_CACHE_BYTES,
  DEFAULT_FETCH_MAX_BYTES,
  FIRST_POLL_PAUSE_MS,
  MAX_POLL_PAUSE_MS,
  ROWS_SHARE_OF_CACHE,
} from '../../model/limits.ts';
import type { Runtime } from '../../model/runtime.ts';
import { splitBatches } from '../../record/batches.ts';
import { type Head, partitionKey } from '../../storage/keys/head.ts';
import type { BlobStore, ItemStore } from '../../storage/ports.ts';
import type { Group } from '../append/group.ts';
import { walKey } from '../wal.ts';
import { giveOffsets } from './batches.ts';
import type { ReadTarget } from './follow.ts';
import { newerHead, offsetOutOfRange, readHeads } from './heads.ts';
import { locator } from './locate.ts';
import { notifier } from './notifier.ts';
import { objectReader } from './objects.ts';
import { type Reading, readPartitions } from './read.ts';

/** Where to read from: an offset, or the start or end as it is when the fetch begins. */
export interface FetchPosition {
  readonly ref: PartitionRef;
  readonly offset: number | 'earliest' | 'latest';
  /** Default: that of the whole fetch. */
  readonly maxBytes?: number;
}

/** Times in ms, sizes in bytes over all positions. Defaults: no wait, 1 byte, 1 MiB. `signal` ends the wait early. */
export interface FetchLimits {
  readonly maxWaitMs?: number;
  readonly minBytes?: number;
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

/** Of one partition: batches with their real offsets and the head they were read by, or an error. */
export type Fetched =
  | {
      readonly offset: number;
      readonly batches: readonly Uint8Array[];
      readonly sizeBytes: number;
      readonly head: Head;
    }
  | { readonly error: Error };

export interface Fetcher {
  /**
   * One result a position, in their order; `maxBytes` is dealt in that order too. A batch larger than it
   * is returned when it is the first of all; behind others it waits until its position is asked for first,
   * so a reader of many goes through them by turns. Never rejects.
   */
  fetch(positions: readonly FetchPosition[], limits?: FetchLimits): Promise<readonly Fetched[]>;
  /** To be told of every commit of this process: keeps its batches at hand and wakes who waits for them. */
  committed(ref: PartitionRef, group: Group, baseOffset: number): void;
  /** What its reads go through, with the rows and batches kept in memory: for the other reads of the process. */
  readonly reading: Reading;
}

export interface FetcherOptions {
  readonly items: ItemStore;
  readonly blobs: BlobStore;
  readonly runtime: Runtime;
  /** Memory for batches and rows of logs, bytes. Default 64 MiB. */
  readonly cacheBytes?: number;
}

/** A position as a fetch stands at it: what was seen of its head so far. */
interface Standing extends FetchPosition {
  readonly seen?: Head;
}

export const createFetcher = (options: FetcherOptions): Fetcher => {
  const { items, blobs, runtime, cacheBytes = DEFAULT_CACHE_BYTES } = options;
  const rowBytes = cacheBytes * ROWS_SHARE_OF_CACHE;
  const reading: Reading = {
    items,
    locator: locator(items, rowBytes),
    objects: objectReader(blobs, cacheBytes - rowBytes),
  };
  const commits = notifier();

  const readOnce = async (
    positions: readonly Standing[],
    maxBytes: number,
    consistent: boolean,
  ): Promise<readonly Fetched[]> => {
    const refs = positions.map(({ ref }) => ref);
    const heads = await readHeads(items, refs, consistent);
    const targets = positions.map((position, index): ReadTarget | Error => {
      const read = heads[index]!;
      if (read instanceof Error) return read;
      const { ref, seen } = position;
      const head = newerHead(read, seen);
      const offset = standAt(position.offset, head);
      if (offset < head.start || offset > head.end) {
        return offsetOutOfRange(ref.partition, offset, head);
      }
      return { ref, head, offset, maxBytes: position.maxBytes ?? maxBytes };
    });
    const readable = targets.filter((target): target is ReadTarget => !(target instanceof Error));
    const read = await readPartitions(reading, readable, maxBytes);
    let next = 0;
    return targets.map((target): Fetched => {
      if (target instanceof Error) return { error: target };
      const result = read[next++]!;
      return result instanceof Error ? { error: result } : { offset: target.offset, ...result };
    });
  };

  return {
    reading,
    fetch: async (positions, limits = {}) => {
      const { maxWaitMs = 0, minBytes = 1, maxBytes = DEFAULT_FETCH_MAX_BYTES, signal } = limits;
      const deadlineMs = runtime.monotonicMs() + maxWaitMs;
      const watch = commits.watch(positions.map(({ ref }) => partitionKey(ref)));
      // A reader cannot be made to wait for more than it takes.
      const enoughBytes = Math.min(minBytes, Math.max(1, maxBytes));
      let from: readonly Standing[] = positions;
      let consistent = true;
      let pauseMs = FIRST_POLL_PAUSE_MS;
      try {
        for (;;) {
          watch.reset();
          const results = await readOnce(from, maxBytes, consistent).catch((error: Error) =>
            positions.map((): Fetched => ({ error })),
          );
          const failed = results.some((result) => 'error' in result);
          if (failed && !consistent) {
            consistent = true;
            continue;
          }
          const leftMs = deadlineMs - runtime.monotonicMs();
          const enough = failed || bytesIn(results) >= enoughBytes;
          if (enough || leftMs <= 0 || signal?.aborted) return results;
          // "latest" is where the log ended when the fetch began.
          from = positions.map((position, index) => ({
            ...position,
            ...standing(results[index]!),
          }));
          consistent = await waited(watch.changed(), Math.min(pauseMs, leftMs), signal);
          pauseMs = Math.min(pauseMs * 2, MAX_POLL_PAUSE_MS);
        }
      } finally {
        watch.stop();
      }
    },
    committed: (ref, group, baseOffset) => {
      let offset = baseOffset;
      for (const runs of group.runsOfEntry) {
        const batches: Uint8Array[] = [];
        const first = runs[0]!;
        for (const { run } of runs) {
          if (first.place !== 'inline') batches.push(...splitBatches(run.bytes).batches);
        }
        if (first.place !== 'inline') {
          giveOffsets(batches, offset);
          const { objectId, position } = first.place;
          reading.objects.remember({ key: walKey(objectId), start: position }, batches);
        }
        offset += runs.reduce((sum, { run }) => sum + run.recordCount, 0);
      }
      commits.notify(partitionKey(ref));
    },
  };

  /** Whether a local commit ended the wait, and not the pause. */
  async function waited(
    changed: Promise<void>,
    pauseMs: number,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const stop = new AbortController();
    const abort = (): void => stop.abort();
    signal?.addEventListener('abort', abort, { once: true });
    const woken = await Promise.race([
      changed.then(() => true),
      runtime.sleep(pauseMs, stop.signal).then(() => false),
    ]);
    stop.abort();
    signal?.removeEventListener('abort', abort);
    return woken;
  }
};

const standAt = (offset: FetchPosition['offset'], head: Head): number =>
  offset === 'earliest' ? head.start : offset === 'latest' ? head.end : offset;

const standing = (fetched: Fetched): Partial<Standing> =>
  'error' in fetched ? {} : { offset: fetched.offset, seen: fetched.head };

const bytesIn = (results: readonly Fetched[]): number =>
  results.reduce((sum, result) => sum + ('error' in result ? 0 : result.sizeBytes), 0);
