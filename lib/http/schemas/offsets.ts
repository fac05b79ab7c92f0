/** Requests and answers about where a log begins, ends, and has a time. */
import * as z from 'zod';
import { MAX_PARTITIONS_PER_TOPIC } from '../../model/limits.ts';
import { problemSchema } from './problem.ts';
import { wholeNumberText } from './text.ts';

const atError = {
  error:
    'must be earliest, latest, max-timestamp, milliseconds since 1970, or a time with its zone such as 2026-01-31T12:00:00Z (write a + as %2B)',
};

/** No record is older than 1970, so any time before it asks for the same. */
const isoTime = z.iso.datetime({ offset: true }).transform((text) => Math.max(0, Date.parse(text)));

const timestamp = z
  .union([wholeNumberText(0, Number.MAX_SAFE_INTEGER), isoTime])
  .transform((ms) => ({ timestamp: ms }));

const listError = {
  error: `must be different partition numbers joined by commas, such as 0,3 (at most ${MAX_PARTITIONS_PER_TOPIC})`,
};

const partitionList = z
  .string()
  .regex(/^\d{1,10}(,\d{1,10})*$/, listError)
  .transform((text) => text.split(',').map(Number))
  .refine(
    (numbers) =>
      numbers.length <= MAX_PARTITIONS_PER_TOPIC &&
      new Set(numbers).size === numbers.length &&
      numbers.every((number) => number < 2 ** 31),
    listError,
  );

export const listOffsetsQuery = z.strictObject({
  at: z
    .union([z.enum(['earliest', 'latest', 'max-timestamp']), timestamp], atError)
    .default('latest')
    .describe(
      'Where: `earliest`, `latest` (the end), `max-timestamp` (the record with the latest time), or the first record at or after a time, as milliseconds since 1970 or as ISO 8601 with a zone.',
    ),
  partitions: partitionList
    .optional()
    .describe('Which partitions, joined by commas; all of them when absent.'),
});

/** One answer per partition, in the order asked for. */
export const listOffsetsResponse = z.object({
  partitions: z.array(
    z.union([
      z.object({
        partition: z.int(),
        offset: z.int().describe('-1: there is no such record.'),
        timestamp: z
          .int()
          .describe('Of that record, ms since the Unix epoch; -1 for the two ends.'),
      }),
      z.object({ partition: z.int(), error: problemSchema }),
    ]),
  ),
});

const beforeError = { error: 'must be an offset (a whole number from 0) or latest' };

export const deleteRecordsQuery = z.strictObject({
  before: z
    .union([wholeNumberText(0, Number.MAX_SAFE_INTEGER), z.literal('latest')], beforeError)
    .describe('The offset that the log is to begin at; `latest`: delete all records there are.'),
});

export const deleteRecordsResponse = z
  .object({ partition: z.int(), logStartOffset: z.int() })
  .describe('Where the log begins afterwards.');
