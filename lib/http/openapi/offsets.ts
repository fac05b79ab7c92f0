/** The routes of offsets, in words. */
import {
  commitOffsetsRequest,
  commitOffsetsResponse,
  fetchOffsetsQuery,
  fetchOffsetsResponse,
} from '../schemas/group.ts';
import { listOffsetsQuery, listOffsetsResponse } from '../schemas/offsets.ts';
import type { Operation } from './operation.ts';

export const OFFSET_OPERATIONS = {
  listOffsets: {
    tag: 'Offsets',
    summary: 'Find offsets: where logs begin, end, or have a time',
    description: 'The answer is 200 as soon as one partition could be asked.',
    query: listOffsetsQuery,
    queryExample: { at: '2026-01-01T00:00:00Z', partitions: '0,3' },
    answer: {
      status: 200,
      description: 'One answer per partition, in the order asked for.',
      content: {
        'application/json': {
          schema: listOffsetsResponse,
          example: { partitions: [{ partition: 0, offset: 42, timestamp: 1_767_225_600_000 }] },
        },
      },
    },
    errors: ['INVALID_TOPIC_EXCEPTION', 'UNKNOWN_TOPIC_OR_PARTITION', 'INVALID_TIMESTAMP'],
  },
  commitOffsets: {
    tag: 'Offsets',
    summary: 'Commit offsets of a group',
    description: `For groups without members. With \`epoch\` the commit is refused when the group has had members since. The answer is 200 as soon as one offset was committed.`,
    request: {
      required: true,
      content: {
        'application/json': {
          schema: commitOffsetsRequest,
          example: { offsets: [{ topic: 'orders', partition: 0, offset: 43 }] },
        },
      },
    },
    answer: {
      status: 200,
      description: 'One answer per offset, in order.',
      content: {
        'application/json': {
          schema: commitOffsetsResponse,
          example: { offsets: [{ topic: 'orders', partition: 0 }] },
        },
      },
    },
    errors: [
      'INVALID_GROUP_ID',
      'INVALID_TOPIC_EXCEPTION',
      'UNKNOWN_TOPIC_OR_PARTITION',
      'OFFSET_METADATA_TOO_LARGE',
      'STALE_MEMBER_EPOCH',
      'REQUEST_TIMED_OUT',
    ],
  },
  fetchOffsets: {
    tag: 'Offsets',
    summary: 'Read the offsets that a group has committed',
    description: 'Of all topics, or of one.',
    query: fetchOffsetsQuery,
    queryExample: { topic: 'orders' },
    answer: {
      status: 200,
      description: 'What was committed; nothing for a group that never did.',
      content: {
        'application/json': {
          schema: fetchOffsetsResponse,
          example: {
            epoch: 0,
            offsets: [{ topic: 'orders', partition: 0, offset: 43, metadata: '', leaderEpoch: -1 }],
          },
        },
      },
    },
    errors: ['INVALID_GROUP_ID', 'INVALID_TOPIC_EXCEPTION', 'RECORD_LIST_TOO_LARGE'],
  },
} as const satisfies Record<string, Operation>;
