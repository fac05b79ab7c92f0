/** Requests and answers about the offsets of a consumer group. */
import * as z from 'zod';
import { MAX_OFFSETS_PER_COMMIT } from '../../model/limits.ts';
import { problemSchema } from './problem.ts';
import { objectError, wholeNumber } from './text.ts';
import { topicNameText } from './topic.ts';

const committed = z.strictObject(
  {
    topic: topicNameText,
    partition: wholeNumber(0, 2 ** 31 - 1),
    offset: wholeNumber(0, Number.MAX_SAFE_INTEGER).describe('Of the record that is next.'),
    metadata: z
      .string({ error: 'must be a string' })
      .optional()
      .describe('Whatever the consumer likes to remember.'),
    leaderEpoch: wholeNumber(-1, 2 ** 31 - 1)
      .optional()
      .describe('Of the record before; -1: not known.'),
  },
  objectError('an offset, such as {"topic": "orders", "partition": 0, "offset": 7}'),
);

export const commitOffsetsRequest = z
  .strictObject(
    {
      offsets: z
        .array(committed, {
          error: 'must be an array such as [{"topic": "orders", "partition": 0, "offset": 7}]',
        })
        .min(1, { error: 'must have at least one offset' })
        .max(MAX_OFFSETS_PER_COMMIT, {
          error: `must have at most ${MAX_OFFSETS_PER_COMMIT} offsets`,
        }),
      epoch: wholeNumber(0, 2 ** 31 - 1)
        .optional()
        .describe("The group's epoch as it was read; absent: as it is now."),
    },
    objectError(
      'an object such as {"offsets": [{"topic": "orders", "partition": 0, "offset": 7}]}',
    ),
  )
  .describe('Offsets to commit for a group without members.');

/** One answer per offset, in the order of the request. */
export const commitOffsetsResponse = z.object({
  offsets: z.array(
    z.object({
      topic: topicNameText,
      partition: z.int(),
      error: problemSchema.optional().describe('Present where the offset was not committed.'),
    }),
  ),
});

export const fetchOffsetsQuery = z.strictObject({
  topic: topicNameText.optional().describe('Offsets of this topic only.'),
});

export const fetchOffsetsResponse = z
  .object({
    epoch: z.int().describe('Of the group; 0: it never had members.'),
    offsets: z.array(
      z.object({
        topic: topicNameText,
        partition: z.int(),
        offset: z.int().describe('Of the record that is next.'),
        metadata: z.string(),
        leaderEpoch: z.int().describe('-1: not known.'),
        error: problemSchema.optional(),
      }),
    ),
  })
  .describe('What the group has committed.');
