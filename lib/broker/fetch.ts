/**
 * Fetch: find the partitions that are named, read them, tell each one's outcome.
 */

import { endOfBatch } from '../log/fetch/batches.ts';
import type { Fetched, Fetcher, FetchPosition } from '../log/fetch/fetcher.ts';
import { storageFailure } from '../log/storage-errors.ts';
import { StratalogError } from '../model/errors.ts';
import type { FetchPartition, FetchPartitionResult, FetchRequest } from './api.ts';
import { dropStale, findPartition } from './partitions.ts';
import type { TopicCache } from './topic-cache.ts';

/** What fetching needs of the process. */
export interface Fetching {
  readonly fetcher: Fetcher;
  readonly topics: TopicCache;
}

/** One answer a partition, in order; never rejects for one of them. */
export const fetch = async (
  fetching: Fetching,
  request: FetchRequest,
): Promise<readonly FetchPartitionResult[]> => {
  const results = await fetchOnce(fetching, request);
  const stale = dropStale(fetching.topics, request.partitions, results);
  // As a whole: what is read of one partition is dealt from what the others left.
  return stale.length === 0 ? results : fetchOnce(fetching, request);
};

const fetchOnce = async (
  { fetcher, topics }: Fetching,
  request: FetchRequest,
): Promise<readonly FetchPartitionResult[]> => {
  const found = await Promise.all(request.partitions.map((wanted) => positionOf(topics, wanted)));
  const positions = found.filter(
    (position): position is FetchPosition => !(position instanceof StratalogError),
  );
  const { partitions: _, ...limits } = request;
  // A partition that cannot be read is told at once: nobody waits beside it.
  const waits = positions.length === found.length ? limits : { ...limits, maxWaitMs: 0 };
  const fetched = await fetcher.fetch(positions, waits);
  let next = 0;
  return found.map((position, index) => {
    const wanted = request.partitions[index]!;
    return position instanceof StratalogError
      ? failed(wanted, position)
      : answer(wanted, fetched[next++]!);
  });
};

const positionOf = async (
  topics: TopicCache,
  wanted: FetchPartition,
): Promise<FetchPosition | StratalogError> => {
  const found = await findPartition(topics, wanted);
  if (found instanceof StratalogError) return found;
  const { offset, maxBytes } = wanted;
  return { ref: found.ref, offset, ...(maxBytes === undefined ? {} : { maxBytes }) };
};

const answer = (wanted: FetchPartition, fetched: Fetched): FetchPartitionResult => {
  if ('error' in fetched) {
    return failed(wanted, storageFailure(fetched.error, 'The partition could not be read', 'none'));
  }
  const { head, batches, offset } = fetched;
  const last = batches.at(-1);
  return {
    topic: wanted.topic,
    partition: wanted.partition,
    batches,
    nextOffset: last === undefined ? offset : endOfBatch(last),
    highWatermark: head.end,
    lastStableOffset: Math.min(head.end, ...Object.values(head.open)),
    logStartOffset: head.start,
    abortedTransactions: [],
  };
};

const failed = (
  { topic, partition }: FetchPartition,
  error: StratalogError,
): FetchPartitionResult => ({
  topic,
  partition,
  batches: [],
  nextOffset: -1,
  highWatermark: (error.context.logEndOffset as number | undefined) ?? -1,
  lastStableOffset: -1,
  logStartOffset: (error.context.logStartOffset as number | undefined) ?? -1,
  abortedTransactions: [],
  error,
});
