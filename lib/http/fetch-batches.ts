/** Record batches as they are, no more of them than fit a Lambda answer as base64. */
import type { FetchPartitionResult } from '../broker/api.ts';
import { getInt64 } from '../bytes/integers.ts';
import { StratalogError } from '../model/errors.ts';
import { BATCHES_MEDIA_TYPE, encodeFrames, type FrameInput } from '../record/frames.ts';
import { BASE_OFFSET_AT } from '../record/layout.ts';
import { MAX_BINARY_BODY_BYTES } from './payload.ts';
import { problemOf, problemResponse } from './problem.ts';

const HEADERS = { 'content-type': BATCHES_MEDIA_TYPE };

/** Room kept for a frame's numbers and meta, and for that of one error. */
const FRAME_BYTES = 512;
const ERROR_FRAME_BYTES = 2048;

interface Fitting {
  readonly batches: readonly Uint8Array[];
  readonly sizeBytes: number;
  readonly nextOffset: number;
}

/** The leading batches that fit `room` bytes. */
const fitting = ({ batches, nextOffset }: FetchPartitionResult, room: number): Fitting => {
  let sizeBytes = 0;
  for (const [i, batch] of batches.entries()) {
    if (sizeBytes + batch.length > room) {
      return {
        batches: batches.slice(0, i),
        sizeBytes,
        nextOffset: getInt64(batch, BASE_OFFSET_AT),
      };
    }
    sizeBytes += batch.length;
  }
  return { batches, sizeBytes, nextOffset };
};

/** What to say of a batch that no answer can carry whole. */
const tooLarge = (batch: Uint8Array): StratalogError => {
  const offset = getInt64(batch, BASE_OFFSET_AT);
  return new StratalogError(
    'MESSAGE_TOO_LARGE',
    `The batch at offset ${offset} has ${batch.length} bytes and an answer of batches holds ${MAX_BINARY_BODY_BYTES}. Read its records as application/json.`,
    { context: { offset, sizeBytes: batch.length, maxBytes: MAX_BINARY_BODY_BYTES } },
  );
};

/** The batches of one partition, bare; where it stands is told in headers. */
export const batchesResponse = (result: FetchPartitionResult): Response => {
  const { batches, nextOffset } = fitting(result, MAX_BINARY_BODY_BYTES);
  if (batches.length === 0 && result.batches.length > 0) {
    return problemResponse(tooLarge(result.batches[0]!));
  }
  return new Response(Buffer.concat(batches), {
    headers: {
      ...HEADERS,
      'stratalog-next-offset': String(nextOffset),
      'stratalog-high-watermark': String(result.highWatermark),
      'stratalog-last-stable-offset': String(result.lastStableOffset),
      'stratalog-log-start-offset': String(result.logStartOffset),
    },
  });
};

/** One frame per partition, in order. Meta is the partition's position, or `{error}` with its problem. */
export const framesResponse = (results: readonly FetchPartitionResult[]): Response => {
  let room = MAX_BINARY_BODY_BYTES - results.length * FRAME_BYTES;
  let isEmpty = true;
  const frames = results.map((result): FrameInput => {
    const { partition, highWatermark, lastStableOffset, logStartOffset } = result;
    const failed = (error: StratalogError): FrameInput => {
      room -= ERROR_FRAME_BYTES;
      return { partition, meta: { error: problemOf(error) }, batches: [] };
    };
    if (result.error !== undefined) return failed(result.error);
    const { batches, sizeBytes, nextOffset } = fitting(result, Math.max(room, 0));
    if (batches.length === 0 && result.batches.length > 0 && isEmpty) {
      return failed(tooLarge(result.batches[0]!));
    }
    if (batches.length > 0) isEmpty = false;
    room -= sizeBytes;
    const aborted = result.abortedTransactions;
    return {
      partition,
      meta: {
        nextOffset,
        highWatermark,
        lastStableOffset,
        logStartOffset,
        ...(aborted.length === 0 ? {} : { abortedTransactions: aborted }),
      },
      batches,
    };
  });
  return new Response(encodeFrames(frames) as Uint8Array<ArrayBuffer>, { headers: HEADERS });
};
