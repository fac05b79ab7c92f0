/**
 * Services that are wrong in one way each: what the comparison with the model must notice.
 */
import type { Broker, FetchPartitionResult, ProducePartitionResult } from '../../lib/broker/api.ts';
import { StratalogError } from '../../lib/model/errors.ts';
import type { PlanName } from './plans.ts';

export interface Mutant {
  /** Calls that meet what is wrong. */
  readonly plans: readonly PlanName[];
  readonly wrap: (broker: Broker) => Broker;
}

const producing =
  (change: (result: ProducePartitionResult) => ProducePartitionResult) =>
  (broker: Broker): Broker => ({
    ...broker,
    produce: async (request) => (await broker.produce(request)).map(change),
  });

const fetching =
  (change: (result: FetchPartitionResult) => FetchPartitionResult) =>
  (broker: Broker): Broker => ({
    ...broker,
    fetch: async (request) => (await broker.fetch(request)).map(change),
  });

const toldAs = (error: StratalogError, code: StratalogError['code']): StratalogError =>
  new StratalogError(code, error.message, { context: error.context, effect: error.effect });

/** By what is wrong. */
export const MUTANTS: Readonly<Record<string, Mutant>> = {
  'tells offsets one too high after the third record': {
    plans: ['produceRecords'],
    wrap: producing((result) => ({
      ...result,
      baseOffsets: result.baseOffsets.map((offset) => (offset > 2 ? offset + 1 : offset)),
    })),
  },

  'acknowledges a second partition without writing it': {
    plans: ['produceShares', 'fetchMany'],
    wrap: (broker) => ({
      ...broker,
      produce: async (request) => {
        const [first, ...others] = request.partitions;
        const [result] = await broker.produce({ ...request, partitions: first ? [first] : [] });
        return [result!, ...others.map(({ partition }) => ({ ...result!, partition }))];
      },
    }),
  },

  'takes an old epoch for a gap': {
    plans: ['produceIdempotent'],
    wrap: producing((result) =>
      result.error?.code === 'INVALID_PRODUCER_EPOCH'
        ? { ...result, error: toldAs(result.error, 'OUT_OF_ORDER_SEQUENCE_NUMBER') }
        : result,
    ),
  },

  'tells that nothing happened where some did': {
    plans: ['produceIdempotent'],
    wrap: producing((result) =>
      result.error?.effect === 'unknown'
        ? {
            ...result,
            error: new StratalogError(result.error.code, '', { context: result.error.context }),
          }
        : result,
    ),
  },

  'forgets the time of append': {
    plans: ['produceShares'],
    wrap: producing((result) => ({ ...result, logAppendTime: -1 })),
  },

  'leaves out the last of several batches': {
    plans: ['produceShares', 'fetchMany'],
    wrap: fetching((result) =>
      result.batches.length > 1 ? { ...result, batches: result.batches.slice(0, -1) } : result,
    ),
  },

  'tells the end one record late': {
    plans: ['produceShares', 'fetchPartition'],
    wrap: fetching((result) => ({
      ...result,
      highWatermark: Math.max(0, result.highWatermark - 1),
    })),
  },

  'reads from the beginning where an offset is out of range': {
    plans: ['produceShares', 'fetchPartition'],
    wrap: (broker) => ({
      ...broker,
      fetch: async (request) => {
        const results = await broker.fetch(request);
        if (!results.some(({ error }) => error?.code === 'OFFSET_OUT_OF_RANGE')) return results;
        const partitions = request.partitions.map((one) => ({
          ...one,
          offset: 'earliest' as const,
        }));
        return broker.fetch({ ...request, partitions });
      },
    }),
  },

  'does not store configs': {
    plans: ['createTopic'],
    wrap: (broker) => ({
      ...broker,
      createTopic: ({ configs: _, ...request }) => broker.createTopic(request),
    }),
  },

  'makes one partition too few': {
    plans: ['createTopic'],
    wrap: (broker) => ({
      ...broker,
      createTopic: (request) =>
        broker.createTopic({ ...request, partitions: Math.max(1, request.partitions - 1) }),
    }),
  },

  'tells of a topic that exists by another code': {
    plans: ['createTopic'],
    wrap: (broker) => ({
      ...broker,
      createTopic: (request) =>
        broker.createTopic(request).catch((error: StratalogError) => {
          throw error.code === 'TOPIC_ALREADY_EXISTS' ? toldAs(error, 'INVALID_REQUEST') : error;
        }),
    }),
  },

  'acknowledges a deletion and does nothing': {
    plans: ['createTopic', 'deleteTopic'],
    wrap: (broker) => ({
      ...broker,
      deleteTopic: async (name) => {
        await broker.describeTopic(name);
      },
    }),
  },

  'lists from the name on, not after it': {
    plans: ['createTopic', 'listTopics'],
    wrap: (broker) => ({
      ...broker,
      listTopics: async (request = {}) => {
        const { after, ...page } = request;
        const all = await broker.listTopics();
        const topics = all.topics.filter(({ name }) => name >= (after ?? ''));
        return page.limit === undefined ? { topics } : broker.listTopics(request);
      },
    }),
  },

  'finds the record after a time, not at it': {
    plans: ['produceShares', 'listOffsets'],
    wrap: (broker) => ({
      ...broker,
      listOffsets: ({ partitions }) =>
        broker.listOffsets({
          partitions: partitions.map((one) =>
            typeof one.at === 'object' ? { ...one, at: { timestamp: one.at.timestamp + 1 } } : one,
          ),
        }),
    }),
  },

  'gives every other producer the same id': {
    plans: ['initProducer'],
    wrap: (broker) => ({
      ...broker,
      initProducer: async () => {
        const { producerId, producerEpoch } = await broker.initProducer();
        return { producerId: producerId - (producerId % 2), producerEpoch };
      },
    }),
  },

  'resets no configs': {
    plans: ['alterConfigs'],
    wrap: (broker) => ({
      ...broker,
      alterConfigs: ({ reset: _, ...request }) =>
        Object.keys(request.set ?? {}).length === 0
          ? broker.describeTopic(request.topic)
          : broker.alterConfigs(request),
    }),
  },

  'tells of partitions that it did not add': {
    plans: ['addPartitions', 'produceShares'],
    wrap: (broker) => ({
      ...broker,
      addPartitions: async ({ topic, partitions }) => {
        const there = await broker.describeTopic(topic);
        if (partitions <= there.partitions.length)
          return broker.addPartitions({ topic, partitions });
        const made = { logStartOffset: 0, logEndOffset: 0, sizeBytes: 0 };
        const all = Array.from(
          { length: partitions },
          (_, partition) => there.partitions[partition] ?? { partition, ...made },
        );
        return { ...there, partitions: all };
      },
    }),
  },

  'appends wherever the log ends': {
    plans: ['produceShares'],
    wrap: (broker) => ({
      ...broker,
      produce: ({ topic, partitions }) =>
        broker.produce({
          topic,
          partitions: partitions.map(({ expectedEnd: _, ...share }) => share),
        }),
    }),
  },

  'keeps the records it was to delete': {
    plans: ['produceShares', 'deleteRecords', 'fetchPartition'],
    wrap: (broker) => ({
      ...broker,
      deleteRecords: async (request) => {
        const [result] = await broker.deleteRecords({
          partitions: request.partitions.map((one) => ({ ...one, before: 0 })),
        });
        const { before } = request.partitions[0]!;
        return [typeof before === 'number' ? { ...result!, logStartOffset: before } : result!];
      },
    }),
  },

  'forgets the metadata of a commit': {
    plans: ['commitOffsets', 'fetchOffsets'],
    wrap: (broker) => ({
      ...broker,
      commitOffsets: (request) =>
        broker.commitOffsets({
          ...request,
          offsets: request.offsets.map(({ metadata: _, ...offset }) => offset),
        }),
    }),
  },

  'tells the offsets of a topic that was deleted': {
    plans: ['createTopic', 'deleteTopic', 'commitOffsets', 'fetchOffsets'],
    wrap: (broker) => {
      const told = new Map<string, number>();
      return {
        ...broker,
        commitOffsets: async (request) => {
          const results = await broker.commitOffsets(request);
          for (const [index, { error }] of results.entries()) {
            const { topic, partition, offset } = request.offsets[index]!;
            if (!error) told.set(`${request.group}/${topic}/${partition}`, offset);
          }
          return results;
        },
        fetchOffsets: async (request) => {
          const result = await broker.fetchOffsets(request);
          const all = [...told].filter(([name]) => name.startsWith(`${request.group}/`));
          return all.length === result.offsets.length ? result : { ...result, offsets: [] };
        },
      };
    },
  },
};
