/**
 * Plan: what one seed does, as data: who acts, on what, and what goes wrong. Drawn from the seed, and
 * made smaller when a failing run is shrunk (`shrink.ts`).
 */
import type { FaultRates } from '../../lib/storage/faulty/plans.ts';
import { type Random, seededBy } from '../support/virtual-runtime.ts';
import type { ActorKind } from './actors/actors.ts';

/** What can go wrong beside the calls of the stores (`lib/storage/faulty/fault.ts` names those). */
export type WorldFault =
  // Of environments.
  | 'crash'
  | 'crash at a call'
  | 'freeze'
  | 'cut off from items'
  | 'cut off from blobs'
  | 'skewed clock'
  // Of the way between clients and environments.
  | 'lost request'
  | 'lost reply'
  | 'delivered twice'
  // Of stores.
  | 'copy behind'
  | 'failed roll'
  | 'throttled key';

/** How a process lives: a Lambda environment sleeps between its calls, a server does not. */
export type EnvironmentKind = 'function' | 'server';

export interface EnvironmentPlan {
  readonly kind: EnvironmentKind;
  /** How far its wall clock is from the world's, ms. */
  readonly skewMs: number;
  /** How long its appends wait for others. */
  readonly lingerMs: number;
}

export interface ActorPlan {
  readonly kind: ActorKind;
  /** Unique; its chance follows from it and the seed. */
  readonly name: string;
}

export interface Plan {
  readonly seed: number;
  /** Operations of the history after which no actor begins another; what is under way is finished. */
  readonly operations: number;
  /** Of the topic that everybody uses. */
  readonly partitions: number;
  readonly environments: readonly EnvironmentPlan[];
  readonly actors: readonly ActorPlan[];
  /** Per call of a store. */
  readonly itemFaults: FaultRates;
  readonly blobFaults: FaultRates;
  /** Slowest answer and latest copy, ms. */
  readonly slowMs: number;
  readonly lateMs: number;
  /** Write units a second that an item takes. */
  readonly unitsPerSecond: number;
  /** Share of the writes of rows that fail, so that tails fill up. */
  readonly rollFailures: number;
  /** Per request of a client. */
  readonly network: Readonly<Record<'lostRequest' | 'lostReply' | 'deliveredTwice', number>>;
  /** Mean time between two troubles of the environments, ms; 0: none. */
  readonly troubleEveryMs: number;
  /** Shares of the values that go to an object, and that fill the head. */
  readonly largeShare: number;
  readonly mediumShare: number;
  /** Faults that happen at all, the first ones; undefined: all. */
  readonly mostFaults?: number;
}

/** Each rate as it is, or 0: a history without some faults reaches states that the others hide. */
const some = <Rates extends Readonly<Record<string, number>>>(random: Random, rates: Rates) =>
  Object.fromEntries(
    Object.entries(rates).map(([kind, rate]) => [kind, random() < 0.75 ? rate : 0]),
  ) as Rates;

const actorsOf = (seed: number, random: Random): readonly ActorPlan[] => {
  const actors: ActorPlan[] = [];
  const add = (kind: ActorKind, count: number) => {
    for (let n = 1; n <= count; n++) actors.push({ kind, name: `${kind} ${n}` });
  };
  // More than a head remembers, so that producers leave it and come back.
  const isCrowded = random() < 0.4;
  add('producer', 1 + Math.floor(random() * 3));
  add('idempotent producer', isCrowded ? 44 : 1 + Math.floor(random() * 4));
  add('reader', 1 + Math.floor(random() * 3));
  add('onlooker', 1);
  if (random() < 0.4) {
    add('expectant producer', 2);
    add('expectant idempotent producer', 1);
  }
  if (random() < 0.3) add('trimmer', 2);
  if (random() < 0.4) add('collector', 1);
  if (random() < 0.5) add('committer', 2);
  if (random() < 0.3) add('topic admin', 2);
  if (random() < 0.3) add('config admin', 2);
  if (seededBy(seed, 'time seekers')() < 0.3) add('time seeker', 1);
  if (seededBy(seed, 'topic recyclers')() < 0.3) add('topic recycler', 2);
  return actors;
};

/** The plan of a seed. */
export const planOf = (seed: number, { operations = 2_000 } = {}): Plan => {
  const random = seededBy(seed, 'plan');
  const rollsFail = random() < 0.2;
  const isSkewed = random() < 0.5;
  const environments = Array.from({ length: 2 + Math.floor(random() * 4) }, (_, index) => ({
    // One that takes any number of calls at a time is always there.
    kind: index > 0 && random() < 0.6 ? ('function' as const) : ('server' as const),
    skewMs: isSkewed ? Math.floor((random() - 0.5) * 600_000) : 0,
    lingerMs: random() < 0.2 ? 5 : 0,
  }));
  return {
    seed,
    operations,
    partitions: 1 + Math.floor(random() * 3),
    environments,
    actors: actorsOf(seed, random),
    itemFaults: some(random, {
      repeat: 0.25,
      late: 0.04,
      loseAnswer: 0.04,
      denySuccess: 0.04,
      fail: 0.02,
      refuse: 0.02,
      delay: 0.1,
      stale: 0.3,
    }),
    blobFaults: some(random, {
      repeat: 0.1,
      late: 0.02,
      loseAnswer: 0.04,
      denySuccess: 0.04,
      fail: 0.03,
      delay: 0.2,
      damage: 0.02,
    }),
    slowMs: random() < 0.8 ? 60 : 3_000,
    // Either while the same client still tries, or minutes later, when everybody has forgotten.
    lateMs: random() < 0.5 ? 300 : random() < 0.5 ? 5_000 : 240_000,
    unitsPerSecond: random() < 0.2 ? 30 : 1_000,
    rollFailures: rollsFail ? 0.97 : 0,
    network: some(random, { lostRequest: 0.01, lostReply: 0.03, deliveredTwice: 0.03 }),
    troubleEveryMs: random() < 0.7 ? 300 + random() * 3_000 : 0,
    largeShare: rollsFail ? 0.1 : random(),
    mediumShare: rollsFail ? 0.9 : 0.3,
  };
};
