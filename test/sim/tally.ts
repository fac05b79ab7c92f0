/** What many seeds come to: sums, which do not depend on who was done first. */
import { createHash } from 'node:crypto';
import type { Outcomes } from './checker/check.ts';
import type { Operation } from './checker/history.ts';
import type { Plan } from './plan.ts';
import type { Outcome } from './pool.ts';
import type { Found } from './sight.ts';
import type { SimAnswer } from './worker.ts';

/** A plan under which something was found, or that came to nothing. */
export interface Failure {
  readonly plan: Plan;
  readonly found: readonly Found[];
  readonly anomalies: number;
  /** Whether there is a history to look at. */
  readonly answer: SimAnswer | undefined;
}

export type OutcomesByKind = Readonly<Partial<Record<Operation['kind'], Outcomes>>>;

export interface Tally {
  readonly seeds: number;
  readonly operations: number;
  readonly byKind: OutcomesByKind;
  readonly faults: Readonly<Record<string, number>>;
  /** Kinds of faults that the seed with the fewest of them had. */
  readonly leastKindsOfFaults: number;
  /** By seed. */
  readonly failures: readonly Failure[];
  readonly anomalies: number;
  /** Of all histories: the same for the same seeds. */
  readonly digest: string;
}

export interface Tallying extends Tally {
  /** What `plan` came to; what failed, if it did. */
  add(plan: Plan, outcome: Outcome<SimAnswer>): Failure | undefined;
}

const WITHOUT_ANSWER = {
  failure: 'it threw',
  death: 'it died',
  nothing: 'too slow',
} as const;

const failureOf = (plan: Plan, outcome: Outcome<SimAnswer>): Failure | undefined => {
  if (outcome.told !== 'answer') {
    const rule = WITHOUT_ANSWER[outcome.told];
    const found = [{ rule, partition: '', detail: outcome.why, sort: rule, after: 0 }];
    return { plan, found, anomalies: 1, answer: undefined };
  }
  const { sight } = outcome.answer;
  if (sight.anomalies === 0) return undefined;
  return { plan, found: sight.found, anomalies: sight.anomalies, answer: outcome.answer };
};

export const newTally = (): Tallying => {
  const digests = new Map<number, string>();
  const failures: Failure[] = [];
  const byKind: Partial<Record<Operation['kind'], Record<Operation['outcome'], number>>> = {};
  const faults: Record<string, number> = {};
  let seeds = 0;
  let operations = 0;
  let leastKinds = Number.POSITIVE_INFINITY;

  const sum = ({ sight, digest }: SimAnswer): void => {
    digests.set(sight.seed, digest);
    operations += sight.operations;
    for (const [kind, outcomes] of Object.entries(sight.byKind) as [
      Operation['kind'],
      Outcomes,
    ][]) {
      byKind[kind] ??= { ok: 0, fail: 0, info: 0 };
      for (const outcome of ['ok', 'fail', 'info'] as const)
        byKind[kind][outcome] += outcomes[outcome];
    }
    for (const [kind, count] of Object.entries(sight.faults))
      faults[kind] = (faults[kind] ?? 0) + count;
    leastKinds = Math.min(leastKinds, Object.keys(sight.faults).length);
  };

  return {
    get seeds() {
      return seeds;
    },
    get operations() {
      return operations;
    },
    get byKind() {
      return sorted(byKind);
    },
    get faults() {
      return sorted(faults);
    },
    get leastKindsOfFaults() {
      return Number.isFinite(leastKinds) ? leastKinds : 0;
    },
    get failures() {
      return failures.toSorted((a, b) => a.plan.seed - b.plan.seed);
    },
    get anomalies() {
      return failures.reduce((count, { anomalies }) => count + anomalies, 0);
    },
    get digest() {
      const hash = createHash('sha256');
      for (const [seed, digest] of [...digests].sort(([a], [b]) => a - b)) {
        hash.update(`${seed} ${digest}\n`);
      }
      return hash.digest('hex');
    },
    add: (plan, outcome) => {
      seeds += 1;
      if (outcome.told === 'answer') sum(outcome.answer);
      const failure = failureOf(plan, outcome);
      if (failure !== undefined) failures.push(failure);
      return failure;
    },
  };
};

const sorted = <T extends object>(named: T): T =>
  Object.fromEntries(Object.entries(named).sort(([a], [b]) => (a < b ? -1 : 1))) as T;
