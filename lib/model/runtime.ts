/**
 * The only door to time, timers and randomness.
 *
 * Everything that waits, reads a clock or draws a random number takes a `Runtime`, so that a whole
 * system can run under a seeded scheduler and the same seed gives the same history.
 * `test/tidy.test.ts` refuses these globals in any other file.
 */
/** Ends an interval; safe to call more than once. */
export type Stop = () => void;

export interface Runtime {
  /** Wall clock, ms since the Unix epoch. It may jump; no protocol's correctness rests on it. */
  now(): number;
  /** A clock that never goes back, ms from an arbitrary origin. For measuring, never for storing. */
  monotonicMs(): number;
  /** Resolves after `delayMs`, or at once when `signal` aborts (it does not reject). */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
  /** Calls `task` every `periodMs` until stopped. Does not keep the process alive. */
  every(periodMs: number, task: () => void): Stop;
  /** Runs `task` once the current burst of I/O callbacks is through: the natural edge of a batch. */
  defer(task: () => void): void;
  /** `size` unpredictable bytes. */
  randomBytes(size: number): Uint8Array;
  /** A random (version 4) UUID. */
  uuid(): string;
}

/** What Web Crypto fills at once. */
const MAX_RANDOM_BYTES = 65_536;

/** A browser has no setImmediate, and its timers are the next best edge. */
const defer: (task: () => void) => void =
  globalThis.setImmediate ?? ((task) => setTimeout(task, 0));

/** The process's own clock, timers and randomness. */
export const systemRuntime: Runtime = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (delayMs, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, delayMs);
      signal?.addEventListener('abort', done, { once: true });
    }),
  every: (periodMs, task) => {
    const timer = setInterval(task, periodMs);
    // A number in a browser, where nothing is kept alive.
    if (typeof timer === 'object') timer.unref();
    return () => clearInterval(timer);
  },
  defer: (task) => {
    defer(task);
  },
  randomBytes: (size) => {
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size; at += MAX_RANDOM_BYTES) {
      crypto.getRandomValues(bytes.subarray(at, at + MAX_RANDOM_BYTES));
    }
    return bytes;
  },
  uuid: () => crypto.randomUUID(),
};
