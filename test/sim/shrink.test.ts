/** Shrinking, with a run that is only pretended: what is found follows from the plan by a rule. */
import { describe, expect, it } from 'vitest';
import { type Plan, planOf } from './plan.ts';
import { type ShrinkOptions, shrink } from './shrink.ts';
import type { Found, Sight } from './sight.ts';
import type { Failing } from './simpler.ts';

const found = (sort: string, after = 0): Found => ({
  rule: sort,
  partition: 'events/0',
  detail: '',
  sort,
  after,
});

/** A run in which each operation meets three faults. */
const sightOf = ({ seed, operations, mostFaults }: Plan, sorts: readonly string[]): Sight => ({
  seed,
  found: sorts.map((sort) => found(sort)),
  anomalies: sorts.length,
  operations,
  byKind: {},
  faults: { late: Math.min(3 * operations, mostFaults ?? Number.POSITIVE_INFINITY) },
  worldMs: 0,
});

const plan: Plan = {
  ...planOf(1),
  actors: Array.from({ length: 50 }, (_, index) => ({
    kind: 'producer' as const,
    name: `producer ${index}`,
  })),
  itemFaults: { late: 0.04, repeat: 0.25, fail: 0.02 },
};

const standingClock = { monotonicMs: () => 0 };

/** Shrinks a plan that fails by `sorts`; `see` is called for each run. */
const shrunkBy = async (
  sorts: (plan: Plan) => readonly string[],
  more: Partial<ShrinkOptions> = {},
) => {
  const runs: Plan[] = [];
  const failing: Failing = { plan, sight: sightOf(plan, sorts(plan)), found: found('duplicate') };
  const shrunk = await shrink(failing, {
    see: async (one) => {
      runs.push(one);
      return sightOf(one, sorts(one));
    },
    atOnce: 2,
    runtime: standingClock,
    ...more,
  });
  return { shrunk, runs };
};

const names = ({ actors }: Plan): readonly string[] => actors.map(({ name }) => name);

describe('shrinking', () => {
  it('leaves only what it takes to find the same thing', async () => {
    const { shrunk, runs } = await shrunkBy((one) =>
      one.operations >= 17 &&
      one.itemFaults.late! > 0.005 &&
      (one.mostFaults ?? 100) >= 4 &&
      one.environments.length >= 2 &&
      names(one).includes('producer 7') &&
      names(one).includes('producer 40')
        ? ['duplicate']
        : [],
    );
    expect(shrunk.plan).toMatchObject({
      operations: 17,
      mostFaults: 4,
      partitions: 1,
      itemFaults: { late: 0.01, repeat: 0, fail: 0 },
      network: { lostRequest: 0, lostReply: 0, deliveredTwice: 0 },
      troubleEveryMs: 0,
      largeShare: 0,
      mediumShare: 0,
    });
    expect(Object.values(shrunk.plan.blobFaults).every((rate) => rate === 0)).toBe(true);
    expect(names(shrunk.plan)).toEqual(['producer 7', 'producer 40']);
    expect(shrunk.plan.environments).toEqual([
      { kind: 'server', skewMs: 0, lingerMs: 0 },
      { kind: 'server', skewMs: 0, lingerMs: 0 },
    ]);
    expect(shrunk.runs).toBe(runs.length);
    expect(shrunk.runs).toBeLessThan(600);
  });

  it('does not follow another thing that smaller plans find', async () => {
    const { shrunk } = await shrunkBy((one) => (one.actors.length < 50 ? ['gap'] : ['duplicate']));
    expect(shrunk.plan.actors).toHaveLength(50);
    expect(shrunk.found.sort).toBe('duplicate');
  });

  it('looks under neighbouring seeds for what a smaller plan no longer meets under its own', async () => {
    const { shrunk } = await shrunkBy((one) =>
      one.actors.length > 1 || one.seed === 5 ? ['duplicate'] : [],
    );
    expect(shrunk.plan).toMatchObject({ seed: 5, operations: 1 });
    expect(shrunk.plan.actors).toHaveLength(1);
  });

  it('begins where what was found was complete', async () => {
    const runs: Plan[] = [];
    const failing = { plan, sight: sightOf(plan, ['gap']), found: found('gap', 123) };
    const see = async (one: Plan) => {
      runs.push(one);
      return undefined;
    };
    await shrink(failing, { see, atOnce: 1, mostRuns: 1, runtime: standingClock });
    expect(runs).toEqual([{ ...plan, operations: 123 }]);
  });

  it('never runs the same plan twice in vain, and ends', async () => {
    const { runs, shrunk } = await shrunkBy((one) => (one === plan ? ['duplicate'] : []));
    const texts = runs.map((one) => JSON.stringify(one));
    expect(new Set(texts).size).toBe(texts.length);
    expect(shrunk.plan).toBe(plan);
  });

  it('stops after as many runs, or as long a time, as it may take', async () => {
    const few = await shrunkBy(() => [], { mostRuns: 10 });
    expect(few.runs).toHaveLength(10);
    let nowMs = 0;
    const soon = await shrunkBy(() => [], {
      mostMs: 1_000,
      runtime: { monotonicMs: () => (nowMs += 100) },
    });
    expect(soon.runs.length).toBeLessThanOrEqual(20);
  });

  it('goes on when a run comes to nothing', async () => {
    const { shrunk } = await shrunkBy(() => ['duplicate'], {
      see: async (one) => (one.partitions === 1 ? undefined : sightOf(one, ['duplicate'])),
    });
    expect(shrunk.plan.partitions).toBe(plan.partitions);
    expect(shrunk.plan.actors).toHaveLength(1);
  });
});
