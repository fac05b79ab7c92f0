/**
 * How long to wait before a store is asked again: exponential, with full jitter, so that processes
 * refused together do not come back together.
 */
import type { Runtime } from '../../model/runtime.ts';

const FIRST_MS = 10;
const MOST_MS = 1_000;

/** ms before attempt `attempt` + 1 (the first attempt is 0). */
export const backoffMs = (attempt: number, runtime: Pick<Runtime, 'randomBytes'>): number => {
  const bound = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return (bound * (runtime.randomBytes(1)[0]! + 1)) / 256;
};
