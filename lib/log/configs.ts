/**
 * The topic configs honoured here: Kafka's names, Kafka's defaults (https://kafka.apache.org/documentation/#topicconfigs).
 * A config that nothing would ever act on is refused rather than kept. `retention.ms` is kept ahead of what
 * acts on it: maintenance, which is to delete what is older, and deletes nothing yet.
 */
import { StratalogError } from '../model/errors.ts';
import {
  DEFAULT_MAX_BATCH_BYTES,
  DEFAULT_RETENTION_MS,
  DEFAULT_TIMESTAMP_AFTER_MAX_MS,
  MAX_BATCH_BYTES,
} from '../model/limits.ts';

interface ConfigDefinition {
  readonly defaultValue: string;
  readonly legal: string;
  readonly documentation: string;
  readonly accepts: (value: string) => boolean;
}

/** The smallest `max.message.bytes` that still takes a batch: its header and a short record. */
const MIN_MAX_MESSAGE_BYTES = 100;

const wholeNumber = (value: string, from: number, to: number): boolean =>
  /^\d{1,16}$/.test(value) && Number(value) >= from && Number(value) <= to;

/** By name: what is in force when nothing was set, what is legal, and what it is for. */
export const TOPIC_CONFIGS = {
  'max.message.bytes': {
    defaultValue: String(DEFAULT_MAX_BATCH_BYTES),
    legal: `a whole number from ${MIN_MAX_MESSAGE_BYTES} to ${MAX_BATCH_BYTES}, which is what an answer can carry (split larger records, or store them elsewhere and append where they are)`,
    documentation: 'The largest record batch that is accepted, in bytes, header included.',
    accepts: (value) => wholeNumber(value, MIN_MAX_MESSAGE_BYTES, MAX_BATCH_BYTES),
  },
  'message.timestamp.after.max.ms': {
    defaultValue: String(DEFAULT_TIMESTAMP_AFTER_MAX_MS),
    legal: `a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`,
    documentation:
      'How far ahead of the time of their append the timestamps of records may be, in milliseconds; with CreateTime only.',
    accepts: (value) => wholeNumber(value, 0, Number.MAX_SAFE_INTEGER),
  },
  'message.timestamp.type': {
    defaultValue: 'CreateTime',
    legal: 'CreateTime or LogAppendTime',
    documentation:
      'Whether a record keeps the time its producer gave it, or takes the time it was appended.',
    accepts: (value) => value === 'CreateTime' || value === 'LogAppendTime',
  },
  'retention.ms': {
    defaultValue: String(DEFAULT_RETENTION_MS),
    legal: `-1, for ever, or a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`,
    documentation:
      'How long records are to be kept, in milliseconds. Nothing deletes by it yet: until maintenance does, all are kept.',
    accepts: (value) => value === '-1' || wholeNumber(value, 0, Number.MAX_SAFE_INTEGER),
  },
} as const satisfies Record<string, ConfigDefinition>;

export type TopicConfigName = keyof typeof TOPIC_CONFIGS;

/** What was set explicitly on a topic, by config name. */
export type TopicConfigs = Readonly<Record<string, string>>;

/** @throws INVALID_CONFIG naming the config, its value and what is legal. */
export const validateConfigs = (configs: TopicConfigs): void => {
  for (const [name, value] of Object.entries(configs)) {
    const definition = TOPIC_CONFIGS[configName(name)];
    if (!definition.accepts(value)) {
      throw new StratalogError(
        'INVALID_CONFIG',
        `${name} is ${JSON.stringify(value)}; it takes ${definition.legal}.`,
        { context: { config: name, value } },
      );
    }
  }
};

/** @throws INVALID_CONFIG unless there is a config of this name */
export const configName = (name: string): TopicConfigName => {
  if (!Object.hasOwn(TOPIC_CONFIGS, name)) {
    throw new StratalogError(
      'INVALID_CONFIG',
      `There is no topic config ${JSON.stringify(name)} here; those honoured are ${Object.keys(TOPIC_CONFIGS).join(', ')}.`,
      { context: { config: name } },
    );
  }
  return name as TopicConfigName;
};

/** The largest batch that a topic takes, header included. */
export const maxBatchBytes = (configs: TopicConfigs): number =>
  Math.min(Number(configValue(configs, 'max.message.bytes')), MAX_BATCH_BYTES);

/** How far ahead of now a timestamp may be, ms. */
export const timestampAfterMaxMs = (configs: TopicConfigs): number =>
  Number(configValue(configs, 'message.timestamp.after.max.ms'));

/** The value in force: what was set, else the default. */
export const configValue = (configs: TopicConfigs, name: TopicConfigName): string =>
  configs[name] ?? TOPIC_CONFIGS[name].defaultValue;
