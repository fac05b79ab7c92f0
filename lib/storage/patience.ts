/**
 * How often and how long a store is asked again: exponential pauses with full jitter, so that
 * processes refused together do not come back together.
 */

import { STORE_PATIENCE_MS } from '../model/limits.ts';
import type { Runtime } from '../model/runtime.ts';
import { StoreError } from './ports.ts';

const FIRST_MS = 10;
const MOST_MS = 1_000;

/** ms to wait after attempt `attempt` (the first is 0). */
export const backoffMs = (attempt: number, runtime: Pick<Runtime, 'randomBytes'>): number => {
  const bound = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return (bound * (runtime.randomBytes(1)[0]! + 1)) / 256;
};

/**
 * Repeats what is safe to repeat while its failure may pass, until `deadlineMs` (by
 * `Runtime.monotonicMs`). Rejects with the last failure.
 */
export const retrying = async <T>(
  runtime: Runtime,
  deadlineMs: number,
  attemptOnce: () => Promise<T>,
): Promise<T> => {
  for (let attempt = 0; ; attempt++) {
    try {
      return await attemptOnce();
    } catch (error) {
      const mayPass = error instanceof StoreError && error.retriable;
      if (!mayPass || runtime.monotonicMs() >= deadlineMs) throw error;
      await runtime.sleep(backoffMs(attempt, runtime));
    }
  }
};

/**
 * The same for one write of many, such as the heads of a topic, which are not all to fail by one that was throttled.
 * Done twice it has to mean the same, or a condition has to tell it from what others did.
 */
export const insisting = <T>(runtime: Runtime, write: () => Promise<T>): Promise<T> =>
  retrying(runtime, runtime.monotonicMs() + STORE_PATIENCE_MS, write);
