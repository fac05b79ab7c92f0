/**
 * Record batches as JSON, no more of it than a Lambda answer can carry.
 *
 * A batch may grow many times over (compression, base64, field names), so the answer stops in front of
 * the record that would not fit, possibly in the middle of a batch, and `nextOffset` says where. Only
 * a record that does not fit an answer of its own is an error.
 */
import type { z } from 'zod';
import type { FetchPartition, FetchPartitionResult } from '../broker/api.ts';
import { asStratalogError, StratalogError } from '../model/errors.ts';
import { type DecodedBatch, decodeBatch } from '../record/decode.ts';
import { BATCHES_MEDIA_TYPE } from '../record/frames.ts';
import { readHeader } from '../record/header.ts';
import type { LogRecord } from '../record/record.ts';
import { type AnswerRoom, answerRoom, escapedBytes, MAX_ENCODED_BODY_BYTES } from './payload.ts';
import { problemOf } from './problem.ts';
import { recordAnswer } from './record-json.ts';
import type { fetchPartitionResponse, fetchResponse } from './schemas/fetch.ts';

type FetchAnswer = z.input<typeof fetchResponse>['partitions'][number];
type PartitionAnswer = z.input<typeof fetchPartitionResponse>;

/** Room kept for what surrounds the records of a partition, encoded. */
const PARTITION_BYTES = 512;
/** Room kept for the members of a problem around the partitions. */
const AROUND_BYTES = 4096;

/** Decodes, or says which offsets cannot be read, why, and where to go on without them. */
const decode = (batch: Uint8Array, partition: number): DecodedBatch => {
  try {
    return decodeBatch(batch);
  } catch (cause) {
    const { baseOffset, lastOffsetDelta } = readHeader(batch);
    const skipTo = baseOffset + lastOffsetDelta + 1;
    const { code, message, context } = asStratalogError(cause);
    throw new StratalogError(
      code,
      `The batch at offsets ${baseOffset} to ${skipTo - 1} of partition ${partition} cannot be read: ${message} Go on at offset ${skipTo} to leave it out.`,
      { context: { ...context, partition, offset: baseOffset, skipTo }, cause },
    );
  }
};

interface Rendered {
  readonly texts: readonly string[];
  readonly nextOffset: number;
}

/**
 * One partition as far as `room` goes.
 * @param isFirst nothing else is in the answer yet, so that what does not fit now never will
 */
const render = (
  asked: FetchPartition,
  result: FetchPartitionResult,
  room: AnswerRoom,
  isFirst: boolean,
): Rendered => {
  // A batch is served whole, also where the log begins in the middle of it.
  const from = Math.max(typeof asked.offset === 'number' ? asked.offset : 0, result.logStartOffset);
  const texts: string[] = [];
  let next = from;
  for (const batch of result.batches) {
    try {
      const { header, records } = decode(batch, result.partition);
      next = Math.max(next, header.baseOffset);
      for (const record of header.isControl ? [] : records) {
        if (record.offset < from) continue;
        next = record.offset;
        const text = JSON.stringify(recordAnswer(result.partition, record));
        if (!room.take(text)) {
          if (isFirst && texts.length === 0) throw tooLarge(result.partition, record, text);
          return { texts, nextOffset: next };
        }
        texts.push(text);
      }
      next = header.baseOffset + header.lastOffsetDelta + 1;
    } catch (error) {
      // What was read before it is answered now; the error comes when the next call begins here.
      if (texts.length === 0) throw error;
      return { texts, nextOffset: next };
    }
  }
  return { texts, nextOffset: result.nextOffset };
};

const tooLarge = (partition: number, { offset }: LogRecord, text: string): StratalogError => {
  const encodedBytes = escapedBytes(text) + 1;
  return new StratalogError(
    'MESSAGE_TOO_LARGE',
    `The record at offset ${offset} of partition ${partition} takes ${encodedBytes} bytes as JSON, more than an answer holds. Ask for ${BATCHES_MEDIA_TYPE}, or go on at offset ${offset + 1}.`,
    { context: { partition, offset, encodedBytes, skipTo: offset + 1 } },
  );
};

/** The JSON text of each partition's answer, and the first error when none could be read. */
export const jsonPartitions = (
  asked: readonly FetchPartition[],
  results: readonly FetchPartitionResult[],
): { readonly partitions: readonly string[]; readonly firstError: StratalogError | undefined } => {
  const room = answerRoom(MAX_ENCODED_BODY_BYTES - AROUND_BYTES - results.length * PARTITION_BYTES);
  let isFirst = true;
  const errors: StratalogError[] = [];
  const failed = (partition: number, error: StratalogError): string => {
    errors.push(error);
    const answer: FetchAnswer = { partition, error: problemOf(error) };
    const text = JSON.stringify(answer);
    room.charge(text);
    return text;
  };
  const partitions = results.map((result, i) => {
    const { partition, highWatermark, lastStableOffset, logStartOffset, error } = result;
    if (error !== undefined) return failed(partition, error);
    try {
      const { texts, nextOffset } = render(asked[i]!, result, room, isFirst);
      if (texts.length > 0) isFirst = false;
      const position: Omit<PartitionAnswer, 'records'> = {
        partition,
        nextOffset,
        highWatermark,
        lastStableOffset,
        logStartOffset,
      };
      return `${JSON.stringify(position).slice(0, -1)},"records":[${texts.join(',')}]}`;
    } catch (caught) {
      return failed(partition, asStratalogError(caught));
    }
  });
  return { partitions, firstError: errors.length === results.length ? errors[0] : undefined };
};
