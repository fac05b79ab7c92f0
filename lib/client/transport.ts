/**
 * One HTTP exchange with the service, by the platform's `fetch`; failures come back as StratalogError.
 *
 * What ended an exchange before it was answered tells what may have happened: nothing when it was
 * never sent or changes nothing, else nobody knows. A `fetch` that knows better rejects with a
 * StratalogError, which is told as it is.
 */
import { decodeUtf8 } from '../bytes/utf8.ts';
import { StratalogError, withEffect } from '../model/errors.ts';
import { type Runtime, systemRuntime } from '../model/runtime.ts';
import { asObject, errorOfProblem, errorOfStatus, errorOfTransport } from './failures.ts';
import { type Asked, SIGNED_AS_HEADER } from './gateway.ts';

export interface Exchange {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** From the endpoint on, encoded. */
  readonly path: string;
  readonly body?: Uint8Array | string;
  readonly contentType?: string;
  readonly accept?: string;
  readonly signal?: AbortSignal;
  /** Whether the service changes anything by it; default: all but GET. */
  readonly changes?: boolean;
  /** Until the whole answer is there. Default: no bound. */
  readonly timeoutMs?: number;
}

/** What came back, whatever its status. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array;
  /** What it is the answer to. */
  readonly asked: Asked;
}

export type Transport = (exchange: Exchange) => Promise<Answer>;

export interface TransportOptions {
  /** An http(s) URL. */
  readonly endpoint: string;
  readonly fetch?: typeof globalThis.fetch;
  readonly headers?: Readonly<Record<string, string>>;
  readonly runtime?: Runtime;
}

/** CANCELLED: the caller's signal said so. `mayHaveHappened`: it was on its way, and changes something. */
export const cancelled = (mayHaveHappened: boolean, reason?: unknown): StratalogError =>
  new StratalogError(
    'CANCELLED',
    mayHaveHappened
      ? 'The call was cancelled when its request was on the way already; the service may have done it.'
      : 'The call was cancelled before it had any effect.',
    { effect: mayHaveHappened ? 'unknown' : 'none', cause: reason },
  );

const timedOut = (timeoutMs: number, endpoint: string, changes: boolean): StratalogError =>
  new StratalogError(
    'REQUEST_TIMED_OUT',
    `The service at ${endpoint} did not answer within ${timeoutMs} ms. Raise requestTimeoutMs if it is only slow.`,
    { context: { endpoint, timeoutMs }, effect: changes ? 'unknown' : 'none' },
  );

/** A slash at its end makes no difference. @throws INVALID_CONFIG when it is no http(s) URL */
const baseOf = (endpoint: string): string => {
  const base = endpoint.replace(/\/+$/, '');
  if (URL.canParse(base) && /^https?:$/.test(new URL(base).protocol)) return base;
  throw new StratalogError(
    'INVALID_CONFIG',
    `The endpoint ${JSON.stringify(endpoint)} is not a URL such as http://127.0.0.1:8080.`,
    { context: { endpoint } },
  );
};

/** @throws INVALID_CONFIG when `endpoint` is no http(s) URL */
export const httpTransport = (options: TransportOptions): Transport => {
  const { endpoint, headers = {}, runtime = systemRuntime } = options;
  const base = baseOf(endpoint);
  // Called as a function of its own: a browser's refuses to be a method of anything but its window.
  const send = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  return async (exchange) => {
    const { method, path, body, contentType, accept, signal, timeoutMs } = exchange;
    const changes = exchange.changes ?? method !== 'GET';
    if (signal?.aborted) throw cancelled(false, signal.reason);
    const ending = new AbortController();
    let isLate = false;
    const onAbort = () => ending.abort(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    if (timeoutMs !== undefined) {
      void runtime.sleep(timeoutMs, ending.signal).then(() => {
        if (ending.signal.aborted) return;
        isLate = true;
        ending.abort();
      });
    }
    try {
      const response = await send(`${base}${path}`, {
        method,
        headers: {
          ...headers,
          ...(contentType === undefined ? {} : { 'content-type': contentType }),
          ...(accept === undefined ? {} : { accept }),
        },
        ...(body === undefined ? {} : { body: body as Uint8Array<ArrayBuffer> | string }),
        signal: ending.signal,
      });
      const signedAs = response.headers.get(SIGNED_AS_HEADER);
      return {
        status: response.status,
        contentType: response.headers.get('content-type') ?? '',
        body: new Uint8Array(await response.arrayBuffer()),
        asked: { method, path, ...(signedAs === null ? {} : { signedAs }) },
      };
    } catch (cause) {
      if (isLate) throw timedOut(timeoutMs ?? 0, base, changes);
      if (signal?.aborted) throw cancelled(changes, signal.reason);
      if (cause instanceof StratalogError) throw changes ? cause : withEffect(cause, 'none');
      throw errorOfTransport(cause, base, changes);
    } finally {
      signal?.removeEventListener('abort', onAbort);
      ending.abort();
    }
  };
};

/** The JSON in an answer, whatever its status; undefined when it is none. */
export const jsonOf = (answer: Answer): unknown => {
  try {
    return JSON.parse(decodeUtf8(answer.body));
  } catch {
    return undefined;
  }
};

/** The error that an answer of status 400 and above tells of. `changes`: whether the request would change anything. */
export const errorOf = (answer: Answer, changes = true): StratalogError => {
  const problem = asObject(jsonOf(answer));
  const error =
    problem !== undefined && 'code' in problem
      ? errorOfProblem(problem)
      : errorOfStatus(answer.status, decodeUtf8(answer.body), changes, answer.asked);
  return changes ? error : withEffect(error, 'none');
};

/**
 * The JSON of a good answer, undefined when it is empty.
 * @param gives a field without which it is none of this service's
 * @throws the error that a bad one tells of
 */
export const expectJson = <T>(answer: Answer, changes = true, gives?: string): T => {
  if (answer.status >= 400) throw errorOf(answer, changes);
  const value = jsonOf(answer);
  const isOurs = gives === undefined || asObject(value)?.[gives] !== undefined;
  if (!isOurs || (value === undefined && answer.body.length > 0)) {
    throw errorOfStatus(answer.status, decodeUtf8(answer.body), changes, answer.asked);
  }
  return value as T;
};
