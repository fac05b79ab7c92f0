/** The rule against its definition: a cycle in the graph of all edges. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkHistory } from './check.ts';
import * as made from './hand-made.ts';
import { doneAt, type History, type Operation } from './history.ts';

const isWriteRead = (a: Operation, b: Operation): boolean =>
  a.kind === 'send' &&
  b.kind === 'poll' &&
  b.reads.some(({ records }) => records.some(([, value]) => value === a.value));

const hasCycle = ({ operations }: History): boolean => {
  const state = new Map<Operation, 'open' | 'done'>();
  const visit = (one: Operation): boolean => {
    if (state.has(one)) return state.get(one) === 'open';
    state.set(one, 'open');
    const isOnCycle = operations
      .filter((other) => isWriteRead(one, other) || doneAt(one) < other.invokedAt)
      .some(visit);
    state.set(one, 'done');
    return isOnCycle;
  };
  return operations.some(visit);
};

const times = fc.tuple(fc.nat(20), fc.nat(10));
const processes = fc.constantFrom('a', 'b', 'c');

/** Sends of four values and polls that read any of them, whenever they are. */
const histories = fc
  .tuple(
    fc.array(fc.tuple(times, processes, fc.boolean()), { minLength: 4, maxLength: 4 }),
    fc.array(fc.tuple(times, processes, fc.nat(3)), { maxLength: 3 }),
  )
  .map(([sends, polls]) =>
    made.history(
      ...sends.map(([[start, length], process, isTold], index) => {
        const one = isTold ? made.send(`v${index}`, index) : made.sendWithout('info', `v${index}`);
        return made.during(start, start + length, process, one);
      }),
      ...polls.map(([[start, length], process, index]) =>
        made.during(start, start + length, process, made.poll(index, `v${index}`)),
      ),
    ),
  );

describe('cycle', () => {
  it('finds something where the graph has a cycle, and only there', () => {
    const seen = { right: 0, wrong: 0 };
    fc.assert(
      fc.property(histories, (history) => {
        const isWrong = hasCycle(history);
        seen[isWrong ? 'wrong' : 'right'] += 1;
        expect(checkHistory(history).anomalies.has('cycle')).toBe(isWrong);
      }),
      { numRuns: 2_000 },
    );
    expect(Math.min(seen.right, seen.wrong)).toBeGreaterThan(300);
  });
});
