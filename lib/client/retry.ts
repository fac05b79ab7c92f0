/**
 * When to try again: only what may succeed later and certainly changed nothing, a few times, with
 * growing pauses of random length (so that clients that failed together do not return together).
 */
import { asStratalogError, type ErrorCode, type StratalogError } from '../model/errors.ts';
import type { Runtime } from '../model/runtime.ts';

const MAX_ATTEMPTS = 5;
const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 2_000;

/** Retriable in Kafka, where metadata arrives late. Here it is read as it is, and no topic means no topic. */
const SETTLED: readonly ErrorCode[] = ['UNKNOWN_TOPIC_OR_PARTITION'];

/** Whether the same call is worth another attempt. */
export const worthRetrying = (error: StratalogError): boolean =>
  error.retriable && error.effect === 'none' && !SETTLED.includes(error.code);

/** The pause after attempt number `attempt` (from 1), or undefined when that was the last one. */
const pauseMs = (attempt: number, runtime: Runtime): number | undefined => {
  if (attempt >= MAX_ATTEMPTS) return undefined;
  const most = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), MAX_PAUSE_MS);
  const random = (runtime.randomBytes(1)[0] ?? 0) / 256;
  return most / 2 + (most / 2) * random;
};

/** Waits before the next attempt; false when there is none left. */
export const pause = async (
  attempt: number,
  runtime: Runtime,
  signal?: AbortSignal,
): Promise<boolean> => {
  const delayMs = pauseMs(attempt, runtime);
  if (delayMs === undefined || signal?.aborted) return false;
  await runtime.sleep(delayMs, signal);
  return !signal?.aborted;
};

/** `call`, again while its error is worth it. @throws the last error, as a StratalogError */
export const withRetries = async <T>(
  call: () => Promise<T>,
  runtime: Runtime,
  signal?: AbortSignal,
): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (caught) {
      const error = asStratalogError(caught);
      if (!worthRetrying(error) || !(await pause(attempt, runtime, signal))) throw error;
    }
  }
};
