/** Reads record batches by HTTP. */
import type { StratalogError } from '../model/errors.ts';
import { BATCHES_MEDIA_TYPE, decodeFrames, type FrameMeta } from '../record/frames.ts';
import { topicPath } from './call.ts';
import type { Connection } from './connection.ts';
import { asObject, errorOfProblem } from './failures.ts';
import { errorOf, jsonOf } from './transport.ts';

/** A partition to read and where to begin. */
export interface FetchShare {
  readonly partition: number;
  readonly offset: number | 'earliest' | 'latest';
}

export interface FetchOptions {
  /** How long the service waits for `minBytes`, ms; it may answer earlier. Default 0. */
  readonly maxWaitMs?: number;
  /** Default 1. */
  readonly minBytes?: number;
  /** Of batches, over all partitions. Default 1 MiB; an answer holds some 4 MB. */
  readonly maxBytes?: number;
  /** Gives up; the call then rejects. */
  readonly signal?: AbortSignal;
}

/** Where a partition stood when it was read. */
export interface PartitionPosition {
  /** The offset to ask for next. */
  readonly nextOffset: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
}

export type FetchResult =
  | (PartitionPosition & {
      readonly partition: number;
      /** Whole record batches, one after the other; the first may begin before the offset asked for. */
      readonly batches: Uint8Array;
      readonly error?: never;
    })
  | { readonly partition: number; readonly error: StratalogError };

const resultOf = (partition: number, meta: FrameMeta, batches: Uint8Array): FetchResult => {
  const problem = asObject(meta.error);
  return problem === undefined
    ? { partition, batches, ...(meta as unknown as PartitionPosition) }
    : { partition, error: errorOfProblem(problem) };
};

/**
 * Sends one request, once. One result per share, in order.
 * @throws what concerns the request as a whole
 */
export const fetchOnce = async (
  { exchange, requestTimeoutMs }: Connection,
  topic: string,
  shares: readonly FetchShare[],
  { signal, ...bounds }: FetchOptions = {},
): Promise<readonly FetchResult[]> => {
  const answer = await exchange({
    method: 'POST',
    path: `${topicPath(topic)}/fetch`,
    body: JSON.stringify({ partitions: shares, ...bounds }),
    contentType: 'application/json',
    accept: BATCHES_MEDIA_TYPE,
    changes: false,
    timeoutMs: requestTimeoutMs + (bounds.maxWaitMs ?? 0),
    ...(signal === undefined ? {} : { signal }),
  });
  if (answer.status < 400) {
    return decodeFrames(answer.body).map(({ partition, meta = {}, batches }) =>
      resultOf(partition, meta, batches),
    );
  }
  const failed = asObject(jsonOf(answer))?.partitions;
  if (!Array.isArray(failed)) throw errorOf(answer, false);
  return failed.map((each) => {
    const { partition, error } = asObject(each) ?? {};
    return { partition: Number(partition), error: errorOfProblem(asObject(error) ?? {}) };
  });
};
