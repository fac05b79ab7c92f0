/**
 * The service as it is meant to be. It predicts the answer to any call; where the service may choose
 * (ids, the partition of a record that has neither key nor partition, how much of a log one answer brings)
 * it takes the choice from the answer, if it is legal.
 */
import assert from 'node:assert/strict';
import type { Answer } from './answers.ts';
import type { Call, CallOf, Verb } from './calls.ts';
import { fetch, fetchPartition } from './model-fetch.ts';
import { newPartition } from './model-partition.ts';
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

const described = (name: string, topic: ModelTopic): Answer => ({
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
  partitions: topic.partitions.map(({ start, end, sizeBytes }, partition) => ({
    partition,
    logStartOffset: start,
    logEndOffset: end,
    sizeBytes,
  })),
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
  return described(name, topic);
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

const describeTopic = (model: Model, { topic: name }: CallOf<'describeTopic'>): Answer => {
  const topic = topicIn(model, name);
  return 'code' in topic ? topic : described(name, topic);
};

const deleteTopic = (model: Model, { topic: name }: CallOf<'deleteTopic'>): Answer => {
  const topic = topicIn(model, name);
  if ('code' in topic) return topic;
  model.topics.delete(name);
  return 'done';
};

const PREDICT: {
  readonly [V in Verb]?: (model: Model, call: CallOf<V>, seen: Answer) => Answer;
} = {
  createTopic,
  listTopics,
  describeTopic,
  deleteTopic,
  produceRecords,
  produceBatches,
  fetch,
  fetchPartition,
  checkHealth: () => 'done',
  malformed: () => refused('INVALID_REQUEST'),
};

/** What the call is to be answered, and what it does. @param seen what it was answered */
export const predict = (model: Model, call: Call, seen: Answer): Answer => {
  const verb = PREDICT[call.verb] as (model: Model, call: Call, seen: Answer) => Answer;
  return verb(model, call, seen);
};
