/** The checker of the kill test, on histories that are wrong in every way it knows. */
import { describe, expect, it } from 'vitest';
import { check, type FoundRecord, type History, newHistory } from './history.ts';
import { idOf, valueFor } from './value.ts';

const A = 'r0.p0.0.40';
const B = 'r0.p0.1.50';

/** Both were sent to partition 0 and acknowledged at 0 and 1. */
const told = (): History => {
  const history = newHistory();
  for (const [offset, id] of [A, B].entries()) {
    history.sent.set(id, 0);
    history.acknowledged.set(id, { partition: 0, offset });
  }
  return history;
};

const log = (...ids: readonly string[]): readonly FoundRecord[] =>
  ids.map((id, offset) => ({ partition: 0, offset, value: valueFor(id) }));

const kinds = (history: History, found: readonly FoundRecord[]) =>
  check(history, found).map(({ kind }) => kind);

describe('values', () => {
  it('give themselves away when they were damaged', () => {
    const value = valueFor('r3.p1.42.4096');
    expect(value).toHaveLength(4096);
    expect(idOf(value)).toBe('r3.p1.42.4096');
    expect(idOf(value.slice(0, -1))).toBeUndefined();
    expect(idOf(`${value.slice(0, -1)}\0`)).toBeUndefined();
    expect(idOf('')).toBeUndefined();
  });
});

describe('the checker', () => {
  it('finds nothing wrong with a log that holds what was told', () => {
    expect(kinds(told(), log(A, B))).toEqual([]);
  });

  it('lets an unanswered value be there once, or not at all', () => {
    const history = told();
    history.sent.set('r0.p1.0.30', 0);
    expect(kinds(history, log(A, B, 'r0.p1.0.30'))).toEqual([]);
    expect(kinds(history, log(A, B))).toEqual([]);
    expect(kinds(history, log(A, B, 'r0.p1.0.30', 'r0.p1.0.30'))).toEqual(['duplicate']);
  });

  it.each<[string, readonly FoundRecord[], readonly string[]]>([
    ['lost', log(A), ['lost']],
    ['misplaced', log(B, A), ['misplaced', 'misplaced']],
    ['duplicate', log(A, B, A), ['duplicate']],
    ['phantom', log(A, B, 'r9.p9.9.30'), ['phantom']],
    ['corrupt', [...log(A, B), { partition: 0, offset: 2, value: 'zeros' }], ['corrupt']],
    ['gap', [log(A, B)[0]!, { ...log(A, B)[1]!, offset: 2 }], ['gap', 'misplaced']],
  ])('notices: %s', (_what, found, expected) => {
    expect(kinds(told(), found)).toEqual(expected);
  });

  it('notices a refused value, one that was read and is gone, and offsets that go back', () => {
    const history = told();
    history.refused.add(B);
    history.seen.set('r0.p5.0.30', { partition: 0, offset: 2 });
    history.acknowledged.delete(A);
    history.acknowledged.set(A, { partition: 0, offset: 0 });
    expect(kinds(history, log(A, B)).sort()).toEqual([
      'aborted-read',
      'non-monotonic-send',
      'unread',
    ]);
  });
});
