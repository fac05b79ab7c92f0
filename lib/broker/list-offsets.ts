/**
 * List offsets: the ends of partitions, and where their records of a time are.
 */
import { timestampAfterMaxMs } from '../log/configs.ts';
import type { TimedOffset } from '../log/fetch/by-time.ts';
import type { Reading } from '../log/fetch/read.ts';
import { listOffsets as lookUp, type OffsetQuery } from '../log/offsets.ts';
import { storageFailure } from '../log/storage-errors.ts';
import { StratalogError } from '../model/errors.ts';
import type { Runtime } from '../model/runtime.ts';
import type { Topic } from '../storage/keys/topic.ts';
import type { ListOffsetsPartition, ListOffsetsRequest, ListOffsetsResult } from './api.ts';
import { askingAgain, findPartition } from './partitions.ts';
import type { TopicCache } from './topic-cache.ts';

/** What looking offsets up needs of the process. */
export interface Listing {
  readonly reading: Reading;
  readonly topics: TopicCache;
  readonly runtime: Runtime;
}

/** One answer a partition, in order; what is wrong with one harms no other. Never rejects. */
export const listOffsets = (
  listing: Listing,
  request: ListOffsetsRequest,
): Promise<readonly ListOffsetsResult[]> =>
  askingAgain(listing.topics, request.partitions, (wanted) => listOnce(listing, wanted));

const listOnce = async (
  { reading, topics, runtime }: Listing,
  wanted: readonly ListOffsetsPartition[],
): Promise<readonly ListOffsetsResult[]> => {
  const now = runtime.now();
  const queries = await Promise.all(wanted.map((one) => queryOf(topics, one, now)));
  const legal = queries.filter((query): query is OffsetQuery => !(query instanceof StratalogError));
  const found = await lookUp(reading, legal);
  let next = 0;
  return wanted.map(({ topic, partition }, index) => {
    const query = queries[index]!;
    return { topic, partition, ...told(query instanceof StratalogError ? query : found[next++]!) };
  });
};

const queryOf = async (
  topics: TopicCache,
  wanted: ListOffsetsPartition,
  now: number,
): Promise<OffsetQuery | StratalogError> => {
  const found = await findPartition(topics, wanted);
  if (found instanceof StratalogError) return found;
  const { at } = wanted;
  if (typeof at === 'object' && !isLegal(at.timestamp, found.topic, now)) {
    return illegalTimestamp(at.timestamp, found.topic, now);
  }
  return { ref: found.ref, at };
};

/** Nothing is taken that is later than this: who asks for more has mistaken the unit. */
const latestLegal = ({ configs }: Topic, now: number): number => now + timestampAfterMaxMs(configs);

const isLegal = (timestamp: number, topic: Topic, now: number): boolean =>
  Number.isSafeInteger(timestamp) && timestamp >= 0 && timestamp <= latestLegal(topic, now);

const illegalTimestamp = (timestamp: number, topic: Topic, now: number): StratalogError => {
  const latest = latestLegal(topic, now);
  return new StratalogError(
    'INVALID_TIMESTAMP',
    `The timestamp is ${timestamp}; it takes whole milliseconds since 1970 from 0 to ${latest}, which is now and what the topic's message.timestamp.after.max.ms adds.`,
    { context: { timestamp, latest } },
  );
};

const told = (found: TimedOffset | Error): Omit<ListOffsetsResult, 'topic' | 'partition'> =>
  found instanceof Error
    ? {
        offset: -1,
        timestamp: -1,
        error: storageFailure(found, 'The partition could not be searched', 'none'),
      }
    : { offset: found.offset, timestamp: found.timestamp };
