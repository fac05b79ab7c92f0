/** A progress line on standard error, drawn only where a person looks at it: a terminal. */
import { SingleBar } from 'cli-progress';

export interface HuntProgress {
  /** So many more are to come. */
  expect(count: number): void;
  /** `name` is through. */
  done(name: string): void;
  stop(): void;
}

export const huntProgress = (): HuntProgress => {
  if (!process.stderr.isTTY) return { expect: () => {}, done: () => {}, stop: () => {} };
  const bar = new SingleBar({
    format: 'mutants {bar} {value} of {total} | {name}',
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    barsize: 24,
  });
  let total = 0;
  bar.start(total, 0, { name: '' });
  return {
    expect: (count) => {
      total += count;
      bar.setTotal(total);
    },
    done: (name) => bar.increment({ name }),
    stop: () => bar.stop(),
  };
};
