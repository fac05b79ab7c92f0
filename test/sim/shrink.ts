/**
 * Shrinking: a smaller plan under which the same thing is found.
 *
 *   failing plan ─► a way to make it smaller ─► run ─► found again? ─ yes ─► that is the plan now
 *                             ▲                            └ no ─► under another seed, some times; the next way
 *                             └──── until no way helps, or enough runs were made
 *
 * Whatever is taken away shifts the moments of all the rest, so that what was found may need another
 * throw of the dice to come about: neighbouring seeds are such throws. Small plans are cheap, and get more.
 */
import type { Runtime } from '../../lib/model/runtime.ts';
import type { Plan } from './plan.ts';
import { firstOfSort, type Sight } from './sight.ts';
import {
  type Attempt,
  endsSooner,
  type Failing,
  faultsIn,
  fewerActors,
  fewerFaults,
  fewerKinds,
  plainerWorld,
  rarerFaults,
  type Way,
} from './simpler.ts';

export interface ShrinkOptions {
  /** Runs a plan; undefined: that came to nothing. */
  readonly see: (plan: Plan) => Promise<Sight | undefined>;
  /** Runs that are worth making at a time. */
  readonly atOnce: number;
  readonly runtime: Pick<Runtime, 'monotonicMs'>;
  readonly mostRuns?: number;
  readonly mostMs?: number;
  /** Told after each attempt. */
  readonly onAttempt?: (smallest: Failing, runs: number, share: number) => void;
}

export interface Shrunk extends Failing {
  readonly runs: number;
}

/** What a plan is measured by, for people. */
export const sizeOf = ({ plan, sight }: Pick<Failing, 'plan' | 'sight'>) => ({
  operations: sight.operations,
  actors: plan.actors.length,
  environments: plan.environments.length,
  partitions: plan.partitions,
  faults: faultsIn(sight),
});

/** Bold ones first: they make all later runs cheap. */
const WAYS: readonly Way[] = [
  endsSooner,
  fewerKinds,
  plainerWorld,
  fewerActors,
  fewerFaults,
  rarerFaults,
];

/** Operations that a candidate is worth, over all its seeds: first what is easily had, then the rest. */
const EFFORTS: readonly number[] = [1, 2_000, 10_000];
const MOST_SEEDS = 24;

const seedsFor = ({ operations }: Plan, effort: number): number =>
  Math.min(MOST_SEEDS, Math.max(1, Math.floor(effort / (operations + 1))));

/** `found` is what to look for: the first finding of `failing`, most of the time. */
export const shrink = async (failing: Failing, options: ShrinkOptions): Promise<Shrunk> => {
  const {
    see,
    atOnce,
    runtime,
    mostRuns = Number.POSITIVE_INFINITY,
    mostMs = 300_000,
    onAttempt,
  } = options;
  const { sort } = failing.found;
  const startedMs = runtime.monotonicMs();
  const inVain = new Set<string>();
  let smallest = failing;
  let effort = 1;
  let runs = 0;

  const spent = (): number =>
    Math.max(runs / mostRuns, (runtime.monotonicMs() - startedMs) / mostMs);

  /** What is found of it again, if it is. */
  const again = async (plan: Plan): Promise<Failing | undefined> => {
    const sight = await see(plan);
    const found = sight && firstOfSort(sort, sight);
    return found && { plan, sight, found };
  };

  const attempt: Attempt = async (smaller) => {
    const seeds = Array.from(
      { length: seedsFor(smaller, effort) },
      (_, index) => smaller.seed + index,
    );
    for (let at = 0; at < seeds.length && spent() < 1; at += atOnce) {
      const plans = seeds.slice(at, at + atOnce).map((seed) => ({ ...smaller, seed }));
      const fresh = plans.filter((plan) => !inVain.has(JSON.stringify(plan)));
      runs += fresh.length;
      const kept = await Promise.all(fresh.map(again));
      const first = kept.find((one) => one !== undefined);
      if (first !== undefined) smallest = first;
      else for (const plan of fresh) inVain.add(JSON.stringify(plan));
      onAttempt?.(smallest, runs, Math.min(spent(), 1));
      if (first !== undefined) return true;
    }
    return false;
  };

  for (effort of EFFORTS) {
    let before: Failing;
    do {
      before = smallest;
      for (const way of WAYS) await way(() => smallest, attempt);
    } while (smallest !== before);
  }
  return { ...smallest, runs };
};
