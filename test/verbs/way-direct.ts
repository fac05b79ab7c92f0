/** The way of a program that has the broker in itself. */
import type { Broker, FetchPartitionResult, ProducePartitionResult } from '../../lib/broker/api.ts';
import { appendRecords } from '../../lib/http/append-records.ts';
import { StratalogError } from '../../lib/model/errors.ts';
import { groupId, topicName } from '../../lib/model/ids.ts';
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
  readonly [V in Exclude<Verb, 'malformed'>]: (
    broker: Broker,
    call: CallOf<V>,
    runtime: Runtime,
  ) => Promise<Answer>;
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
  alterConfigs: async (broker, { topic, set, reset }) =>
    topicAnswer(await broker.alterConfigs({ topic: topicName(topic), set, reset })),
  addPartitions: async (broker, { topic, partitions }) =>
    topicAnswer(await broker.addPartitions({ topic: topicName(topic), partitions })),
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
  listOffsets: async (broker, call) => {
    const topic = topicName(call.topic);
    const all = async () => [...Array((await broker.topicLimits(topic)).partitions).keys()];
    const asked = call.partitions ?? (await all());
    const results = await broker.listOffsets({
      partitions: asked.map((partition) => ({ topic, partition, at: call.at })),
    });
    return together(
      results.map(({ partition, offset, timestamp, error }) =>
        error ? { partition, ...failureOfError(error) } : { partition, offset, timestamp },
      ),
    );
  },
  deleteRecords: async (broker, { topic: name, partition, before }) => {
    const topic = topicName(name);
    const [result] = await broker.deleteRecords({ partitions: [{ topic, partition, before }] });
    if (result!.error) throw result!.error;
    return { partition, logStartOffset: result!.logStartOffset };
  },
  commitOffsets: async (broker, { group, epoch, offsets }) => {
    const results = await broker.commitOffsets({
      group: groupId(group),
      ...(epoch === undefined ? {} : { epoch }),
      offsets: offsets.map((one) => ({ ...one, topic: topicName(one.topic) })),
    });
    return together(
      results.map(({ topic, partition, error }) => ({
        topic,
        partition,
        ...(error && failureOfError(error)),
      })),
    );
  },
  fetchOffsets: async (broker, { group: id, topic }) => {
    const group = groupId(id);
    const only = topic === undefined ? undefined : topicName(topic);
    const { epoch, offsets } = await broker.fetchOffsets({ group });
    return { epoch, offsets: offsets.filter((one) => only === undefined || one.topic === only) };
  },
  initProducer: (broker) => broker.initProducer(),
  describeCluster: (broker) => broker.describeCluster(),
  checkHealth: async (broker) => {
    await broker.checkHealth();
    return 'done';
  },
};

/** Asks `broker`; `runtime` is its clock. */
export const directly =
  (broker: () => Broker, runtime: Runtime): Way =>
  async (call) => {
    const verb = VERBS[call.verb as Exclude<Verb, 'malformed'>] as (
      b: Broker,
      c: Call,
      r: Runtime,
    ) => Promise<Answer>;
    try {
      return await verb(broker(), call, runtime);
    } catch (error) {
      if (error instanceof StratalogError) return failureOfError(error);
      throw error;
    }
  };
