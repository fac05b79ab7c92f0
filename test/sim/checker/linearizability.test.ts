/** The rule against its definition: a search for an order of all operations, in histories so short that it ends. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkHistory } from './check.ts';
import * as made from './hand-made.ts';
import { doneAt, type History, type Operation } from './history.ts';

/** The offsets that operations are about. */
const OFFSETS = 4;

/** What an operation does to a log that ends at `end`: where it ends then, if the answer is right. */
const apply = (one: Operation, end: number): number | undefined => {
  if (one.kind === 'send') return one.offset === end ? end + 1 : undefined;
  if (one.kind === 'list-offsets') return one.partitions[0]!.logEnd === end ? end : undefined;
  if (one.kind !== 'poll') return end;
  const { from, records } = one.reads[0]!;
  const last = records.at(-1);
  return (last ? last[0] < end : from >= end) ? end : undefined;
};

/** Whether the rest has an order, each operation at one moment between its beginning and its end. */
const hasOrder = (rest: readonly Operation[], end: number, told: ReadonlySet<number>): boolean => {
  if (rest.length === 0) return true;
  const firstEnd = Math.min(...rest.map(doneAt));
  const canBeNext = rest.some((one) => {
    if (one.invokedAt > firstEnd) return false;
    const after = apply(one, end);
    return (
      after !== undefined &&
      hasOrder(
        rest.filter((other) => other !== one),
        after,
        told,
      )
    );
  });
  // Of an offset that no answer told, somebody unknown appended it, whenever that was.
  return canBeNext || (end < OFFSETS && !told.has(end) && hasOrder(rest, end + 1, told));
};

const isLinearizable = ({ operations }: History): boolean => {
  const told = operations.flatMap((one) => (one.kind === 'send' ? [one.offset!] : []));
  return hasOrder(operations, 0, new Set(told));
};

const interval = fc.tuple(fc.nat(12), fc.nat(6));
const operation = (index: number) =>
  fc.tuple(interval, fc.nat(2), fc.nat(OFFSETS - 1)).map(([[start, length], kind, offset]) => {
    const one = [
      made.bounds({ logEnd: offset }),
      made.pollOf({ from: offset, records: [[offset, `v${offset}`]] }),
      made.poll(offset),
    ][kind]!;
    return made.during(start, start + length, `reader ${index}`, one);
  });

/** Sends of some offsets, in any order of time, and looks and polls with any answers. */
const histories = fc
  .tuple(
    fc.array(fc.option(interval, { freq: 4 }), { minLength: OFFSETS, maxLength: OFFSETS }),
    fc.tuple(...[0, 1, 2, 3].map(operation)),
    fc.nat(4),
  )
  .map(([sends, readers, count]) =>
    made.history(
      ...sends.flatMap((times, offset) =>
        times
          ? [
              made.during(
                times[0],
                times[0] + times[1],
                `sender ${offset}`,
                made.send(`v${offset}`, offset),
              ),
            ]
          : [],
      ),
      ...readers.slice(0, count),
    ),
  );

describe('linearizability', () => {
  it('finds something where no order gives the answers, and only there', () => {
    const seen = { right: 0, wrong: 0 };
    fc.assert(
      fc.property(histories, (history) => {
        const isRight = isLinearizable(history);
        seen[isRight ? 'right' : 'wrong'] += 1;
        expect(checkHistory(history).anomalies.has('linearizability')).toBe(!isRight);
      }),
      { numRuns: 3_000 },
    );
    expect(Math.min(seen.right, seen.wrong)).toBeGreaterThan(300);
  });
});
