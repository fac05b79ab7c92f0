/**
 * What an adapter's test hands to a contract suite, and how a suite passes over what an engine cannot
 * do: as data, with a reason, and only for tests that exist.
 */
import { afterAll, beforeAll, describe, it } from 'vitest';
import { systemRuntime } from '../../lib/model/runtime.ts';

/**
 * Tests that an engine (an emulator, a file system) cannot pass, by their full names in the suite. They are run all
 * the same: one that passes has to be taken out of here.
 */
export interface Cannot {
  /** What the engine does instead: a sentence without its subject. */
  readonly reason: string;
  readonly tests: readonly string[];
}

export interface Engine<Store> {
  readonly store: Store;
  readonly close?: () => Promise<void>;
  readonly cannot?: readonly Cannot[];
  /** What every object key begins with; default: nothing. */
  readonly prefix?: string;
}

export type MakeEngine<Store> = () => Engine<Store> | Promise<Engine<Store>>;

export interface Suite<Store> {
  readonly store: () => Store;
  readonly prefix: () => string;
  readonly test: (name: string, run: (store: Store) => Promise<void>) => void;
}

/** A `describe` with one engine for all its tests, which therefore use keys of their own. */
export const describeEngine = <Store>(
  name: string,
  make: MakeEngine<Store>,
  tests: (suite: Suite<Store>) => void,
): void => {
  describe(name, () => {
    const names = new Set<string>();
    let engine: Engine<Store>;
    beforeAll(async () => {
      engine = await make();
    }, 60_000);
    afterAll(async () => {
      // There is none when it could not be made, which has been told.
      const made: Engine<Store> | undefined = engine;
      await made?.close?.();
      for (const { tests: declared } of made?.cannot ?? []) {
        for (const one of declared) {
          if (!names.has(one)) throw new Error(`${name} cannot do "${one}", which is no test`);
        }
      }
    });
    tests({
      store: () => engine.store,
      prefix: () => engine.prefix ?? '',
      test: (testName, run) => {
        names.add(testName);
        it(testName, async (context) => {
          const cannot = engine.cannot?.find((one) => one.tests.includes(testName));
          if (cannot === undefined) return run(engine.store);
          const can = await run(engine.store).then(
            () => true,
            () => false,
          );
          if (can) throw new Error(`${name} can do this: say no longer that it ${cannot.reason}`);
          context.skip(cannot.reason);
        });
      },
    });
  });
};

/** A name that no other test of this process uses, nor an earlier one on an engine that remembers. */
export const unique = (): string => systemRuntime.uuid();

/** Tries `check` until it passes, for promises that come true late. */
export const eventually = async (
  check: () => Promise<void>,
  patienceMs = 10_000,
): Promise<void> => {
  const deadlineMs = systemRuntime.monotonicMs() + patienceMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (systemRuntime.monotonicMs() > deadlineMs) throw error;
      await systemRuntime.sleep(20);
    }
  }
};
