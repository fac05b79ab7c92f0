/**
 * Writes down what the clients asked and were told, with one counter as the clock: every beginning and
 * every end of an operation is a moment of its own, in the order in which this process saw them.
 */
import type { Operation } from '../sim/checker/history.ts';

/** An operation that is about to be over. */
export type Ending<One extends Operation = Operation> = One extends Operation
  ? Omit<One, 'completedAt'>
  : never;

export interface Recorder {
  readonly operations: readonly Operation[];
  /** Values acknowledged so far. */
  readonly acknowledged: number;
  /** The next moment. */
  tick(): number;
  /** Operations that end now, at the same moment. */
  add(...operations: readonly Ending[]): void;
}

export const newRecorder = (): Recorder => {
  const operations: Operation[] = [];
  let now = 0;
  let acknowledged = 0;
  return {
    operations,
    get acknowledged() {
      return acknowledged;
    },
    tick: () => ++now,
    add(...ending) {
      const completedAt = ++now;
      for (const one of ending) {
        operations.push({ ...one, completedAt } as Operation);
        if (one.kind === 'send' && one.outcome === 'ok') acknowledged += 1;
      }
    },
  };
};
