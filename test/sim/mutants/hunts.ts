/**
 * Hunts: one thread for each mutant, as many at a time as asked for. When all are over, the code as it is
 * runs on the very plans under which mutants were caught, and nothing may be found there: the control.
 */
import { Worker } from 'node:worker_threads';
import type { Sighting } from './hunt.ts';
import type { MoodName } from './moods.ts';
import type { Prey } from './mutant.ts';

/** What became of a hunt. */
export interface Hunted {
  readonly prey: Prey;
  /** Seeds that were run, with the one that caught it. */
  readonly seedsRun: number;
  readonly caught: (NonNullable<Sighting['caught']> & Pick<Sighting, 'seed'>) | undefined;
  /** Rules that found something, and do not count. */
  readonly otherRules: readonly string[];
}

/** Looks for it until it is caught or its seeds are over. @throws Error when its code does not run */
export const hunt = (prey: Prey): Promise<Hunted> =>
  new Promise((resolve, reject) => {
    const otherRules = new Set<string>();
    let caught: Hunted['caught'];
    let seedsRun = 0;
    const worker = new Worker(new URL('hunt.ts', import.meta.url), { workerData: prey });
    worker.on('message', (sighting: Sighting) => {
      seedsRun += 1;
      for (const rule of sighting.otherRules) otherRules.add(rule);
      if (sighting.caught) caught = { ...sighting.caught, seed: sighting.seed };
    });
    worker.on('error', (cause: Error) => {
      reject(new Error(`"${prey.name}" does not run: ${cause.message}`, { cause }));
    });
    worker.on('exit', () => resolve({ prey, seedsRun, caught, otherRules: [...otherRules] }));
  });

/** All of them, `atOnce` at a time, in their order. */
export const huntAll = async (
  all: readonly Prey[],
  atOnce: number,
  onDone: (one: Hunted) => void,
): Promise<readonly Hunted[]> => {
  const results: Hunted[] = [];
  const left = all.entries();
  const next = async (): Promise<void> => {
    for (const [index, prey] of left) {
      const hunted = await hunt(prey);
      results[index] = hunted;
      onDone(hunted);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, next));
  return results;
};

/** The code as it is, under every plan that caught something. */
export const controlsOf = (results: readonly Hunted[]): readonly Prey[] => {
  const seedsOf = new Map<MoodName, Set<number>>();
  for (const { prey, caught } of results) {
    if (caught === undefined) continue;
    const seeds = seedsOf.get(prey.mood) ?? new Set();
    seedsOf.set(prey.mood, seeds.add(caught.seed));
  }
  return [...seedsOf].map(([mood, seeds]) => ({
    name: `none, ${mood}`,
    fault: undefined,
    rules: undefined,
    mood,
    seeds: [...seeds].sort((a, b) => a - b),
  }));
};
