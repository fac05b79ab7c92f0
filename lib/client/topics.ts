/** Topics by HTTP. */
import { topicName } from '../model/ids.ts';
import type { Runtime } from '../model/runtime.ts';
import { withRetries } from './retry.ts';
import { expectJson, type Transport } from './transport.ts';

export interface NewTopic {
  readonly name: string;
  readonly partitions: number;
  /** Kafka's config names and values. */
  readonly configs?: Readonly<Record<string, string>>;
}

/** A topic in a list. */
export interface TopicSummary {
  readonly name: string;
  readonly topicId: string;
  readonly partitions: number;
}

export interface TopicPage {
  readonly topics: readonly TopicSummary[];
  /** `after` of the next page; absent on the last one. */
  readonly next?: string;
}

export interface PartitionDescription {
  readonly partition: number;
  readonly logStartOffset: number;
  /** Offset of the next record to be written. */
  readonly logEndOffset: number;
  readonly sizeBytes: number;
}

/** A config in force, and whether the topic or the default says so. */
export interface TopicConfig {
  readonly name: string;
  readonly value: string;
  readonly source: 'DYNAMIC_TOPIC_CONFIG' | 'DEFAULT_CONFIG';
  /** In force when nothing is set. */
  readonly defaultValue: string;
  /** What the config takes, in words. */
  readonly legal: string;
  readonly documentation: string;
}

export interface TopicDescription {
  readonly name: string;
  readonly topicId: string;
  /** ms since the Unix epoch. */
  readonly createdAt: number;
  readonly partitions: readonly PartitionDescription[];
  readonly configs: readonly TopicConfig[];
}

export interface TopicsClient {
  /** @throws TOPIC_ALREADY_EXISTS, INVALID_TOPIC_EXCEPTION, INVALID_PARTITIONS, INVALID_CONFIG */
  createTopic(topic: NewTopic): Promise<TopicDescription>;
  /** A page of at most 1,000, in order of name. */
  listTopics(after?: string): Promise<TopicPage>;
  /** @throws UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION */
  describeTopic(name: string): Promise<TopicDescription>;
  /** @throws UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION */
  deleteTopic(name: string): Promise<void>;
}

/**
 * The path of a topic.
 * @throws INVALID_TOPIC_EXCEPTION here, because on its way a name such as `..` becomes another path
 */
export const topicPath = (name: string): string => `/topics/${topicName(name)}`;

/** Topics over a transport. */
export const topicsClient = (transport: Transport, runtime: Runtime): TopicsClient => ({
  createTopic: (topic) =>
    withRetries(async () => {
      const body = JSON.stringify(topic);
      const exchange = { method: 'POST', path: '/topics', body } as const;
      return expectJson(await transport({ ...exchange, contentType: 'application/json' }));
    }, runtime),

  listTopics: (after) =>
    withRetries(async () => {
      const query = after === undefined ? '' : `?after=${encodeURIComponent(after)}`;
      return expectJson(await transport({ method: 'GET', path: `/topics${query}` }));
    }, runtime),

  describeTopic: (name) =>
    withRetries(
      async () => expectJson(await transport({ method: 'GET', path: topicPath(name) })),
      runtime,
    ),

  deleteTopic: (name) =>
    withRetries(async () => {
      expectJson(await transport({ method: 'DELETE', path: topicPath(name) }));
    }, runtime),
});
