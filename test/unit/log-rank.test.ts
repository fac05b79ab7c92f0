import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  advanceRank,
  advanceSequence,
  judgeSequence,
  rankEpoch,
  rankSequence,
} from '../../lib/log/rank.ts';

const MAX_SEQUENCE = 2 ** 31 - 1;
const range = (producerEpoch: number, firstSequence: number, recordCount = 1) => ({
  producerEpoch,
  firstSequence,
  recordCount,
});
/** The rank of a producer that has written `count` records from sequence 0 on. */
const rankAfter = (epoch: number, count: number): number => {
  const verdict = judgeSequence(undefined, range(epoch, 0, count));
  if (verdict.kind !== 'next') throw new Error(verdict.kind);
  return verdict.rank;
};

describe('rank', () => {
  it('keeps epoch and next sequence, and is always a safe integer', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 32_767 }),
        fc.integer({ min: 1, max: MAX_SEQUENCE }),
        (epoch, count) => {
          const rank = rankAfter(epoch, count);
          expect(Number.isSafeInteger(rank)).toBe(true);
          expect(rankEpoch(rank)).toBe(epoch);
          expect(rankSequence(rank)).toBe(count);
        },
      ),
    );
  });

  it('grows with every append and every epoch, also where sequences wrap', () => {
    const before = rankAfter(5, MAX_SEQUENCE - 9);
    const after = advanceRank(before, 20);
    expect(after).toBeGreaterThan(before);
    expect(rankEpoch(after)).toBe(5);
    expect(rankSequence(after)).toBe(10);
    expect(rankAfter(6, 1)).toBeGreaterThan(after);
  });

  it('begins its laps again within the epoch after the last one', () => {
    const last = 5 * 2 ** 38 + (2 ** 38 - 1);
    const after = advanceRank(last, 1);
    expect(rankEpoch(after)).toBe(5);
    expect(rankSequence(after)).toBe(0);
  });
});

describe('judgeSequence', () => {
  it('lets in what comes next', () => {
    const rank = rankAfter(2, 10);
    expect(judgeSequence(rank, range(2, 10, 5))).toEqual({ kind: 'next', rank: rank + 5 });
  });

  it('lets a new producer, or a newer epoch, begin at 0 only', () => {
    expect(judgeSequence(undefined, range(0, 0, 3))).toMatchObject({ kind: 'next' });
    expect(judgeSequence(undefined, range(0, 7))).toEqual({ kind: 'out-of-order', expected: 0 });
    expect(judgeSequence(rankAfter(2, 10), range(3, 0))).toMatchObject({ kind: 'next' });
    expect(judgeSequence(rankAfter(2, 10), range(3, 10))).toEqual({
      kind: 'out-of-order',
      expected: 0,
    });
  });

  it('refuses an older epoch', () => {
    expect(judgeSequence(rankAfter(2, 10), range(1, 10))).toEqual({
      kind: 'old-epoch',
      current: 2,
    });
  });

  it('knows a duplicate, all of which is behind', () => {
    const rank = rankAfter(2, 10);
    expect(judgeSequence(rank, range(2, 9))).toEqual({ kind: 'duplicate' });
    expect(judgeSequence(rank, range(2, 0, 10))).toEqual({ kind: 'duplicate' });
    expect(judgeSequence(rank, range(2, 0, 11))).toEqual({ kind: 'out-of-order', expected: 10 });
    expect(judgeSequence(rank, range(2, 11))).toEqual({ kind: 'out-of-order', expected: 10 });
  });

  it('does not take what was never given for a duplicate', () => {
    expect(judgeSequence(rankAfter(0, 5), range(0, MAX_SEQUENCE - 2))).toEqual({
      kind: 'out-of-order',
      expected: 5,
    });
  });

  it('wraps like Kafka', () => {
    const rank = rankAfter(0, MAX_SEQUENCE);
    const verdict = judgeSequence(rank, range(0, MAX_SEQUENCE, 4));
    expect(verdict).toMatchObject({ kind: 'next' });
    const next = (verdict as { rank: number }).rank;
    expect(rankSequence(next)).toBe(advanceSequence(MAX_SEQUENCE, 4));
    expect(judgeSequence(next, range(0, 3))).toMatchObject({ kind: 'next' });
    expect(judgeSequence(next, range(0, MAX_SEQUENCE, 4))).toEqual({ kind: 'duplicate' });
  });

  it('accepts a row of batches of any sizes exactly once, whatever is sent again', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ count: fc.integer({ min: 1, max: 500 }), again: fc.boolean() })),
        fc.integer({ min: 0, max: MAX_SEQUENCE }),
        (batches, records) => {
          let rank = records === 0 ? undefined : rankAfter(1, records);
          let sequence = records;
          for (const { count, again } of batches) {
            const sent = range(1, sequence, count);
            const verdict = judgeSequence(rank, sent);
            if (verdict.kind !== 'next') throw new Error(`${verdict.kind} at ${sequence}`);
            rank = verdict.rank;
            sequence = advanceSequence(sequence, count);
            if (again) expect(judgeSequence(rank, sent)).toEqual({ kind: 'duplicate' });
          }
        },
      ),
    );
  });
});
