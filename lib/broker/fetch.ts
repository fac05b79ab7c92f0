/**
 * Fetch: find the partitions that are named, read them, tell each one's outcome.
 */

import { endOfBatch } from '../log/fetch/batches.ts';
import type { Fetched, Fetcher, FetchPosition } from '../log/fetch/fetcher.ts';
import { storageFailure } from '../log/storage-errors.ts';
import { StratalogError } from '../model/errors.ts';
import type { FetchPartition, FetchPartitionResult, FetchRequest } from './api.ts';
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
  const stale = results.filter(({ error }) => error?.code === 'UNKNOWN_TOPIC_OR_PARTITION');
  if (stale.length === 0) return results;
  // What is believed of the topic may be old: it was made again, or grew.
  for (const { topic } of stale) fetching.topics.drop(topic);
  return fetchOnce(fetching, request);
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
  { topic: name, partition, offset, maxBytes }: FetchPartition,
): Promise<FetchPosition | StratalogError> => {
  try {
    const topic = await topics.find(name);
    if (!Number.isInteger(partition) || partition < 0 || partition >= topic.partitions) {
      return new StratalogError(
        'UNKNOWN_TOPIC_OR_PARTITION',
        `The topic ${name} has partitions 0 to ${topic.partitions - 1}; there is no partition ${partition}.`,
        { context: { topic: name, partition } },
      );
    }
    const ref = { topicId: topic.id, partition };
    return maxBytes === undefined ? { ref, offset } : { ref, offset, maxBytes };
  } catch (error) {
    return storageFailure(error, 'The topic could not be looked up', 'none');
  }
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
