/** Requests and answers about topics. */
import * as z from 'zod';
import { MAX_PARTITIONS_PER_TOPIC } from '../../model/limits.ts';
import { objectError, wholeNumberText } from './text.ts';

/** Topics in a page of a list. */
const MAX_PAGE = 1_000;
/** More config entries than Kafka knows. */
const MAX_CONFIGS = 100;

/** A topic's name as text: what is legal is the model's to judge, and told to readers here. */
export const topicNameText = z.string({ error: 'must be a string, the name of a topic' }).meta({
  description: '1 to 249 of a-z, A-Z, 0-9, ".", "_" and "-"; not "." or "..".',
  pattern: '^(?!\\.{1,2}$)[a-zA-Z0-9._-]{1,249}$',
});

const tooManyConfigs = { error: `must have at most ${MAX_CONFIGS} entries` };

const configValue = z.union([z.string(), z.number(), z.boolean()], {
  error: 'must be a string, a number or a boolean',
});

export const createTopicRequest = z
  .strictObject(
    {
      name: topicNameText,
      // The range is the model's to judge (INVALID_PARTITIONS); here it is told to readers only.
      partitions: z
        .int({ error: 'must be a whole number' })
        .meta({ minimum: 1, maximum: MAX_PARTITIONS_PER_TOPIC })
        .default(1),
      configs: z
        .record(z.string(), configValue, {
          error: 'must be an object of config names and values, such as {"retention.ms": 86400000}',
        })
        .refine((configs) => Object.keys(configs).length <= MAX_CONFIGS, tooManyConfigs)
        .optional()
        .describe("Kafka's config names and values."),
    },
    objectError('a topic to create, such as {"name": "orders", "partitions": 3}'),
  )
  .describe('A topic to create.');

const alterError = objectError(
  'an object such as {"set": {"max.message.bytes": 65536}, "reset": ["message.timestamp.type"]}',
);

export const alterConfigsRequest = z
  .strictObject(
    {
      set: z
        .record(z.string(), configValue, {
          error:
            'must be an object of config names and values, such as {"max.message.bytes": 65536}',
        })
        .refine((configs) => Object.keys(configs).length <= MAX_CONFIGS, tooManyConfigs)
        .optional()
        .describe('Configs to set.'),
      reset: z
        .array(z.string({ error: 'must be a string, the name of a config' }), {
          error: 'must be an array of config names, such as ["message.timestamp.type"]',
        })
        .max(MAX_CONFIGS, tooManyConfigs)
        .optional()
        .describe('Configs to set back to their defaults.'),
    },
    alterError,
  )
  .describe('Configs to change: all of it happens, or nothing.');

export const addPartitionsRequest = z
  .strictObject(
    {
      // As for a new topic, the range is the model's to judge.
      partitions: z
        .int({ error: 'must be a whole number' })
        .meta({ minimum: 1, maximum: MAX_PARTITIONS_PER_TOPIC })
        .describe('How many there are to be in all: more than there are.'),
    },
    objectError('the new number of partitions, such as {"partitions": 12}'),
  )
  .describe('How many partitions a topic is to have.');

export const listTopicsQuery = z.strictObject({
  after: z.string().optional().describe('Names above this one: `next` of the page before.'),
  limit: wholeNumberText(1, MAX_PAGE).optional(),
});

const topicSummary = z.object({
  name: topicNameText,
  topicId: z.string().describe('UUID; a topic deleted and created again has another one.'),
  partitions: z.int(),
});

export const listTopicsResponse = z.object({
  topics: z.array(topicSummary),
  next: z.string().optional().describe('`after` of the next page; absent on the last one.'),
});

export const topicDescription = z.object({
  name: topicNameText,
  topicId: z.string(),
  createdAt: z.int().describe('ms since the Unix epoch.'),
  partitions: z.array(
    z.object({
      partition: z.int(),
      logStartOffset: z.int(),
      logEndOffset: z.int().describe('Offset of the next record to be written.'),
      sizeBytes: z.int(),
    }),
  ),
  configs: z.array(
    z.object({
      name: z.string(),
      value: z.string(),
      source: z.enum(['DYNAMIC_TOPIC_CONFIG', 'DEFAULT_CONFIG']),
      defaultValue: z.string().describe('In force when nothing is set.'),
      legal: z.string().describe('What the config takes, in words.'),
      documentation: z.string(),
    }),
  ),
});
