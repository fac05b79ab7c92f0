/** What every refusal over HTTP keeps to: a problem that says what was wrong, and that nothing happened. */
import { expect } from 'vitest';
import { problemSchema } from '../../lib/http/schemas/problem.ts';
import type { Reply } from '../local/surfaces.ts';

/** @param maxCharacters of the detail: a person is to read it */
export const expectProblem = (
  reply: Reply,
  status: number,
  code: string,
  detail: RegExp,
  maxCharacters = 400,
): void => {
  const problem = problemSchema.parse(reply.json);
  expect({ status: reply.status, code: problem.code }).toEqual({ status, code });
  expect(problem.status).toBe(status);
  expect(problem.detail).toMatch(detail);
  expect(problem.detail.length).toBeLessThan(maxCharacters);
  expect(problem.effect).toBe('none');
  expect(reply.headers['content-type']).toBe('application/problem+json');
};
