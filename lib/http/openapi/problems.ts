/** The failures that a route may have: each status with the codes behind it, and how each is told. */
import { type ErrorCode, StratalogError } from '../../model/errors.ts';
import { HTTP_STATUS, PROBLEM_TYPE, problemOf } from '../problem.ts';
import type { Route } from '../routes.ts';
import { problemSchema } from '../schemas/problem.ts';
import type { Operation } from './operation.ts';
import type { Components, JsonSchema } from './schemas.ts';

/** What every route may fail with. */
const COMMON: readonly ErrorCode[] = [
  'INVALID_REQUEST',
  'CLUSTER_AUTHORIZATION_FAILED',
  'THROTTLING_QUOTA_EXCEEDED',
  'UNKNOWN_SERVER_ERROR',
  'CORRUPT_STORE',
  'KAFKA_STORAGE_ERROR',
];

const DETAIL = 'What happened, with the field or the name that is meant, and what to do.';

/** A reference to the example of a code, which HTTP may tell with a status of its own. */
const exampleOf = (code: ErrorCode, status: number, all: Components): [string, JsonSchema] => {
  const name = HTTP_STATUS[code] === status ? code : `${code}.${status}`;
  const value = { ...problemOf(new StratalogError(code, DETAIL)), status };
  return [name, all.example(name, value)];
};

/** By status, in order. */
export const problemsOf = (
  { path }: Route,
  { request, errors }: Operation,
  all: Components,
): JsonSchema => {
  const codesByStatus = new Map<number, Set<ErrorCode>>();
  const add = (status: number, code: ErrorCode) => {
    const codes = codesByStatus.get(status) ?? new Set();
    codesByStatus.set(status, codes.add(code));
  };
  for (const code of [...COMMON, ...errors]) add(HTTP_STATUS[code], code);
  if (path.includes('{')) add(404, 'INVALID_REQUEST');
  if (request !== undefined) {
    add(413, 'MESSAGE_TOO_LARGE');
    add(415, 'INVALID_REQUEST');
  }
  const schema = all.refer('output', problemSchema, 'Problem');
  return Object.fromEntries(
    [...codesByStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, codes]) => {
        const told = [...codes];
        const examples = Object.fromEntries(told.map((code) => exampleOf(code, status, all)));
        const content = { [PROBLEM_TYPE]: { schema, examples } };
        return [String(status), { description: told.join(', '), content }];
      }),
  );
};
