/** The routes of topics, in words. */
import {
  addPartitionsRequest,
  alterConfigsRequest,
  createTopicRequest,
  listTopicsQuery,
  listTopicsResponse,
  topicDescription,
} from '../schemas/topic.ts';
import type { Operation } from './operation.ts';

const DESCRIPTION_EXAMPLE = {
  name: 'orders',
  topicId: '5f3c1f2e-8f0a-4d6b-9a57-0f6a3b1c2d4e',
  createdAt: 1_767_225_600_000,
  partitions: [{ partition: 0, logStartOffset: 0, logEndOffset: 42, sizeBytes: 3_771 }],
  configs: [
    {
      name: 'max.message.bytes',
      value: '65536',
      defaultValue: '1048588',
      legal: 'a whole number from 100 to 4194304',
      source: 'DYNAMIC_TOPIC_CONFIG',
      documentation: 'The largest record batch that is accepted, in bytes, header included.',
    },
  ],
};

const described = (description: string, status: 200 | 201 = 200) => ({
  status,
  description,
  content: { 'application/json': { schema: topicDescription, example: DESCRIPTION_EXAMPLE } },
});

export const TOPIC_OPERATIONS = {
  createTopic: {
    tag: 'Topics',
    summary: 'Create a topic',
    description: 'Configs that nothing here would act on are refused rather than ignored.',
    request: {
      required: true,
      content: {
        'application/json': {
          schema: createTopicRequest,
          example: { name: 'orders', partitions: 6, configs: { 'max.message.bytes': 65_536 } },
        },
      },
    },
    answer: {
      ...described('The topic as it was made.', 201),
      headers: { location: { description: 'Path of the topic.', example: '/topics/orders' } },
    },
    errors: [
      'INVALID_TOPIC_EXCEPTION',
      'INVALID_PARTITIONS',
      'INVALID_CONFIG',
      'TOPIC_ALREADY_EXISTS',
    ],
  },
  listTopics: {
    tag: 'Topics',
    summary: 'List topics',
    description: 'In order of name, a page at a time.',
    query: listTopicsQuery,
    queryExample: { after: 'invoices', limit: '100' },
    answer: {
      status: 200,
      description: 'A page of topics.',
      content: {
        'application/json': {
          schema: listTopicsResponse,
          example: {
            topics: [
              { name: 'orders', topicId: '5f3c1f2e-8f0a-4d6b-9a57-0f6a3b1c2d4e', partitions: 6 },
            ],
            next: 'orders',
          },
        },
      },
    },
    errors: [],
  },
  describeTopic: {
    tag: 'Topics',
    summary: 'Describe a topic',
    description: 'Its partitions with their offsets and sizes, and its configs with their sources.',
    answer: described('The topic.'),
    errors: ['INVALID_TOPIC_EXCEPTION', 'UNKNOWN_TOPIC_OR_PARTITION'],
  },
  deleteTopic: {
    tag: 'Topics',
    summary: 'Delete a topic',
    description: 'Its records are gone and its name is free when this answers.',
    answer: { status: 204, description: 'It is deleted.' },
    errors: ['INVALID_TOPIC_EXCEPTION', 'UNKNOWN_TOPIC_OR_PARTITION'],
  },
  alterConfigs: {
    tag: 'Topics',
    summary: "Change a topic's configs",
    description: 'Sets some and resets others to their defaults: all of it happens, or nothing.',
    request: {
      required: true,
      content: {
        'application/json': {
          schema: alterConfigsRequest,
          example: { set: { 'max.message.bytes': 65_536 }, reset: ['message.timestamp.type'] },
        },
      },
    },
    answer: described('The topic as it is now.'),
    errors: [
      'INVALID_TOPIC_EXCEPTION',
      'UNKNOWN_TOPIC_OR_PARTITION',
      'INVALID_CONFIG',
      'REQUEST_TIMED_OUT',
    ],
  },
  addPartitions: {
    tag: 'Topics',
    summary: 'Add partitions to a topic',
    description:
      'Takes the new total, which is more than before. Keys go to other partitions from then on, as in Kafka.',
    request: {
      required: true,
      content: {
        'application/json': { schema: addPartitionsRequest, example: { partitions: 12 } },
      },
    },
    answer: described('The topic as it is now.'),
    errors: [
      'INVALID_TOPIC_EXCEPTION',
      'UNKNOWN_TOPIC_OR_PARTITION',
      'INVALID_PARTITIONS',
      'REQUEST_TIMED_OUT',
    ],
  },
} as const satisfies Record<string, Operation>;
