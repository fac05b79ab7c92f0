/** Appends record batches by HTTP. */
import { StratalogError } from '../model/errors.ts';
import { BATCHES_MEDIA_TYPE, encodeFrames } from '../record/frames.ts';
import { topicPath } from './call.ts';
import type { Connection } from './connection.ts';
import { asObject, errorOfProblem } from './failures.ts';
import { errorOf, jsonOf } from './transport.ts';

/** Batches for one partition, to be appended in this order. */
export interface ProduceShare {
  readonly partition: number;
  /** Each one whole RecordBatch (magic 2) with base offset 0. */
  readonly batches: readonly Uint8Array[];
  /** Append all of them at this offset, or nothing. */
  readonly expectedEnd?: number;
}

/** What became of one share: the offset of the first record of each batch, or why there is none. */
export type ProduceResult =
  | { readonly partition: number; readonly baseOffsets: readonly number[]; readonly error?: never }
  | { readonly partition: number; readonly error: StratalogError };

const resultOf = (value: unknown): ProduceResult => {
  const { partition, baseOffsets, error } = asObject(value) ?? {};
  const problem = asObject(error);
  return problem === undefined
    ? { partition: Number(partition), baseOffsets: baseOffsets as readonly number[] }
    : { partition: Number(partition), error: errorOfProblem(problem) };
};

/**
 * Sends one request, once. One result per share, in order; shares are of different partitions.
 * @param timeoutMs until the whole answer is there
 * @throws what concerns the request as a whole, such as UNKNOWN_TOPIC_OR_PARTITION for the topic
 */
export const produceOnce = async (
  { exchange, requestTimeoutMs }: Connection,
  topic: string,
  shares: readonly ProduceShare[],
  timeoutMs = requestTimeoutMs,
): Promise<readonly ProduceResult[]> => {
  const frames = shares.map(({ expectedEnd, ...share }) =>
    expectedEnd === undefined ? share : { ...share, meta: { expectedEnd } },
  );
  const answer = await exchange({
    method: 'POST',
    path: `${topicPath(topic)}/records`,
    body: encodeFrames(frames),
    contentType: BATCHES_MEDIA_TYPE,
    timeoutMs,
  });
  const partitions = asObject(jsonOf(answer))?.partitions;
  if (Array.isArray(partitions) && partitions.length === shares.length) {
    return partitions.map(resultOf);
  }
  if (answer.status >= 400) throw errorOf(answer);
  throw new StratalogError(
    'UNKNOWN_SERVER_ERROR',
    'The service answered a produce request in a form that this client does not know.',
    { effect: 'unknown' },
  );
};
