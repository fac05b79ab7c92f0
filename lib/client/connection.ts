/** What everything in the client shares: where the service is, how it is spoken to, and how patiently. */
import { StratalogError } from '../model/errors.ts';
import { type Runtime, systemRuntime } from '../model/runtime.ts';
import { httpTransport, type Transport } from './transport.ts';

/**
 * How often what is worth it is tried again, with pauses that double. Messages are tried until their
 * `deliveryTimeoutMs` is over, and a reader's fetches until its `retryTimeoutMs` is, with these pauses.
 */
export interface RetryOptions {
  /** Attempts in all, the first one counted. Default 5; 1 never tries again. */
  readonly maxAttempts?: number;
  /** Default 50. Pauses are drawn between half of it and all of it. */
  readonly firstPauseMs?: number;
  /** Default 2,000. */
  readonly maxPauseMs?: number;
}

export interface ConnectionOptions {
  /** Where the service is, such as `http://127.0.0.1:8080`. */
  readonly endpoint: string;
  readonly retry?: RetryOptions;
  /** How long one request may take, what it is asked to wait not counted. Default 30,000. */
  readonly requestTimeoutMs?: number;
  /** Sent with every request, such as a proxy's own authorisation. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What requests go through. Default: the platform's `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
  /** Clock, timers and randomness. Default: the process's own. */
  readonly runtime?: Runtime;
}

/** A connection as the parts of the client hold it, its options checked. */
export interface Connection {
  readonly exchange: Transport;
  readonly runtime: Runtime;
  readonly retry: Required<RetryOptions>;
  readonly requestTimeoutMs: number;
  /** Whether the service has ever answered. */
  readonly wasReached: () => boolean;
}

const DEFAULT_RETRY: Required<RetryOptions> = {
  maxAttempts: 5,
  firstPauseMs: 50,
  maxPauseMs: 2_000,
};

const DEFAULT_REQUEST_TIMEOUT_MS = 30_000;

/** Options without those that are there and undefined, which say nothing. */
export const said = <Options extends object>(options: Options): Options =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;

/**
 * Checks an option that is a number.
 * @throws INVALID_CONFIG naming the option, its value and what is legal
 */
export const checkNumber = (
  name: string,
  value: number,
  from: number,
  to = Number.MAX_SAFE_INTEGER,
): number => {
  if (typeof value === 'number' && value >= from && value <= to) return value;
  const range = to === Number.MAX_SAFE_INTEGER ? `${from} or more` : `from ${from} to ${to}`;
  throw new StratalogError('INVALID_CONFIG', `${name} is ${String(value)}; it must be ${range}.`, {
    context: { option: name, value: String(value) },
  });
};

/** A connection over `transport`, with the defaults of everything that is not said. */
export const connectionOver = (
  transport: Transport,
  options: Omit<ConnectionOptions, 'endpoint' | 'fetch'> = {},
): Connection => {
  const { runtime = systemRuntime, requestTimeoutMs = DEFAULT_REQUEST_TIMEOUT_MS } = options;
  const retry = { ...DEFAULT_RETRY, ...said(options.retry ?? {}) };
  checkNumber('retry.maxAttempts', retry.maxAttempts, 1);
  checkNumber('retry.firstPauseMs', retry.firstPauseMs, 0);
  checkNumber('retry.maxPauseMs', retry.maxPauseMs, 0);
  checkNumber('requestTimeoutMs', requestTimeoutMs, 1);
  let reached = false;
  const exchange: Transport = async (asked) => {
    const answer = await transport(asked);
    reached = true;
    return answer;
  };
  return { exchange, runtime, retry, requestTimeoutMs, wasReached: () => reached };
};

/**
 * Nothing is sent yet; there is nothing to close.
 * @throws INVALID_CONFIG when the endpoint is no http(s) URL, or a number is not legal
 */
export const connect = (options: ConnectionOptions): Connection =>
  connectionOver(httpTransport(options), options);
