/**
 * The service as it is meant to be. It predicts the answer to any call; where the service may choose
 * (ids, the partition of a record that has neither key nor partition, how much of a log one answer brings)
 * it takes the choice from the answer, if it is legal.
 */
import assert from 'node:assert/strict';
import type { Answer, Failure } from './answers.ts';
import type { Call, CallOf, Verb } from './calls.ts';
import { fetch, fetchPartition } from './model-fetch.ts';
import { commitOffsets, fetchOffsets } from './model-groups.ts';
import { deleteRecords, listOffsets } from './model-offsets.ts';
import { legalSizes, newPartition } from './model-partition.ts';
import { produceBatches, produceRecords } from './model-produce.ts';
import {
  badConfig,
  badName,
  configOf,
  DEFAULTS,
  type Model,
  type ModelTopic,
  refused,
  topicIn,
} from './model-state.ts';

/** The sizes that were told, where they are legal: what batches of one append take is told together or not. */
const toldSizes = (seen: Answer): readonly { readonly sizeBytes: number }[] =>
  (seen as { partitions?: [] }).partitions ?? [];

const described = (name: string, topic: ModelTopic, seen: Answer): Answer => ({
  topic: name,
  topicId: topic.id,
  createdAt: topic.createdAt,
  configs: Object.fromEntries(
    Object.keys(DEFAULTS).map((config) => [
      config,
      [
        configOf(topic, config),
        topic.configs.has(config) ? 'DYNAMIC_TOPIC_CONFIG' : 'DEFAULT_CONFIG',
      ],
    ]),
  ),
  partitions: topic.partitions.map((log, partition) => {
    const told = toldSizes(seen)[partition]?.sizeBytes ?? -1;
    const legal = legalSizes(log);
    return {
      partition,
      logStartOffset: log.start,
      logEndOffset: log.end,
      sizeBytes: legal.includes(told) ? told : legal[0]!,
    };
  }),
});

const createTopic = (model: Model, call: CallOf<'createTopic'>, seen: Answer): Answer => {
  const { topic: name, partitions, configs } = call;
  const wrong =
    badName(name) ??
    (partitions < 1 || partitions > 10_000 ? refused('INVALID_PARTITIONS') : undefined) ??
    badConfig(configs) ??
    (model.topics.has(name) ? refused('TOPIC_ALREADY_EXISTS') : undefined);
  if (wrong) return wrong;
  const id = (seen as { topicId?: string }).topicId;
  assert.match(id ?? '', /^[0-9a-f-]{36}$/, 'a new topic has an id');
  assert.ok(!model.topicIds.has(id!), 'a new topic has a new id');
  model.topicIds.add(id!);
  const topic = {
    id: id!,
    createdAt: model.now,
    configs: new Map(Object.entries(configs)),
    partitions: Array.from({ length: partitions }, newPartition),
  };
  model.topics.set(name, topic);
  return described(name, topic, seen);
};

const listTopics = ({ topics }: Model, { after = '', limit = 1_000 }: CallOf<'listTopics'>) => {
  const names = [...topics.keys()].sort().filter((name) => name > after);
  const page = names.slice(0, limit);
  return {
    topics: page.map((name) => ({
      topic: name,
      topicId: topics.get(name)!.id,
      partitions: topics.get(name)!.partitions.length,
    })),
    ...(names.length > limit ? { next: page.at(-1) } : {}),
  };
};

const describeTopic = (
  model: Model,
  { topic: name }: CallOf<'describeTopic'>,
  seen: Answer,
): Answer => {
  const topic = topicIn(model, name);
  return 'code' in topic ? topic : described(name, topic, seen);
};

const alterConfigs = (model: Model, call: CallOf<'alterConfigs'>, seen: Answer): Answer => {
  const { topic: name, set, reset } = call;
  const wrong =
    badName(name) ??
    (Object.keys(set).length + reset.length === 0 ? refused('INVALID_REQUEST') : undefined) ??
    badConfig(set) ??
    badReset(set, reset);
  if (wrong) return wrong;
  const topic = topicIn(model, name);
  if ('code' in topic) return topic;
  for (const [config, value] of Object.entries(set)) topic.configs.set(config, value);
  for (const config of reset) topic.configs.delete(config);
  return described(name, topic, seen);
};

/** Of the first name that is unknown, or set as well. */
const badReset = (
  set: Readonly<Record<string, string>>,
  reset: readonly string[],
): Failure | undefined => {
  for (const config of reset) {
    if (!(config in DEFAULTS)) return refused('INVALID_CONFIG', { config });
    if (config in set) return refused('INVALID_REQUEST');
  }
  return undefined;
};

const addPartitions = (model: Model, call: CallOf<'addPartitions'>, seen: Answer): Answer => {
  const { topic: name, partitions } = call;
  const wrong =
    badName(name) ??
    (partitions < 1 || partitions > 10_000 ? refused('INVALID_PARTITIONS') : undefined);
  if (wrong) return wrong;
  const topic = topicIn(model, name);
  if ('code' in topic) return topic;
  if (partitions <= topic.partitions.length) return refused('INVALID_PARTITIONS');
  while (topic.partitions.length < partitions) topic.partitions.push(newPartition());
  return described(name, topic, seen);
};

const deleteTopic = (model: Model, { topic: name }: CallOf<'deleteTopic'>): Answer => {
  const topic = topicIn(model, name);
  if ('code' in topic) return topic;
  model.topics.delete(name);
  return 'done';
};

const initProducer = ({ producerIds }: Model, _: unknown, seen: Answer): Answer => {
  const { producerId } = seen as { producerId: number };
  assert.ok(Number.isSafeInteger(producerId) && producerId >= 0, 'a producer has an id');
  assert.ok(!producerIds.includes(producerId), 'no id is given twice');
  producerIds.push(producerId);
  return { producerId, producerEpoch: 0 };
};

const describeCluster = (model: Model, _: unknown, seen: Answer): Answer => {
  const { clusterId } = seen as { clusterId: string };
  assert.match(clusterId, /^[A-Za-z0-9_][A-Za-z0-9_-]{21}$/);
  model.clusterId ??= clusterId;
  return {
    clusterId: model.clusterId,
    maxBatchBytes: 4 * 1024 * 1024,
    maxPartitionsPerTopic: 10_000,
  };
};

const PREDICT: {
  readonly [V in Verb]: (model: Model, call: CallOf<V>, seen: Answer) => Answer;
} = {
  createTopic,
  listTopics,
  describeTopic,
  deleteTopic,
  alterConfigs,
  addPartitions,
  produceRecords,
  produceBatches,
  fetch,
  fetchPartition,
  listOffsets,
  deleteRecords,
  commitOffsets,
  fetchOffsets,
  initProducer,
  describeCluster,
  checkHealth: () => 'done',
  malformed: () => refused('INVALID_REQUEST'),
};

/** What the call is to be answered, and what it does. @param seen what it was answered */
export const predict = (model: Model, call: Call, seen: Answer): Answer => {
  const verb = PREDICT[call.verb] as (model: Model, call: Call, seen: Answer) => Answer;
  return verb(model, call, seen);
};
