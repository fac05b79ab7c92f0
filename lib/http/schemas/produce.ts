/** Requests and answers about appending records. */
import * as z from 'zod';
import { MAX_RECORDS_PER_REQUEST } from '../../model/limits.ts';
import { MAX_ENCODED_BODY_BYTES } from '../payload.ts';
import { problemSchema } from './problem.ts';
import { recordInput } from './record.ts';
import { objectError, wholeNumberText } from './text.ts';

/** Room that an answer has for one record, even when its error is told by code only. */
const MAX_ANSWER_BYTES = 84;

/** Records in one JSON request: as many as an answer has room for. */
export const MAX_JSON_RECORDS = Math.min(
  MAX_RECORDS_PER_REQUEST,
  Math.floor(MAX_ENCODED_BODY_BYTES / MAX_ANSWER_BYTES),
);

const tooFew = { error: 'must have at least one record' };
const tooMany = { error: `must have at most ${MAX_JSON_RECORDS} records` };

/** A JSON body of records. */
export const produceRequest = z.strictObject(
  {
    records: z
      .array(recordInput, { error: 'must be an array of records' })
      .min(1, tooFew)
      .max(MAX_JSON_RECORDS, tooMany),
  },
  objectError('an object such as {"records": [{"key": "a", "value": "b"}]}'),
);

export const produceQuery = z.strictObject({
  partition: wholeNumberText(0, 2 ** 31 - 1)
    .optional()
    .describe('Of batches that come without frames, and of records that name none.'),
  expectedEnd: wholeNumberText(0, Number.MAX_SAFE_INTEGER)
    .optional()
    .describe('Append all at this offset or nothing: the partition must end there.'),
  producerId: wholeNumberText(0, Number.MAX_SAFE_INTEGER)
    .optional()
    .describe('Of `POST /producers`: what is sent again is written once. For JSON.'),
  producerEpoch: wholeNumberText(0, 2 ** 15 - 1)
    .optional()
    .describe('Goes with producerId.'),
  baseSequence: wholeNumberText(0, 2 ** 31 - 1)
    .optional()
    .describe(
      'Goes with producerId: sequence of the first record; from 0 on, counted by partition.',
    ),
});

const failedPartition = z.object({
  partition: z.int(),
  baseOffsets: z
    .array(z.int())
    .optional()
    .describe('Where other batches of the share were written: their offsets, -1 for those not.'),
  error: problemSchema,
});

const failedRecord = z.object({
  partition: z.int(),
  error: z
    .union([problemSchema, z.object({ code: z.string() })])
    .describe(
      'By code only where one of that code was told before and the answer would grow too large.',
    ),
});

/** One answer per record, in the order of the request. */
export const produceResponse = z.object({
  records: z.array(z.union([z.object({ partition: z.int(), offset: z.int() }), failedRecord])),
});

/** One answer per partition, in the order of the request. */
export const produceBatchesResponse = z.object({
  partitions: z.array(
    z.union([
      z.object({
        partition: z.int(),
        baseOffsets: z.array(z.int()).describe('Offset of the first record of each batch.'),
        logStartOffset: z.int(),
        logAppendTime: z.int().describe('ms since the Unix epoch, or -1.'),
      }),
      failedPartition,
    ]),
  ),
});

/** Either, as the body was. */
export const produceAnswer = z.union([produceResponse, produceBatchesResponse]);
