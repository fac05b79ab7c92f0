/** Record batches as they are, no more of them than fit a Lambda answer as base64. */
import type { FetchPartitionResult } from '../broker/api.ts';
import { getInt64 } from '../bytes/integers.ts';
import { StratalogError } from '../model/errors.ts';
import { BATCHES_MEDIA_TYPE, encodeFrames, type FrameInput } from '../record/frames.ts';
import { BASE_OFFSET_AT } from '../record/layout.ts';
import { Answer } from './at-hand.ts';
import { FRAME_BYTES, MAX_BINARY_BODY_BYTES } from './payload.ts';
import { problemOf, problemResponse } from './problem.ts';
import type { Problem } from './schemas/problem.ts';

const HEADERS = { 'content-type': BATCHES_MEDIA_TYPE };

/** A frame's numbers: partition, length of meta, size of the batches. */
const FIXED_BYTES = 12;

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

/** What to say of a batch that no answer can carry whole: one from before such were refused. */
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
  return new Answer(batches.length === 1 ? batches[0]! : Buffer.concat(batches), {
    headers: {
      ...HEADERS,
      'stratalog-next-offset': String(nextOffset),
      'stratalog-high-watermark': String(result.highWatermark),
      'stratalog-last-stable-offset': String(result.lastStableOffset),
      'stratalog-log-start-offset': String(result.logStartOffset),
    },
  });
};

/** The problem without the facts of its case. */
const briefly = ({ type, title, status, code, retriable, effect }: Problem): Problem => ({
  type,
  title,
  status,
  detail: `${title}. Ask for this partition alone to be told more.`,
  code,
  retriable,
  effect,
});

/** Bytes of `meta` beyond what is kept for every frame. */
const beyondFrame = (meta: object): number =>
  Math.max(0, FIXED_BYTES + Buffer.byteLength(JSON.stringify(meta)) - FRAME_BYTES);

/**
 * One frame per partition, in order. Meta is the partition's position, or `{error}` with its problem.
 * The first batch of all is always carried: `FRAME_BYTES` a partition leave room for the largest, and
 * problems are told at length only where that leaves room too.
 */
export const framesResponse = (results: readonly FetchPartitionResult[]): Response => {
  let room = MAX_BINARY_BODY_BYTES - results.length * FRAME_BYTES;
  let kept = results.find(({ batches }) => batches.length > 0)?.batches[0]?.length ?? 0;
  const failed = (partition: number, error: StratalogError): FrameInput => {
    const problem = problemOf(error);
    const extra = beyondFrame({ error: problem });
    const fits = extra <= room - kept;
    if (fits) room -= extra;
    return { partition, meta: { error: fits ? problem : briefly(problem) }, batches: [] };
  };
  const frames = results.map((result): FrameInput => {
    const { partition, highWatermark, lastStableOffset, logStartOffset } = result;
    if (result.error !== undefined) return failed(partition, result.error);
    const { batches, sizeBytes, nextOffset } = fitting(result, room);
    const [first] = result.batches;
    if (first !== undefined && kept > 0) {
      kept = 0;
      if (batches.length === 0) return failed(partition, tooLarge(first));
    }
    room -= sizeBytes;
    const aborted = result.abortedTransactions;
    const meta = {
      nextOffset,
      highWatermark,
      lastStableOffset,
      logStartOffset,
      ...(aborted.length === 0 ? {} : { abortedTransactions: aborted }),
    };
    return { partition, meta, batches };
  });
  return new Answer(encodeFrames(frames), { headers: HEADERS });
};
