/** The way of a program that has the broker in itself. */
import type { Broker, FetchPartitionResult, ProducePartitionResult } from '../../lib/broker/api.ts';
import { appendRecords } from '../../lib/http/append-records.ts';
import { StratalogError } from '../../lib/model/errors.ts';
import { topicName } from '../../lib/model/ids.ts';
import type { Runtime } from '../../lib/model/runtime.ts';
import {
  type Answer,
  failureOfError,
  fetchedAnswer,
  recordsFrom,
  together,
  topicAnswer,
} from './answers.ts';
import { shareBytes } from './batches.ts';
import { bytesOf, type Call, type CallOf, type FetchSpec, type Verb } from './calls.ts';

/** How a call reaches the service; failures are answers. */
export type Way = (call: Call) => Promise<Answer>;

const producedAnswer = ({ partition, error, ...told }: ProducePartitionResult): object => {
  if (error === undefined) return { partition, ...told };
  const wroteAny = told.baseOffsets.some((offset) => offset >= 0);
  return {
    partition,
    ...(wroteAny ? { baseOffsets: told.baseOffsets } : {}),
    ...failureOfError(error),
  };
};

const fetchedBy = ({ offset }: FetchSpec, result: FetchPartitionResult): object => {
  if (result.error) return { partition: result.partition, ...failureOfError(result.error) };
  const from =
    offset === 'earliest'
      ? result.logStartOffset
      : offset === 'latest'
        ? result.highWatermark
        : offset;
  return fetchedAnswer(result, recordsFrom(result.batches, from));
};

const fetch = async (broker: Broker, call: Omit<CallOf<'fetch'>, 'verb'>): Promise<Answer> => {
  const topic = topicName(call.topic);
  const results = await broker.fetch({
    partitions: call.partitions.map((spec) => ({ topic, ...spec })),
    ...(call.maxBytes === undefined ? {} : { maxBytes: call.maxBytes }),
    ...(call.maxWaitMs === undefined ? {} : { maxWaitMs: call.maxWaitMs }),
  });
  return together(results.map((result, index) => fetchedBy(call.partitions[index]!, result)));
};

const VERBS: {
  readonly [V in Verb]?: (broker: Broker, call: CallOf<V>, runtime: Runtime) => Promise<Answer>;
} = {
  createTopic: async (broker, { topic, partitions, configs }) =>
    topicAnswer(await broker.createTopic({ name: topicName(topic), partitions, configs })),
  listTopics: async (broker, { verb: _, ...page }) => {
    const { topics, next } = await broker.listTopics(page);
    return {
      topics: topics.map(({ name: topic, topicId, partitions }) => ({
        topic,
        topicId,
        partitions,
      })),
      ...(next === undefined ? {} : { next }),
    };
  },
  describeTopic: async (broker, { topic }) =>
    topicAnswer(await broker.describeTopic(topicName(topic))),
  deleteTopic: async (broker, { topic }) => {
    await broker.deleteTopic(topicName(topic));
    return 'done';
  },
  produceRecords: async (broker, { topic, records, ...placement }, runtime) => {
    const now = runtime.now();
    const outcomes = await appendRecords(
      broker,
      runtime,
      topicName(topic),
      records.map(({ key, value, headers, timestamp = now, partition }) => ({
        key: bytesOf(key),
        value: bytesOf(value),
        headers: headers.map(([name, bytes]) => ({ key: name, value: bytesOf(bytes) })),
        timestamp,
        partition,
      })),
      {
        partition: placement.partition,
        expectedEnd: placement.expectedEnd,
        producer: placement.producer,
      },
    );
    return together(
      outcomes.map(({ partition, offset, error }) =>
        error === undefined ? { partition, offset } : { partition, ...failureOfError(error) },
      ),
    );
  },
  produceBatches: async (broker, { topic, shares }) => {
    const results = await broker.produce({
      topic: topicName(topic),
      partitions: shares.map((share) => ({
        partition: share.partition,
        batches: shareBytes(share),
        ...(share.expectedEnd === undefined ? {} : { expectedEnd: share.expectedEnd }),
      })),
    });
    return together(results.map(producedAnswer));
  },
  fetch: (broker, call) => fetch(broker, call),
  fetchPartition: (broker, { topic, as, from }) => fetch(broker, { topic, as, partitions: [from] }),
  checkHealth: async (broker) => {
    await broker.checkHealth();
    return 'done';
  },
};

/** Asks `broker`; `runtime` is its clock. */
export const directly =
  (broker: () => Broker, runtime: Runtime): Way =>
  async (call) => {
    const verb = VERBS[call.verb] as (b: Broker, c: Call, r: Runtime) => Promise<Answer>;
    try {
      return await verb(broker(), call, runtime);
    } catch (error) {
      if (error instanceof StratalogError) return failureOfError(error);
      throw error;
    }
  };
