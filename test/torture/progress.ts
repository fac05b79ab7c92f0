/** A progress line on standard error, drawn only where a person looks at it: a terminal. */
import { barOf } from '../support/command-line.ts';
import type { TortureOptions } from './run.ts';

const FORMAT = '{fsync} {bar} round {value} of {total} | {kills} kills, {operations} operations';

export interface RoundProgress {
  readonly onRound: NonNullable<TortureOptions['onRound']>;
  stop(): void;
}

export const roundProgress = (fsync: string, rounds: number): RoundProgress => {
  const bar = barOf(FORMAT);
  bar.start(rounds, 0, { fsync, kills: 0, operations: 0 });
  return {
    onRound: ({ rounds: done, kills }, operations) => bar.update(done, { kills, operations }),
    stop: () => bar.stop(),
  };
};
