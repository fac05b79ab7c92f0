/**
 * Short words for histories written by hand: all about partition `p`, and one after the other unless
 * moments are given.
 *
 *   history(send('x', 0), poll(0, 'x'))       x is sent and told 0, then read there
 */
import type { History, Operation, Read, Send } from './history.ts';

/** An operation to which `history` gives its moments, if it has none. */
export type Untimed = Operation extends infer One
  ? One extends Operation
    ? Omit<One, 'invokedAt' | 'completedAt'> & { invokedAt?: number; completedAt?: number }
    : never
  : never;

const ok = { process: 'a', outcome: 'ok' } as const;

/** An acknowledged, plain send of process `a` that was called once. */
export const send = (value: string, offset: number, more: Partial<Send> = {}): Untimed => ({
  ...ok,
  kind: 'send',
  partition: 'p',
  value,
  producer: 'plain',
  attempts: 1,
  offset,
  ...more,
});

/** A send that came to nothing, or to nobody knows what. */
export const sendWithout = (
  outcome: 'fail' | 'info',
  value: string,
  more: Partial<Send> = {},
): Untimed => {
  const { offset: _, ...untold } = send(value, 0) as Untimed & Send;
  return { ...untold, outcome, ...more };
};

/** A poll of process `b` that read `values` from `from` on. */
export const poll = (from: number, ...values: readonly string[]): Untimed =>
  pollOf({ from, records: values.map((value, index) => [from + index, value]) });

/** A poll of process `b` in full. */
export const pollOf = (read: Partial<Read>, more: object = {}): Untimed => ({
  ...ok,
  process: 'b',
  kind: 'poll',
  reads: [{ partition: 'p', from: 0, records: [], ...read }],
  ...more,
});

/** The last look at everything. */
export const finalPoll = (from: number, ...values: readonly string[]): Untimed => ({
  ...(poll(from, ...values) as Untimed & { kind: 'poll' }),
  process: 'final',
  final: true,
});

/** A look at the bounds of the log by process `b`. */
export const bounds = (told: { logStart?: number; logEnd?: number }): Untimed => ({
  ...ok,
  process: 'b',
  kind: 'list-offsets',
  partitions: [{ partition: 'p', ...told }],
});

export const deleteBefore = (before: number | 'latest', more: object = {}): Untimed => ({
  ...ok,
  process: 'c',
  kind: 'delete-records',
  partition: 'p',
  before,
  ...more,
});

export const commit = (generation: number, offset: number, more: object = {}): Untimed => ({
  ...ok,
  kind: 'commit',
  group: 'g',
  partition: 'p',
  generation,
  offset,
  ...more,
});

export const assign = (process = 'b'): Untimed => ({
  ...ok,
  process,
  kind: 'assign',
  partitions: [{ partition: 'p' }],
});

export const crash = (process = 'b'): Untimed => ({ ...ok, process, kind: 'crash' });

/** From `invokedAt` to `completedAt`, by `process`. */
export const during = (
  invokedAt: number,
  completedAt: number,
  process: string,
  one: Untimed,
): Untimed => ({ ...one, invokedAt, completedAt, process });

/** One after the other, ten moments for each, where nothing else is said. */
export const history = (...operations: readonly Untimed[]): History => ({
  operations: operations
    .map(
      (one, index) => ({ invokedAt: index * 10, completedAt: index * 10 + 5, ...one }) as Operation,
    )
    .sort((a, b) => a.invokedAt - b.invokedAt),
});

/** Of a producer whose sends are numbered. */
export const idempotent = { producer: 'idempotent' } as const;

/** Of a producer that wants its record at `offset` or nowhere. */
export const wanting = (offset: number) =>
  ({ producer: 'expectedEnd', expectedEnd: offset }) as const;
