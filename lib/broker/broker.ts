/**
 * The service over two stores: what every surface calls, in Lambda and on a laptop alike.
 */
import { createGroupOffsets } from '../groups/offsets.ts';
import { Appender } from '../log/append/appender.ts';
import { createFetcher } from '../log/fetch/fetcher.ts';
import { createProducerIds } from '../log/producer-ids.ts';
import { addPartitions } from '../log/topics/add-partitions.ts';
import { alterConfigs } from '../log/topics/alter.ts';
import { createTopic } from '../log/topics/create.ts';
import { deleteTopic } from '../log/topics/delete.ts';
import type { Effect } from '../model/errors.ts';
import type { TopicName } from '../model/ids.ts';
import { type Runtime, systemRuntime } from '../model/runtime.ts';
import { FLOOR_KEY } from '../storage/keys/counter.ts';
import type { Topic } from '../storage/keys/topic.ts';
import type { BlobStore, ItemStore } from '../storage/ports.ts';
import type { Broker } from './api.ts';
import { createClusterDescriber } from './cluster.ts';
import { deleteRecords } from './delete-records.ts';
import { fetch } from './fetch.ts';
import { commitOffsets, fetchOffsets } from './group-offsets.ts';
import { listOffsets } from './list-offsets.ts';
import { produce } from './produce.ts';
import { afterwards, telling } from './storage-errors.ts';
import { topicCache } from './topic-cache.ts';
import { describe, limitsOf, listPage } from './topics.ts';

export interface BrokerOptions {
  readonly items: ItemStore;
  readonly blobs: BlobStore;
  /** Default: the process's own. */
  readonly runtime?: Runtime;
  /** How long appends wait for others to share an object with, ms. Default 0. */
  readonly lingerMs?: number;
  /** Batches kept in memory for readers. Default 64 MiB. */
  readonly cacheBytes?: number;
  /** For processes that freeze between calls (Lambda): nothing is left to do when a call has answered. */
  readonly freezes?: boolean;
}

export const createBroker = (options: BrokerOptions): Broker => {
  const { items, blobs, runtime = systemRuntime, lingerMs = 0, freezes = false } = options;
  const { cacheBytes } = options;
  const fetcher = createFetcher({
    items,
    blobs,
    runtime,
    ...(cacheBytes === undefined ? {} : { cacheBytes }),
  });
  const appender = new Appender({
    items,
    blobs,
    runtime,
    lingerMs,
    answerAfterRoll: freezes,
    committed: fetcher.committed,
  });
  const topics = topicCache(items, runtime);
  const offsets = createGroupOffsets(items, runtime);
  const producerIds = createProducerIds(items, runtime);
  const describeCluster = createClusterDescriber(items, runtime);

  /** Changes what has a name; `effect`: of a store's failure that the change does not tell itself. */
  const changing = <T>(name: TopicName, effect: Effect, change: () => Promise<T>): Promise<T> =>
    telling(effect, change).finally(() => topics.drop(name));
  const describing = async (changed: Promise<Topic>) => {
    const topic = await changed;
    return afterwards(() => describe(items, topic));
  };

  return {
    createTopic: ({ name, partitions, configs = {} }) =>
      describing(
        changing(name, 'unknown', () => createTopic(items, runtime, { name, partitions, configs })),
      ),
    listTopics: (request = {}) => telling('none', () => listPage(items, request)),
    describeTopic: (name) =>
      telling('none', async () => {
        topics.drop(name);
        return describe(items, await topics.find(name));
      }),
    deleteTopic: (name) => changing(name, 'unknown', () => deleteTopic(items, runtime, name)),
    alterConfigs: ({ topic, set = {}, reset = [] }) =>
      describing(
        changing(topic, 'none', () => alterConfigs(items, runtime, topic, { set, reset })),
      ),
    addPartitions: ({ topic, partitions }) =>
      describing(changing(topic, 'none', () => addPartitions(items, runtime, topic, partitions))),
    topicLimits: (name) =>
      telling('none', async () => {
        const topic = await topics.find(name);
        return limitsOf(topic);
      }),
    produce: (request) => telling('none', () => produce({ appender, topics, runtime }, request)),
    fetch: (request) => telling('none', () => fetch({ fetcher, topics }, request)),
    listOffsets: (request) =>
      telling('none', () => listOffsets({ reading: fetcher.reading, topics, runtime }, request)),
    deleteRecords: (request) =>
      telling('none', () => deleteRecords({ reading: fetcher.reading, topics, runtime }, request)),
    commitOffsets: (request) => telling('none', () => commitOffsets({ offsets, topics }, request)),
    fetchOffsets: (request) => telling('none', () => fetchOffsets({ offsets, topics }, request)),
    initProducer: () =>
      telling('none', async () => ({ producerId: await producerIds.next(), producerEpoch: 0 })),
    describeCluster: () => telling('none', describeCluster),
    checkHealth: () =>
      telling('none', async () => {
        await items.get(FLOOR_KEY);
      }),
    close: () => appender.settled(),
  };
};
