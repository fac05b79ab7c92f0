/** What is to be run, as the command line asks for it: a seed, a plan, as many seeds as fit into a time. */
import { systemRuntime } from '../../lib/model/runtime.ts';
import { drawSeed } from '../support/command-line.ts';
import { type Plan, planOf } from './plan.ts';
import type { SimJob } from './worker.ts';

export const DEFAULT_OPERATIONS = 2_000;
export const DEFAULT_SEEDS = 20;

export interface TaskOptions {
  readonly seed?: number;
  readonly seeds?: number;
  readonly from?: number;
  readonly minutes?: number;
  /** A file that holds one, and what it holds. */
  readonly plan?: { readonly file: string; readonly value: Plan };
  readonly operations: number;
  /** The condition that the store forgets. */
  readonly without?: string;
}

export interface Task {
  readonly first: number;
  readonly jobs: Iterable<SimJob>;
  /** Share of the work that is done. */
  share(done: number): number;
}

/** `goesOn`: whether seeds are still wanted. */
export const taskOf = (options: TaskOptions, goesOn: () => boolean): Task => {
  const { without } = options;
  const jobOf = (plan: Plan): SimJob => (without === undefined ? { plan } : { plan, without });
  if (options.plan !== undefined) {
    const { value: plan } = options.plan;
    return { first: plan.seed, jobs: [jobOf(plan)], share: (done) => done };
  }
  const { operations } = options;
  const first = options.seed ?? options.from ?? drawSeed();
  const mostMs =
    options.minutes === undefined ? Number.POSITIVE_INFINITY : options.minutes * 60_000;
  const most =
    options.seed !== undefined
      ? 1
      : (options.seeds ??
        (options.minutes === undefined ? DEFAULT_SEEDS : Number.POSITIVE_INFINITY));
  const startedMs = systemRuntime.monotonicMs();
  const spentMs = (): number => systemRuntime.monotonicMs() - startedMs;
  const jobs = function* () {
    for (let nth = 0; nth < most && spentMs() < mostMs && goesOn(); nth++) {
      yield jobOf(planOf(first + nth, { operations }));
    }
  };
  return { first, jobs: jobs(), share: (done) => Math.max(done / most, spentMs() / mostMs) };
};

/** What runs `what` again. */
export const repeatOf = (options: TaskOptions, what: string): string =>
  [
    `npm run sim -- ${what}`,
    ...(what.startsWith('--seed') && options.operations !== DEFAULT_OPERATIONS
      ? [`--operations ${options.operations}`]
      : []),
    ...(options.without === undefined ? [] : [`--without ${options.without}`]),
  ].join(' ');
