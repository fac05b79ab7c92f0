/**
 * A runtime whose time stands still until everything that can run has run, and whose randomness comes
 * from a seed: the same seed gives the same history.
 */
import { OrderedMap } from '@js-sdsl/ordered-map';
import { type Runtime, systemRuntime } from '../../lib/model/runtime.ts';

/** A number in [0, 1). */
export type Random = () => number;

/** Mulberry32: 32 bits of state are plenty for a test. */
export const seeded = (seed: number): Random => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** The chance of one of many under a seed, by its name: taking one away changes nothing for the others. */
export const seededBy = (seed: number, name: string): Random => {
  // FNV-1a
  let hash = 0x811c9dc5 ^ seed;
  for (let at = 0; at < name.length; at++) {
    hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  }
  return seeded(hash ^ (seed << 7));
};

/** When a timer is due; of two due at once, the one planned first. */
interface TimerKey {
  readonly atMs: number;
  readonly order: number;
}

const sooner = (left: TimerKey, right: TimerKey): number =>
  left.atMs - right.atMs || left.order - right.order;

export interface VirtualRuntime extends Runtime {
  readonly random: Random;
  /** The same time and timers, with bytes and ids by another chance. */
  withRandom(random: Random): Runtime;
  /**
   * Runs `work` to its end, moving the clock from timer to timer. Rejects when nothing is due and it still
   * waits, or when that takes longer than `mostMs` of this time.
   */
  drive<T>(work: () => Promise<T>, mostMs?: number): Promise<T>;
}

const nextTurn = (): Promise<void> => new Promise((resolve) => systemRuntime.defer(resolve));

const chanceOf = (random: Random): Pick<Runtime, 'randomBytes' | 'uuid'> => ({
  randomBytes: (size) => Uint8Array.from({ length: size }, () => random() * 256),
  uuid: () => {
    const hex = (digits: number): string =>
      Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');
    return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
  },
});

export const virtualRuntime = (seed: number): VirtualRuntime => {
  const random = seeded(seed);
  const startMs = 1_750_000_000_000;
  let nowMs = 0;
  let order = 0;
  const timers = new OrderedMap<TimerKey, () => void>([], sooner);

  const plan = (delayMs: number, fire: () => void): TimerKey => {
    const key = { atMs: nowMs + Math.max(0, delayMs), order: order++ };
    timers.setElement(key, fire);
    return key;
  };

  return {
    random,
    now: () => startMs + Math.floor(nowMs),
    monotonicMs: () => nowMs,
    sleep: (delayMs, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const timer = plan(delayMs, resolve);
        signal?.addEventListener(
          'abort',
          () => {
            timers.eraseElementByKey(timer);
            resolve();
          },
          { once: true },
        );
      }),
    every: (periodMs, task) => {
      let stopped = false;
      const again = (): void => {
        if (stopped) return;
        task();
        plan(periodMs, again);
      };
      plan(periodMs, again);
      return () => {
        stopped = true;
      };
    },
    defer: (task) => {
      plan(0, task);
    },
    ...chanceOf(random),
    withRandom(own) {
      return { ...this, ...chanceOf(own) };
    },
    drive: async (work, mostMs = Number.POSITIVE_INFINITY) => {
      const endMs = nowMs + mostMs;
      let settled = false;
      const running = work().finally(() => {
        settled = true;
      });
      running.catch(() => undefined);
      for (;;) {
        await nextTurn();
        if (settled) return running;
        const due = timers.front();
        if (due === undefined) throw new Error('nothing is due, and the work still waits');
        const [key, fire] = due;
        if (key.atMs > endMs) throw new Error(`the work still waits after ${mostMs} ms`);
        timers.eraseElementByKey(key);
        nowMs = Math.max(nowMs, key.atMs);
        fire();
      }
    },
  };
};
