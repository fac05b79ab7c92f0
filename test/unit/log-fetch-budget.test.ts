/**
 * What a fetch lets out of what there is: its own budget, each partition's, and always at least one batch.
 */
import { describe, expect, it } from 'vitest';
import { budgetOf } from '../../lib/log/fetch/budget.ts';
import { batchOf } from '../support/log.ts';
import { large, one, run, topic } from '../support/two-brokers.ts';

const sizeBytes = large('0').length;
const counts = (results: readonly { readonly batches: readonly Uint8Array[] }[]): number[] =>
  results.map(({ batches }) => batches.length);

/** Partition by partition from offset 0, each of at most this many batches. */
const from0 = (...most: readonly number[]) =>
  most.map((batches, partition) => ({
    topic,
    partition,
    offset: 0,
    maxBytes: batches * sizeBytes,
  }));

describe('a fetch of many partitions', () => {
  it('charges an entry for what is let out of it, not for all of it', () =>
    run(
      async ({ elsewhere, produce }) => {
        // What arrives together shares an entry.
        await Promise.all(
          [0, 1, 2].flatMap((partition) =>
            Array.from({ length: 40 }, (_, n) => produce(large(`${n % 10}`), partition)),
          ),
        );
        const fetch = (maxBytes: number) =>
          elsewhere.fetch({ partitions: from0(2, 3, 4), maxBytes });
        expect(counts(await fetch(9 * sizeBytes))).toEqual([2, 3, 4]);
        expect(counts(await fetch(6 * sizeBytes))).toEqual([2, 3, 1]);
        expect(counts(await fetch(3 * sizeBytes - 1))).toEqual([2, 0, 0]);
      },
      { partitions: 3 },
    ));

  it('returns too large a batch first of all, and from behind only when it is asked for first', () =>
    run(
      async ({ elsewhere, produce }) => {
        const huge = batchOf(['x'.repeat(50_000)]);
        for (const batch of [huge, large('0')]) {
          await produce(new Uint8Array(batch), 1);
          await produce(new Uint8Array(batch), 2);
        }
        const partitions = from0(2, 2, 2);
        expect(counts(await elsewhere.fetch({ partitions }))).toEqual([0, 1, 0]);
        const turned = [partitions[2]!, partitions[0]!, partitions[1]!];
        expect(counts(await elsewhere.fetch({ partitions: turned }))).toEqual([1, 0, 0]);
      },
      { partitions: 3 },
    ));

  it.each([0, 1])('gets on with maxBytes %i', (maxBytes) =>
    run(
      async ({ broker, elsewhere, produce }) => {
        await produce(large('0'), 1);
        await produce(large('1'), 1);
        for (const reader of [broker, elsewhere]) {
          const results = await reader.fetch({ partitions: from0(0, 0, 0), maxBytes });
          expect(counts(results)).toEqual([0, 1, 0]);
          expect(results[1]!.nextOffset).toBe(1);
        }
      },
      { partitions: 3 },
    ),
  );

  it('does not wait for more bytes than it takes', () =>
    run(async ({ broker, produce, runtime }) => {
      await produce(large('0'));
      const start = runtime.monotonicMs();
      const limits = { maxBytes: sizeBytes, minBytes: 10 * sizeBytes, maxWaitMs: 5_000 };
      expect((await one(broker, 0, limits)).batches).toHaveLength(1);
      expect(runtime.monotonicMs()).toBe(start);
    }));
});

describe('a budget', () => {
  const own = (size: number): number => size;

  it('is dealt in order, whole or divisible', () => {
    const whole = budgetOf(10, 'whole');
    expect(whole.deal([3, 3, 3], 7, own)).toEqual([3, 3]);
    expect(whole.deal([3, 3, 3], 7, own)).toEqual([3]);
    expect(whole.deal([3], 7, own)).toEqual([]);
    expect(whole.deal([1], 7, own)).toEqual([1]);
    const divisible = budgetOf(10, 'divisible');
    expect(divisible.deal([3, 3, 3], 7, own)).toEqual([3, 3, 3]);
    expect(divisible.deal([2, 2, 2], 7, own)).toEqual([2, 2]);
    expect(divisible.deal([1], 7, own)).toEqual([]);
  });

  it('gives the first who has anything one piece', () => {
    for (const kind of ['whole', 'divisible'] as const) {
      const budget = budgetOf(0, kind);
      expect(budget.deal([], 5, own)).toEqual([]);
      expect(budget.deal([9, 1], 5, own)).toEqual([9]);
      expect(budget.deal([1], 5, own)).toEqual([]);
    }
  });
});
