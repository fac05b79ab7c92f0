/** What is drawn for a round. */
import { expect, it } from 'vitest';
import { drawsFrom } from './draw.ts';
import { drawRound, type Fault, type Round } from './plan.ts';

const SEEDS = Array.from({ length: 200 }, (_, seed) => seed);

const rounds = (faults: readonly Fault[], isFirst: boolean): readonly Round[] =>
  SEEDS.map((seed) => drawRound(drawsFrom(seed), new Set(faults), 100, isFirst));

const kindsIn = ({ steps }: Round): readonly string[] => steps.map(({ kind }) => kind);

it('fills the disk in the first round, and in some of the others, if it is asked to', () => {
  for (const round of rounds(['kill', 'stop', 'full'], true))
    expect(kindsIn(round)).toContain('full');
  const later = rounds(['kill', 'stop', 'full'], false).filter((one) =>
    kindsIn(one).includes('full'),
  );
  expect(later.length).toBeGreaterThan(0);
  expect(later.length).toBeLessThan(SEEDS.length);
});

it('does nothing that it is not asked to', () => {
  for (const round of rounds(['stop'], false)) {
    expect(kindsIn(round)).not.toContain('full');
    expect(round).toMatchObject({ end: 'term' });
    expect(round.killAtStartMs).toBeUndefined();
  }
  for (const round of rounds(['kill'], true)) {
    expect(kindsIn(round)).toEqual(['load']);
    // There is something to lose before it is killed.
    expect(round.killAtStartMs).toBeUndefined();
  }
});
