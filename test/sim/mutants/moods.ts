/** Moods: plans bent towards what a mutant shows itself under. */
import type { ActorPlan, Plan } from '../plan.ts';

/** As many actors of each kind, and no others. */
const actors = (
  counts: Readonly<Partial<Record<ActorPlan['kind'], number>>>,
): readonly ActorPlan[] =>
  (Object.entries(counts) as [ActorPlan['kind'], number][]).flatMap(([kind, count]) =>
    Array.from({ length: count }, (_, index) => ({ kind, name: `${kind} ${index + 1}` })),
  );

export const MOODS = {
  'as drawn': (plan: Plan): Plan => plan,
  /** More producers than a head remembers, in one partition. */
  crowded: (plan: Plan): Plan => ({
    ...plan,
    partitions: 1,
    actors: actors({ 'idempotent producer': 44, reader: 1 }),
  }),
  /** Topics come and go, and objects are collected. */
  administered: (plan: Plan): Plan => ({
    ...plan,
    actors: actors({ 'topic admin': 8, 'config admin': 2, collector: 1, producer: 1, reader: 3 }),
    largeShare: 0.8,
  }),
  /** Old records go, and readers wait at the end. */
  trimmed: (plan: Plan): Plan => ({
    ...plan,
    partitions: 1,
    actors: actors({ producer: 1, reader: 3, trimmer: 3, onlooker: 1 }),
  }),
  /** Many append to one partition from many places, which sleep again and again, and answers are lost. */
  busy: (plan: Plan): Plan => ({
    ...plan,
    partitions: 1,
    environments: Array.from({ length: 5 }, () => ({ kind: 'server', skewMs: 0, lingerMs: 0 })),
    actors: actors({ producer: 8, 'idempotent producer': 8, reader: 1 }),
    itemFaults: { ...plan.itemFaults, loseAnswer: 0.2, late: 0.05, delay: 0.3 },
    slowMs: 100,
    troubleEveryMs: 1_000,
    unitsPerSecond: 1_000,
    largeShare: 0.1,
    mediumShare: 0,
  }),
  /** Tails fill up, as most rolls fail. */
  full: (plan: Plan): Plan => ({ ...plan, rollFailures: 0.97, largeShare: 0.1, mediumShare: 0.9 }),
  /** Many want to append at the end that they see, in one partition. */
  expectant: (plan: Plan): Plan => ({
    ...plan,
    partitions: 1,
    environments: plan.environments.map((one) => ({ ...one, kind: 'server' })),
    actors: actors({
      'expectant producer': 5,
      'expectant idempotent producer': 3,
      'idempotent producer': 2,
      reader: 1,
    }),
  }),
  /** Groups commit. */
  committing: (plan: Plan): Plan => ({
    ...plan,
    actors: actors({ committer: 6, producer: 2, reader: 1 }),
  }),
  /** Items hardly answer, so that clients and environments give up in the middle. */
  failing: (plan: Plan): Plan => ({
    ...plan,
    partitions: 1,
    environments: Array.from({ length: 3 }, () => ({ kind: 'server', skewMs: 0, lingerMs: 0 })),
    actors: actors({ producer: 6, 'idempotent producer': 8, reader: 1 }),
    itemFaults: { fail: 0.6, loseAnswer: 0.15, late: 0.05 },
    troubleEveryMs: 0,
    unitsPerSecond: 1_000,
    largeShare: 0.1,
  }),
  /** Objects are collected while the clocks of those who write them are minutes apart. */
  collected: (plan: Plan): Plan => ({
    ...plan,
    actors: actors({ producer: 3, collector: 1, reader: 1, 'topic admin': 8 }),
    environments: plan.environments.map((one, index) => ({ ...one, skewMs: -90_000 * index })),
    largeShare: 0.8,
  }),
} as const satisfies Record<string, (plan: Plan) => Plan>;

export type MoodName = keyof typeof MOODS;
