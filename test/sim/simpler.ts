/**
 * Ways to make a plan smaller. Each offers smaller plans to `attempt`, which keeps those under which the
 * same thing is still found, and goes on from what was kept.
 */
import type { EnvironmentPlan, Plan } from './plan.ts';
import type { Found, Sight } from './sight.ts';

/** The smallest failing plan so far, and what was seen of it. */
export interface Failing {
  readonly plan: Plan;
  readonly sight: Sight;
  readonly found: Found;
}

/** Tries a smaller plan; true: it is the smallest now. */
export type Attempt = (smaller: Plan) => Promise<boolean>;

export type Way = (smallest: () => Failing, attempt: Attempt) => Promise<void>;

/** Offers each of what `offers` makes of the smallest plan; after a success anew. */
const climb =
  (offers: (failing: Failing) => Iterable<Plan>): Way =>
  async (smallest, attempt) => {
    let better = true;
    while (better) {
      better = false;
      for (const plan of offers(smallest())) {
        better = await attempt(plan);
        if (better) break;
      }
    }
  };

/** Shares that are tried of a number. One less each time would take as many runs as there is to lose. */
const SHARES: readonly number[] = [0.125, 0.25, 0.5, 0.75, 0.95];

/** Whole numbers below `count`, the boldest first. */
const below = (count: number): readonly number[] =>
  count === 0 ? [] : [...new Set(SHARES.map((share) => Math.floor(count * share)))];

/** Until then the run is the same, as nobody looks ahead. */
export const endsSooner: Way = climb(function* ({ plan, found }) {
  const counts = [found.after, ...below(plan.operations)];
  for (const operations of counts) {
    if (operations > 0 && operations < plan.operations) yield { ...plan, operations };
  }
});

/** Faults that happened. */
export const faultsIn = ({ faults }: Sight): number =>
  Object.values(faults).reduce((sum, count) => sum + count, 0);

/** The last ones do not happen. */
export const fewerFaults: Way = climb(function* ({ plan, sight }) {
  for (const mostFaults of below(faultsIn(sight))) yield { ...plan, mostFaults };
});

const OF_RATES = ['network', 'itemFaults', 'blobFaults'] as const;
const OF_SHARES = ['largeShare', 'mediumShare', 'rollFailures', 'troubleEveryMs'] as const;

const scaled = <Rates extends object>(rates: Rates, factor: number): Rates =>
  Object.fromEntries(Object.entries(rates).map(([kind, rate]) => [kind, rate * factor])) as Rates;

const isNone = (rates: object): boolean => Object.values(rates).every((rate) => rate === 0);

/** Kinds of faults do not happen: many at a time, then one by one. */
export const fewerKinds: Way = climb(function* ({ plan }) {
  for (const of of OF_RATES) if (!isNone(plan[of])) yield { ...plan, [of]: scaled(plan[of], 0) };
  for (const share of OF_SHARES) if (plan[share] > 0) yield { ...plan, [share]: 0 };
  for (const of of OF_RATES) {
    for (const [kind, rate] of Object.entries(plan[of])) {
      if (rate > 0) yield { ...plan, [of]: { ...plan[of], [kind]: 0 } };
    }
  }
});

/** Rates below this are as good as none. */
const RAREST = 0.002;

/** What is left happens less often. */
export const rarerFaults: Way = climb(function* ({ plan }) {
  for (const of of OF_RATES) {
    for (const [kind, rate] of Object.entries(plan[of])) {
      if (rate > RAREST) yield { ...plan, [of]: { ...plan[of], [kind]: rate / 4 } };
    }
  }
});

/** All of a kind go home; then halves of those who stayed, quarters, … each one (ddmin). */
export const fewerActors: Way = async (smallest, attempt) => {
  for (const kind of new Set(smallest().plan.actors.map((one) => one.kind))) {
    const { plan } = smallest();
    const actors = plan.actors.filter((one) => one.kind !== kind);
    if (actors.length > 0) await attempt({ ...plan, actors });
  }
  let size = Math.ceil(smallest().plan.actors.length / 2);
  while (size >= 1) {
    let at = 0;
    while (at < smallest().plan.actors.length) {
      const { plan } = smallest();
      const actors = plan.actors.toSpliced(at, size);
      if (actors.length === 0 || !(await attempt({ ...plan, actors }))) at += size;
    }
    size = size === 1 ? 0 : Math.ceil(size / 2);
  }
};

/** What a plan needs least. */
const PLAIN: Partial<Plan> = {
  partitions: 1,
  slowMs: 1,
  lateMs: 300,
  // More than anybody writes.
  unitsPerSecond: 1_000_000,
};

const PLAIN_ENVIRONMENT: EnvironmentPlan = { kind: 'server', skewMs: 0, lingerMs: 0 };

const isAs = (whole: object, part: object): boolean =>
  Object.entries(part).every(([name, value]) => Reflect.get(whole, name) === value);

/** Fewer environments, one partition, clocks that agree, bounds that nobody meets. */
export const plainerWorld: Way = climb(function* ({ plan }) {
  const { environments } = plan;
  for (const index of environments.keys()) {
    const left = environments.toSpliced(index, 1);
    // One that takes any number of calls at a time stays.
    if (left.some(({ kind }) => kind === 'server')) yield { ...plan, environments: left };
  }
  for (const [name, value] of Object.entries(PLAIN)) {
    if (!isAs(plan, { [name]: value })) yield { ...plan, [name]: value };
  }
  for (const [index, one] of environments.entries()) {
    for (const [name, value] of Object.entries(PLAIN_ENVIRONMENT)) {
      if (isAs(one, { [name]: value })) continue;
      yield { ...plan, environments: environments.with(index, { ...one, [name]: value }) };
    }
  }
});
