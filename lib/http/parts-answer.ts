/**
 * The answer to a request of many parts (partitions, offsets), each told apart: 200 as soon as one part
 * worked, else the problem of the first, with all parts in it.
 */
import type { StratalogError } from '../model/errors.ts';
import { Answer } from './at-hand.ts';
import { PROBLEM_TYPE, problemOf, problemResponse } from './problem.ts';

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
  const [first] = parts;
  if (first?.error === undefined || parts.some(({ error }) => error === undefined)) {
    return new Answer(JSON.stringify({ ...around, [name]: told }), {
      headers: { 'content-type': 'application/json' },
    });
  }
  const { status, headers } = problemResponse(first.error);
  headers.set('content-type', PROBLEM_TYPE);
  return new Answer(JSON.stringify({ ...problemOf(first.error), [name]: told }), {
    status,
    headers,
  });
};
