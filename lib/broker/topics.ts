/**
 * What a topic is, as the service describes it.
 */
import {
  configValue,
  maxBatchBytes,
  TOPIC_CONFIGS,
  type TopicConfigName,
  timestampAfterMaxMs,
} from '../log/configs.ts';
import { listTopics, partitionStates } from '../log/topics/find.ts';
import { StratalogError } from '../model/errors.ts';
import { DEFAULT_LIST_TOPICS } from '../model/limits.ts';
import type { Topic } from '../storage/keys/topic.ts';
import type { ItemStore } from '../storage/ports.ts';
import type {
  ConfigEntry,
  ListTopicsRequest,
  ListTopicsResult,
  TopicDescription,
  TopicLimits,
} from './api.ts';

/**
 * The topic with its configs in force and its partitions as strong reads tell them.
 * @throws UNKNOWN_TOPIC_OR_PARTITION when it is being deleted
 */
export const describe = async (items: ItemStore, topic: Topic): Promise<TopicDescription> => {
  const states = await partitionStates(items, topic);
  return {
    name: topic.name,
    topicId: topic.id,
    createdAt: topic.createdAt,
    configs: Object.keys(TOPIC_CONFIGS).map((name) =>
      describeConfig(topic, name as TopicConfigName),
    ),
    partitions: states.map(({ partition, head }) => {
      if (head === undefined) throw beingDeleted(topic);
      return {
        partition,
        logStartOffset: head.start,
        logEndOffset: head.end,
        sizeBytes: head.bytes,
      };
    }),
  };
};

/** A head goes only when its topic has gone. */
const beingDeleted = ({ name }: Topic): StratalogError =>
  new StratalogError('UNKNOWN_TOPIC_OR_PARTITION', `The topic ${name} is being deleted.`, {
    context: { topic: name },
  });

const describeConfig = ({ configs }: Topic, name: TopicConfigName): ConfigEntry => ({
  name,
  value: configValue(configs, name),
  source: Object.hasOwn(configs, name) ? 'DYNAMIC_TOPIC_CONFIG' : 'DEFAULT_CONFIG',
  defaultValue: TOPIC_CONFIGS[name].defaultValue,
  legal: TOPIC_CONFIGS[name].legal,
  documentation: TOPIC_CONFIGS[name].documentation,
});

/** What whoever makes batches for the topic must know. */
export const limitsOf = ({ partitions, configs }: Topic): TopicLimits => ({
  partitions,
  maxBatchBytes: maxBatchBytes(configs),
  timestampAfterMaxMs:
    configValue(configs, 'message.timestamp.type') === 'CreateTime'
      ? timestampAfterMaxMs(configs)
      : Number.POSITIVE_INFINITY,
});

/** One page, in order of name. */
export const listPage = async (
  items: ItemStore,
  { after = '', limit = DEFAULT_LIST_TOPICS }: ListTopicsRequest,
): Promise<ListTopicsResult> => {
  const found = await listTopics(items, after, limit + 1);
  const topics = found.slice(0, limit).map(({ name, id, partitions }) => ({
    name,
    topicId: id as string,
    partitions,
  }));
  const last = topics.at(-1);
  return found.length > limit && last !== undefined ? { topics, next: last.name } : { topics };
};
