/**
 * A runtime whose time stands still until everything that can run has run, and whose randomness comes
 * from a seed: the same seed gives the same history.
 */
import { type Runtime, systemRuntime } from '../../lib/model/runtime.ts';
import { makeTimers, type Timer } from './timers.ts';

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

/** Once every promise that can go on has gone on: ticks come after microtasks. */
const nextTick = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

/** Once what is truly outside (a thread that compresses) has had its say as well. */
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
  const timers = makeTimers();

  const plan = (delayMs: number, fire: () => void): Timer =>
    timers.plan(nowMs + Math.max(0, delayMs), fire);

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
            timer.fire = undefined;
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
        await nextTick();
        if (!settled && timers.first() === undefined) await nextTurn();
        if (settled) return running;
        const timer = timers.first();
        if (timer === undefined) throw new Error('nothing is due, and the work still waits');
        if (timer.atMs > endMs) throw new Error(`the work still waits after ${mostMs} ms`);
        timers.shift();
        nowMs = Math.max(nowMs, timer.atMs);
        timer.fire?.();
      }
    },
  };
};
