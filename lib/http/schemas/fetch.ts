/** Requests and answers about reading records. */
import * as z from 'zod';
import {
  MAX_FETCH_MAX_BYTES,
  MAX_FETCH_PARTITIONS,
  MAX_FETCH_WAIT_MS,
} from '../../model/limits.ts';
import { problemSchema } from './problem.ts';
import { recordOutput } from './record.ts';
import { objectError, wholeNumber, wholeNumberText } from './text.ts';

const LAST_OFFSET = Number.MAX_SAFE_INTEGER;
const offsetError = { error: 'must be an offset (a whole number from 0), "earliest" or "latest"' };
const whereToStand = z.enum(['earliest', 'latest']);

const offsetInput = z.union(
  [z.int(offsetError).min(0, offsetError).max(LAST_OFFSET, offsetError), whereToStand],
  offsetError,
);

/** Many partitions of one topic. */
export const fetchRequest = z.strictObject(
  {
    partitions: z
      .array(
        z.strictObject(
          {
            partition: wholeNumber(0, 2 ** 31 - 1),
            offset: offsetInput,
            maxBytes: wholeNumber(0, MAX_FETCH_MAX_BYTES).optional(),
          },
          objectError('a partition to read, such as {"partition": 0, "offset": "earliest"}'),
        ),
        { error: 'must be an array such as [{"partition": 0, "offset": "earliest"}]' },
      )
      .min(1, { error: 'must name at least one partition' })
      .max(MAX_FETCH_PARTITIONS, { error: `must name at most ${MAX_FETCH_PARTITIONS} partitions` }),
    maxWaitMs: wholeNumber(0, MAX_FETCH_WAIT_MS)
      .optional()
      .describe('How long to wait for minBytes; in Lambda 1,000 ms at most.'),
    minBytes: wholeNumber(0, MAX_FETCH_MAX_BYTES).optional(),
    maxBytes: wholeNumber(0, MAX_FETCH_MAX_BYTES)
      .optional()
      .describe('Of record batches, over all partitions; an answer holds some 4 MB anyway.'),
  },
  objectError('an object such as {"partitions": [{"partition": 0, "offset": "earliest"}]}'),
);

/** Query of the GET of one partition. */
export const fetchPartitionQuery = z.strictObject({
  offset: z.union([wholeNumberText(0, LAST_OFFSET), whereToStand], offsetError).default('earliest'),
  maxBytes: wholeNumberText(0, MAX_FETCH_MAX_BYTES).optional(),
  maxWaitMs: wholeNumberText(0, MAX_FETCH_WAIT_MS).optional(),
  minBytes: wholeNumberText(0, MAX_FETCH_MAX_BYTES).optional(),
});

export const partitionNumber = z.strictObject({ partition: wholeNumberText(0, 2 ** 31 - 1) });

/** Where a partition stands, and where to go on. */
const position = {
  partition: z.int(),
  nextOffset: z.int().describe('The offset to ask for next.'),
  highWatermark: z.int(),
  lastStableOffset: z.int(),
  logStartOffset: z.int(),
};

/** One partition's records as JSON. */
export const fetchPartitionResponse = z.object({
  ...position,
  records: z.array(recordOutput),
});

/** One answer per partition, in the order of the request. */
export const fetchResponse = z.object({
  partitions: z.array(
    z.union([fetchPartitionResponse, z.object({ partition: z.int(), error: problemSchema })]),
  ),
});
