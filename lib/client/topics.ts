/** Topics: made, found, described, changed and deleted. */
import { type CallOptions, callJson, topicPath } from './call.ts';
import type { Connection } from './connection.ts';

export interface NewTopic {
  readonly name: string;
  /** Default 1. */
  readonly partitions?: number;
  /** Kafka's config names and values. */
  readonly configs?: Readonly<Record<string, string>>;
}

/** A topic in a list. */
export interface TopicSummary {
  readonly name: string;
  readonly topicId: string;
  readonly partitions: number;
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

/** Configs to set, and names of configs to set back to their defaults: all of it happens, or nothing. */
export interface ConfigChanges {
  readonly topic: string;
  readonly set?: Readonly<Record<string, string>>;
  readonly reset?: readonly string[];
}

export interface MorePartitions {
  readonly topic: string;
  /** How many there are to be in all: more than there are. */
  readonly partitions: number;
}

export interface TopicsClient {
  /** @throws TOPIC_ALREADY_EXISTS, INVALID_TOPIC_EXCEPTION, INVALID_PARTITIONS, INVALID_CONFIG */
  createTopic(topic: NewTopic, options?: CallOptions): Promise<TopicDescription>;
  /** All of them, in order of name. */
  listTopics(options?: CallOptions): Promise<readonly TopicSummary[]>;
  /** @throws UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION */
  describeTopic(name: string, options?: CallOptions): Promise<TopicDescription>;
  /** @throws UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION */
  deleteTopic(name: string, options?: CallOptions): Promise<void>;
  /** @throws INVALID_CONFIG, UNKNOWN_TOPIC_OR_PARTITION */
  alterConfigs(changes: ConfigChanges, options?: CallOptions): Promise<TopicDescription>;
  /** Records with a key may go to another partition from then on. @throws INVALID_PARTITIONS */
  addPartitions(more: MorePartitions, options?: CallOptions): Promise<TopicDescription>;
}

interface TopicPage {
  readonly topics: readonly TopicSummary[];
  /** `after` of the next page; absent on the last one. */
  readonly next?: string;
}

/** Topics over a connection. */
export const topicsClient = (connection: Connection): TopicsClient => ({
  createTopic: (json, options) =>
    callJson(connection, { method: 'POST', path: '/topics', json }, options),

  listTopics: async (options) => {
    const topics: TopicSummary[] = [];
    for (let after: string | undefined; ; ) {
      const call = { method: 'GET', path: '/topics', query: { after }, gives: 'topics' } as const;
      const page: TopicPage = await callJson(connection, call, options);
      topics.push(...page.topics);
      if (page.next === undefined) return topics;
      after = page.next;
    }
  },

  describeTopic: async (name, options) =>
    callJson(connection, { method: 'GET', path: topicPath(name), gives: 'partitions' }, options),

  deleteTopic: async (name, options) =>
    callJson(connection, { method: 'DELETE', path: topicPath(name) }, options),

  alterConfigs: async ({ topic, ...json }, options) =>
    callJson(connection, { method: 'PATCH', path: `${topicPath(topic)}/configs`, json }, options),

  addPartitions: async ({ topic, ...json }, options) =>
    callJson(connection, { method: 'POST', path: `${topicPath(topic)}/partitions`, json }, options),
});
