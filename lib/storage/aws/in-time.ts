/** Calls that end: one that a store does not answer is given up. */
import type { Runtime } from '../../model/runtime.ts';
import { StoreError } from '../ports.ts';

/**
 * Runs `work`; after `timeoutMs` its signal aborts, and the caller is told so whatever `work` does
 * about it.
 * @param what is done, the subject of a sentence
 * @throws StoreError timeout
 */
export const inTime = async <T>(
  runtime: Runtime,
  timeoutMs: number,
  what: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const over = new AbortController();
  const settled = new AbortController();
  const late = new Promise<never>((_, reject) => {
    runtime.sleep(timeoutMs, settled.signal).then(() => {
      if (settled.signal.aborted) return;
      reject(new StoreError('timeout', `${what} took longer than ${timeoutMs} ms`));
      over.abort();
    });
  });
  try {
    return await Promise.race([work(over.signal), late]);
  } finally {
    settled.abort();
  }
};
