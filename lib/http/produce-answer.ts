/** What a produce request is answered: per record, or per partition for bodies of batches. */
import type { z } from 'zod';
import type { ProducePartitionResult } from '../broker/api.ts';
import { type ErrorCode, failureOfAll, type StratalogError, withEffect } from '../model/errors.ts';
import type { RecordOutcome } from './append-records.ts';
import { Answer } from './at-hand.ts';
import type { Part } from './parts-answer.ts';
import { fitsEscaped, MAX_ENCODED_BODY_BYTES } from './payload.ts';
import { problemOf, problemResponse } from './problem.ts';
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

/**
 * Tells the first error of each code in full, the others by their code. Where the effect of one is
 * `unknown` the first says so for all of them.
 */
const inFullOnce = (
  errors: readonly StratalogError[],
): ((error: StratalogError) => ErrorAnswer) => {
  const told = new Set<ErrorCode>();
  const open = new Set(errors.flatMap(({ code, effect }) => (effect === 'unknown' ? [code] : [])));
  return (error) => {
    if (told.has(error.code)) return { code: error.code };
    told.add(error.code);
    return problemOf(open.has(error.code) ? withEffect(error, 'unknown') : error);
  };
};

const JSON_HEADERS = { 'content-type': 'application/json' };

const errorsOf = (parts: readonly Part[]): readonly StratalogError[] =>
  parts.flatMap(({ error }) => error ?? []);

/** One answer per record; 200 as soon as one was written. */
export const recordsResponse = (outcomes: readonly RecordOutcome[]): Response => {
  const errors = errorsOf(outcomes);
  if (errors.length === outcomes.length) return problemResponse(failureOfAll(errors));
  const body = recordsBody(outcomes, problemOf);
  const fits = fitsEscaped(body, MAX_ENCODED_BODY_BYTES, 'json');
  return new Answer(fits ? body : recordsBody(outcomes, inFullOnce(errors)), {
    headers: JSON_HEADERS,
  });
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
  const errors = errorsOf(results);
  if (errors.length === 0 || results.some(wroteAny)) {
    return new Answer(JSON.stringify({ partitions }), { headers: JSON_HEADERS });
  }
  return problemResponse(failureOfAll(errors), { partitions });
};
