/** What the model knows: topics in a map, partitions of plain arrays; and which names and configs are legal. */
import type { Failure } from './answers.ts';
import type { ModelPartition } from './model-partition.ts';

export interface ModelTopic {
  readonly id: string;
  readonly createdAt: number;
  readonly configs: Map<string, string>;
  readonly partitions: ModelPartition[];
}

/** An offset that a group committed. */
export interface Committed {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly metadata: string;
  readonly leaderEpoch: number;
}

export interface Model {
  readonly topics: Map<string, ModelTopic>;
  /** Of all topics that ever were. */
  readonly topicIds: Set<string>;
  /** Committed offsets by group, then by topic's id and partition. */
  readonly groups: Map<string, Map<string, Committed>>;
  /** All that were given. */
  readonly producerIds: number[];
  /** As it was first told. */
  clusterId: string | undefined;
  /** ms; moved by the test. */
  now: number;
}

export const newModel = (now: number): Model => ({
  topics: new Map(),
  topicIds: new Set(),
  groups: new Map(),
  producerIds: [],
  clusterId: undefined,
  now,
});

/** A refusal; that of something that certainly did not happen. */
export const refused = (
  code: Failure['code'],
  facts: Readonly<Record<string, unknown>> = {},
): Failure => ({ code, effect: 'none', ...facts });

export const UNKNOWN = refused('UNKNOWN_TOPIC_OR_PARTITION');

export const DEFAULTS: Readonly<Record<string, string>> = {
  'max.message.bytes': '1048588',
  'message.timestamp.after.max.ms': '3600000',
  'message.timestamp.type': 'CreateTime',
  'retention.ms': '604800000',
};

/** The value in force. */
export const configOf = ({ configs }: ModelTopic, name: string): string =>
  configs.get(name) ?? DEFAULTS[name]!;

const LEGAL_NAME = /^(?!\.{1,2}$)[a-zA-Z0-9._-]{1,249}$/;

/** Refusal of a name that no topic has. */
export const badName = (topic: string): Failure | undefined =>
  LEGAL_NAME.test(topic) ? undefined : refused('INVALID_TOPIC_EXCEPTION');

const isLegalConfig = (name: string, value: string): boolean => {
  const isWithin = (from: number, to: number): boolean =>
    /^\d{1,16}$/.test(value) && Number(value) >= from && Number(value) <= to;
  switch (name) {
    case 'max.message.bytes':
      return isWithin(100, 4 * 1024 * 1024);
    case 'message.timestamp.after.max.ms':
      return isWithin(0, Number.MAX_SAFE_INTEGER);
    case 'message.timestamp.type':
      return value === 'CreateTime' || value === 'LogAppendTime';
    case 'retention.ms':
      return value === '-1' || isWithin(0, Number.MAX_SAFE_INTEGER);
    default:
      return false;
  }
};

export const badConfig = (configs: Readonly<Record<string, string>>): Failure | undefined => {
  const bad = Object.entries(configs).find(([name, value]) => !isLegalConfig(name, value));
  return bad && refused('INVALID_CONFIG', { config: bad[0] });
};

/** The topic, or why there is none. */
export const topicIn = ({ topics }: Model, name: string): ModelTopic | Failure =>
  badName(name) ?? topics.get(name) ?? UNKNOWN;
