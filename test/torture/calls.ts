/**
 * One request, once, and the answer that came in time, if any.
 *
 *   answer < 400         what was asked for
 *   a problem            effect "none": it certainly did not happen; else nobody knows
 *   nothing              refused, reset, cut off or too late: nobody knows
 */
import type { ErrorCode } from '../../lib/model/errors.ts';
import type { Field } from './field.ts';

/** Shorter than most halts of the service: what it was asked is given up, and done all the same. */
const CLIENT_TIMEOUT_MS = 1_000;

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

/** Problem details, as far as they matter here. */
export interface Problem {
  readonly code: string;
  readonly detail?: string;
  readonly retriable?: boolean;
  readonly effect?: 'none' | 'unknown';
  readonly logStartOffset?: number;
  readonly logEndOffset?: number;
}

/** Undefined: no whole answer within `timeoutMs`. */
export const call = async (
  { url, runtime }: Field,
  path: string,
  init: RequestInit = {},
  timeoutMs = CLIENT_TIMEOUT_MS,
): Promise<Answer | undefined> => {
  const late = new AbortController();
  const done = new AbortController();
  void runtime.sleep(timeoutMs, done.signal).then(() => late.abort());
  try {
    const response = await fetch(`${url}${path}`, { ...init, signal: late.signal });
    return { status: response.status, body: Buffer.from(await response.arrayBuffer()) };
  } catch {
    return undefined;
  } finally {
    done.abort();
  }
};

/** A request with a JSON body. */
export const jsonRequest = (body: unknown, method = 'POST'): RequestInit => ({
  method,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

export const jsonOf = <Body>({ body }: Answer): Body => JSON.parse(body.toString('utf8'));

/** What a problem says of the operation. */
export const outcomeOf = ({ effect }: Problem): 'fail' | 'info' =>
  effect === 'none' ? 'fail' : 'info';

/** What a service that is ending, was halted, or has no space may always say. */
const AT_ANY_TIME: readonly ErrorCode[] = [
  'KAFKA_STORAGE_ERROR',
  'REQUEST_TIMED_OUT',
  'THROTTLING_QUOTA_EXCEEDED',
];

/** Counts a refusal, and tells of one that no fault explains. False: it was such a one. */
export const isExpected = (
  field: Field,
  process: string,
  problem: Problem,
  ...expected: readonly ErrorCode[]
): boolean => {
  const { code } = problem;
  field.refusals.set(code, (field.refusals.get(code) ?? 0) + 1);
  if ([...AT_ANY_TIME, ...expected].some((one) => one === code)) return true;
  field.surprise(`${process} was told ${JSON.stringify(problem)}`);
  return false;
};
