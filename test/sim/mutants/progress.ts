/** How far the hunts are, drawn only where a person looks at it. */
import { barOf } from '../../support/command-line.ts';

export interface HuntProgress {
  /** So many more are to come. */
  expect(count: number): void;
  /** `name` is through. */
  done(name: string): void;
  stop(): void;
}

export const huntProgress = (): HuntProgress => {
  const bar = barOf('mutants {bar} {value} of {total} | {name}');
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
