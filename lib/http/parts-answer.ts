/**
 * The answer to a request of many parts (partitions, offsets), each told apart: 200 as soon as one part
 * worked, else the problem of the first, with all parts in it.
 */
import { failureOfAll, type StratalogError } from '../model/errors.ts';
import { Answer } from './at-hand.ts';
import { problemOf, problemResponse } from './problem.ts';

/** What became of a part; with an `error` it failed. */
export interface Part {
  readonly error?: StratalogError | undefined;
}

/**
 * @param name the member that lists the parts
 * @param tell a part as JSON; its error, if there is one, is told beside that
 */
export const partsResponse = <P extends Part>(
  name: string,
  parts: readonly P[],
  tell: (part: P) => object,
  around: object = {},
): Response => {
  const told = parts.map((part) =>
    part.error === undefined ? tell(part) : { ...tell(part), error: problemOf(part.error) },
  );
  const errors = parts.flatMap(({ error }) => error ?? []);
  if (errors.length === 0 || errors.length < parts.length) {
    return new Answer(JSON.stringify({ ...around, [name]: told }), {
      headers: { 'content-type': 'application/json' },
    });
  }
  return problemResponse(failureOfAll(errors), { [name]: told });
};
