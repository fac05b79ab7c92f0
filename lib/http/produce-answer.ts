/** What a produce request is answered: per record, or per partition for bodies of batches. */
import type { z } from 'zod';
import type { ProducePartitionResult } from '../broker/api.ts';
import type { ErrorCode, StratalogError } from '../model/errors.ts';
import type { RecordOutcome } from './append-records.ts';
import { Answer } from './at-hand.ts';
import { fitsEscaped, MAX_ENCODED_BODY_BYTES } from './payload.ts';
import { HTTP_STATUS, PROBLEM_TYPE, problemOf, problemResponse } from './problem.ts';
import type { produceBatchesResponse, produceResponse } from './schemas/produce.ts';

type RecordAnswer = z.input<typeof produceResponse>['records'][number];
type PartitionAnswer = z.input<typeof produceBatchesResponse>['partitions'][number];
type ErrorAnswer = Extract<RecordAnswer, { error: unknown }>['error'];

const recordsBody = (
  outcomes: readonly RecordOutcome[],
  tell: (error: StratalogError) => ErrorAnswer,
): string => {
  const records = outcomes.map(
    ({ partition, offset, error }): RecordAnswer =>
      error === undefined ? { partition, offset } : { partition, error: tell(error) },
  );
  return JSON.stringify({ records });
};

/** Tells the first error of each code in full, the others by their code. */
const inFullOnce = (): ((error: StratalogError) => ErrorAnswer) => {
  const told = new Set<ErrorCode>();
  return (error) => {
    if (told.has(error.code)) return { code: error.code };
    told.add(error.code);
    return problemOf(error);
  };
};

const JSON_HEADERS = { 'content-type': 'application/json' };

/** One answer per record; 200 as soon as one was written. */
export const recordsResponse = (outcomes: readonly RecordOutcome[]): Response => {
  const firstError = outcomes.find(({ error }) => error !== undefined)?.error;
  if (firstError !== undefined && outcomes.every(({ error }) => error !== undefined)) {
    return problemResponse(firstError);
  }
  const body = recordsBody(outcomes, problemOf);
  const fits = fitsEscaped(body, MAX_ENCODED_BODY_BYTES, 'json');
  return new Answer(fits ? body : recordsBody(outcomes, inFullOnce()), { headers: JSON_HEADERS });
};

const wroteAny = ({ baseOffsets }: Pick<ProducePartitionResult, 'baseOffsets'>): boolean =>
  baseOffsets.some((offset) => offset >= 0);

const partitionAnswer = ({ error, ...result }: ProducePartitionResult): PartitionAnswer =>
  error === undefined
    ? { ...result, baseOffsets: [...result.baseOffsets] }
    : {
        partition: result.partition,
        ...(wroteAny(result) ? { baseOffsets: [...result.baseOffsets] } : {}),
        error: problemOf(error),
      };

/** One answer per partition; if none was written, the problem of the first, with all of them in it. */
export const batchesResponse = (results: readonly ProducePartitionResult[]): Response => {
  const partitions = results.map(partitionAnswer);
  const firstError = results.find(({ error }) => error !== undefined)?.error;
  if (firstError === undefined || results.some(wroteAny)) {
    return new Answer(JSON.stringify({ partitions }), { headers: JSON_HEADERS });
  }
  return new Response(JSON.stringify({ ...problemOf(firstError), partitions }), {
    status: HTTP_STATUS[firstError.code],
    headers: { 'content-type': PROBLEM_TYPE },
  });
};
