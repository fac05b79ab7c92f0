/** Moods: plans bent towards what a mutant shows itself under. */
import type { ActorPlan, Plan } from '../plan.ts';

/** As many actors of each kind, and no others. */
const actors = (counts: Readonly<Partial<Record<ActorPlan['kind'], number>>>): readonly ActorPlan[] =>
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
    actors: actors({ 'topic admin': 8, 'config admin': 3, collector: 2, producer: 1, reader: 1 }),
    largeShare: 0.8,
  }),
  /** Old records go, and readers wait at the end. */
  trimmed: (plan: Plan): Plan => ({
    ...plan,
    partitions: 1,
    actors: actors({ producer: 1, reader: 3, trimmer: 3, onlooker: 1 }),
  }),
  /** Tails fill up, as most rolls fail. */
  full: (plan: Plan): Plan => ({ ...plan, rollFailures: 0.97, largeShare: 0.1, mediumShare: 0.9 }),
} as const satisfies Record<string, (plan: Plan) => Plan>;

export type MoodName = keyof typeof MOODS;
