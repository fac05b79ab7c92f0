/** The simulation itself: a few seeds, and that a seed is a name. `npm run sim` runs more. */
import { describe, expect, it } from 'vitest';
import { ACTOR_KINDS } from './actors/actors.ts';
import { formatHistory } from './checker/history.ts';
import { planOf } from './plan.ts';
import { type Run, runPlan } from './run.ts';

const historyOf = ({ history }: Run): string => [...formatHistory(history)].join('');

describe('the simulation', () => {
  it('gives the same history for the same seed, byte for byte, whatever ran before', async () => {
    const first = await runPlan(planOf(30));
    await runPlan(planOf(16, { operations: 200 }));
    const second = await runPlan(planOf(30));
    expect(historyOf(second)).toBe(historyOf(first));
    expect(second.faults).toEqual(first.faults);
  });

  it('has plans for every kind of actor', () => {
    const plans = Array.from({ length: 50 }, (_, index) => planOf(index + 1));
    const kinds = new Set(plans.flatMap(({ actors }) => actors.map(({ kind }) => kind)));
    expect([...kinds].sort()).toEqual(ACTOR_KINDS.toSorted());
  });

  // Between them they have every actor, and nearly every fault.
  it.each([1, 8, 10, 12, 13, 25])(
    'finds nothing wrong with the log under seed %d',
    async (seed) => {
      const run = await runPlan(planOf(seed));
      expect(run.findings).toEqual([]);
      expect(run.history.operations.length).toBeGreaterThanOrEqual(run.plan.operations);
      expect(Object.keys(run.faults).length).toBeGreaterThanOrEqual(3);
      expect(run.summary.hasFinalReads).toBe(true);
    },
  );
});
