/** Progress lines on standard error, drawn only where a person looks at them: a terminal. */
import { barOf } from '../support/command-line.ts';
import { sizeOf } from './shrink.ts';
import type { Failing } from './simpler.ts';
import type { Tally } from './tally.ts';

export interface SeedProgress {
  update(tally: Tally, share: number): void;
  /** Takes the line away while `print` prints. */
  aside(print: () => void): void;
  stop(): void;
}

/** Parts of a whole that a bar is drawn of. */
const PARTS = 1_000;

export const seedProgress = (isDrawn: boolean): SeedProgress => {
  if (!isDrawn) return { update: () => {}, aside: (print) => print(), stop: () => {} };
  const format = '{bar} {percentage}% | {seeds} seeds, {operations} operations, {failures} failed';
  const bar = barOf(format);
  let at = 0;
  let shown: object = { seeds: 0, operations: 0, failures: 0 };
  bar.start(PARTS, 0, shown);
  return {
    update: ({ seeds, operations, failures }, share) => {
      at = Math.floor(Math.min(share, 1) * PARTS);
      shown = { seeds, operations, failures: failures.length };
      bar.update(at, shown);
    },
    aside: (print) => {
      bar.stop();
      print();
      bar.start(PARTS, at, shown);
    },
    stop: () => bar.stop(),
  };
};

export interface ShrinkProgress {
  update(smallest: Failing, runs: number, share: number): void;
  stop(): void;
}

export const shrinkProgress = (isDrawn: boolean): ShrinkProgress => {
  if (!isDrawn) return { update: () => {}, stop: () => {} };
  const format =
    'shrinking {bar} {runs} runs | {operations} operations, {actors} actors, {faults} faults';
  const bar = barOf(format);
  bar.start(PARTS, 0, { runs: 0, operations: '', actors: '', faults: '' });
  return {
    update: (smallest, runs, share) =>
      bar.update(Math.floor(share * PARTS), { runs, ...sizeOf(smallest) }),
    stop: () => bar.stop(),
  };
};
