/**
 * When to try again: only what may succeed later and certainly changed nothing, a few times, with
 * growing pauses of random length (so that clients that failed together do not return together).
 */
import { asStratalogError, type ErrorCode, type StratalogError } from '../model/errors.ts';
import type { Runtime } from '../model/runtime.ts';
import type { Connection, RetryOptions } from './connection.ts';
import { cancelled } from './transport.ts';

/** Retriable in Kafka, where metadata arrives late. Here it is read as it is, and no topic means no topic. */
const SETTLED: readonly ErrorCode[] = ['UNKNOWN_TOPIC_OR_PARTITION'];

/** Whether the same call is worth another attempt. */
export const worthRetrying = (error: StratalogError): boolean =>
  error.retriable && error.effect === 'none' && !SETTLED.includes(error.code);

/** The pause after attempt number `attempt` (from 1), ms. */
export const pauseMs = (
  attempt: number,
  { firstPauseMs, maxPauseMs }: Required<RetryOptions>,
  runtime: Pick<Runtime, 'randomBytes'>,
): number => {
  const most = Math.min(firstPauseMs * 2 ** (attempt - 1), maxPauseMs);
  const random = (runtime.randomBytes(1)[0] ?? 0) / 256;
  return most / 2 + (most / 2) * random;
};

/** Waits before the next attempt; false when there is none left. @throws CANCELLED */
const pause = async (
  attempt: number,
  { retry, runtime }: Pick<Connection, 'retry' | 'runtime'>,
  signal?: AbortSignal,
): Promise<boolean> => {
  if (attempt >= retry.maxAttempts) return false;
  await runtime.sleep(pauseMs(attempt, retry, runtime), signal);
  if (signal?.aborted) throw cancelled(false, signal.reason);
  return true;
};

/** `call`, again while its error is worth it. @throws the last error, as a StratalogError; CANCELLED */
export const withRetries = async <T>(
  call: () => Promise<T>,
  connection: Pick<Connection, 'retry' | 'runtime'>,
  signal?: AbortSignal,
): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (caught) {
      const error = asStratalogError(caught);
      if (!worthRetrying(error) || !(await pause(attempt, connection, signal))) throw error;
    }
  }
};

/**
 * `call`, which has retries of its own, again for `patienceMs` while the service cannot be reached or
 * has too much to do: a restart takes a few seconds. Until the service has answered once, the endpoint
 * may just be wrong, and its first failure is told at once.
 * @throws the last error, as a StratalogError
 */
export const patiently = async <T>(
  call: () => Promise<T>,
  { runtime, retry, wasReached }: Pick<Connection, 'retry' | 'runtime' | 'wasReached'>,
  patienceMs: number,
  signal?: AbortSignal,
): Promise<T> => {
  // From the first failure on: a call may take its time.
  let untilMs: number | undefined;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (caught) {
      const error = asStratalogError(caught);
      const delayMs = pauseMs(attempt, retry, runtime);
      untilMs ??= runtime.monotonicMs() + patienceMs;
      const isOver = runtime.monotonicMs() + delayMs > untilMs;
      if (!worthRetrying(error) || isOver || signal?.aborted || !wasReached()) throw error;
      await runtime.sleep(delayMs, signal);
    }
  }
};
