/**
 * Changing an item by what it says: each change once, told as it was, under every fault.
 */
import { describe, expect, it } from 'vitest';
import { StratalogError } from '../../lib/model/errors.ts';
import { STORE_PATIENCE_MS } from '../../lib/model/limits.ts';
import { equals, type Item, set, type Update } from '../../lib/storage/algebra.ts';
import type { Fault, FaultPlan } from '../../lib/storage/faulty/fault.ts';
import { faultyItems } from '../../lib/storage/faulty/items.ts';
import { randomFaults } from '../../lib/storage/faulty/plans.ts';
import { withoutCondition } from '../../lib/storage/faulty/without-condition.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import type { ItemStore } from '../../lib/storage/ports.ts';
import { REVISION_AS_READ, type Revision, revise, revisionOf } from '../../lib/storage/revise.ts';
import { meteredItems, newMeter } from '../support/meter.ts';
import { type VirtualRuntime, virtualRuntime } from '../support/virtual-runtime.ts';

const KEY = { pk: 'A', sk: 'list' };

const valuesOf = (item: Item | undefined): readonly string[] =>
  (item?.values as readonly string[] | undefined) ?? [];

/** Adds `value` to the list by what it says, which only a change made once gets right. */
const adding =
  (value: string) =>
  (item: Item | undefined): Update => ({ change: [set('values', [...valuesOf(item), value])] });

const add = (
  items: ItemStore,
  runtime: VirtualRuntime,
  value: string,
  more: Partial<Revision> = {},
): Promise<Item> =>
  revise(items, runtime, {
    key: KEY,
    what: `the addition of ${value}`,
    judge: adding(value),
    ...more,
  });

const run = (
  work: (given: { items: ItemStore; runtime: VirtualRuntime }) => Promise<void>,
): Promise<void> => {
  const runtime = virtualRuntime(3);
  return runtime.drive(() => work({ items: memoryItems(), runtime }));
};

/** `fault` for the first update, and `meanwhile` before anything is read after it. */
const firstUpdate = (items: ItemStore, runtime: VirtualRuntime, fault: Fault) => {
  let seen = 0;
  const plan: FaultPlan = ({ verb }) => (verb === 'update' && ++seen === 1 ? fault : undefined);
  return faultyItems(items, plan, runtime);
};

describe('revise', () => {
  it('makes the item, and changes it, with one read and one update', () =>
    run(async ({ items, runtime }) => {
      const meter = newMeter();
      const metered = meteredItems(items, () => meter);
      expect(revisionOf(await add(metered, runtime, 'a'))).toBe(1);
      const item = await add(metered, runtime, 'b');
      expect(valuesOf(item)).toEqual(['a', 'b']);
      expect(revisionOf(item)).toBe(2);
      expect(meter.calls).toEqual({ get: 2, update: 2 });
    }));

  it('keeps the marks of the last eight changes', () =>
    run(async ({ items, runtime }) => {
      for (let n = 0; n < 12; n++) await add(items, runtime, `${n}`);
      const item = await items.get(KEY);
      expect(revisionOf(item)).toBe(12);
      expect(item!.marks).toHaveLength(8);
    }));

  it('spares the read when the item is known, and judges afresh when that is old', () =>
    run(async ({ items, runtime }) => {
      const meter = newMeter();
      const metered = meteredItems(items, () => meter);
      const known = await add(items, runtime, 'a');
      await add(metered, runtime, 'b', { believed: known });
      expect(meter.calls).toEqual({ update: 1 });
      expect(valuesOf(await add(metered, runtime, 'c', { believed: known }))).toEqual([
        'a',
        'b',
        'c',
      ]);
      expect(meter.calls).toEqual({ update: 3 });
    }));

  it.each<Fault>([
    { kind: 'loseAnswer', reason: 'timeout' },
    { kind: 'loseAnswer', reason: 'unavailable' },
    { kind: 'denySuccess' },
    { kind: 'late', lateMs: 5_000 },
    { kind: 'repeat', repeatMs: 5_000 },
    { kind: 'fail', reason: 'unavailable' },
    { kind: 'refuse', reason: 'throttled' },
  ])('changes once under %o', (fault) =>
    run(async ({ items, runtime }) => {
      await add(items, runtime, 'a');
      const hurt = firstUpdate(items, runtime, fault);
      expect(valuesOf(await add(hurt, runtime, 'b'))).toEqual(['a', 'b']);
      await hurt.settle();
      await add(items, runtime, 'c');
      expect(valuesOf(await items.get(KEY))).toEqual(['a', 'b', 'c']);
      expect(hurt.faults[fault.kind]).toBe(1);
    }),
  );

  it.each([
    { others: 8, told: 'tells', outcome: 'applied' },
    { others: 9, told: 'cannot tell', outcome: 'unknown' },
  ])('after $others changes by others it $told whether its own was made', ({ others, outcome }) =>
    run(async ({ items, runtime }) => {
      await add(items, runtime, 'a');
      const behind: ItemStore = {
        ...items,
        // The answer is lost, and it takes long to ask again.
        update: async (key, update) => {
          const hurt = faultyItems(items, () => ({ kind: 'fail', reason: 'timeout' }), runtime);
          const result = valuesOf(await items.get(KEY)).includes('0')
            ? items.update(key, update)
            : hurt.update(key, update);
          for (let n = 0; n < others; n++) {
            if (valuesOf(await items.get(KEY)).includes(`${n}`)) break;
            await add(items, runtime, `${n}`);
          }
          return result;
        },
      };
      const told = await add(behind, runtime, 'b').catch((error) => error);
      if (outcome === 'applied') {
        expect(valuesOf(told).at(-1)).toBe('b');
      } else {
        expect(told).toMatchObject({ code: 'REQUEST_TIMED_OUT', effect: 'unknown' });
        const again = await add(behind, runtime, 'c', { repeatable: true });
        expect(valuesOf(again).at(-1)).toBe('c');
      }
    }),
  );

  it('is refused by its judge, surely when nothing of it was applied', () =>
    run(async ({ items, runtime }) => {
      await add(items, runtime, 'a');
      const full = (item: Item | undefined): Update => {
        if (valuesOf(item).length > 0) throw new StratalogError('INVALID_REQUEST', 'It is full.');
        return adding('b')(item);
      };
      const believed = { ...KEY };
      await expect(add(items, runtime, 'b', { judge: full, believed })).rejects.toMatchObject({
        code: 'INVALID_REQUEST',
        effect: 'none',
      });
    }));

  it('does not touch another item of the key, and says that it does not know', () =>
    run(async ({ items, runtime }) => {
      await items.put({ ...KEY, id: 'one' });
      const mine = (item: Item | undefined): Update => {
        if (item?.id !== 'one') throw new StratalogError('INVALID_REQUEST', 'It is gone.');
        return { if: { 'same-one': equals('id', 'one') }, change: [set('value', 1)] };
      };
      const hurt = firstUpdate(items, runtime, { kind: 'late', lateMs: 2_000 });
      const replaced: ItemStore = {
        ...hurt,
        update: async (key, update) => {
          const result = hurt.update(key, update);
          await items.delete(KEY);
          await items.put({ ...KEY, id: 'two' });
          return result;
        },
      };
      await expect(add(replaced, runtime, 'x', { judge: mine })).rejects.toMatchObject({
        code: 'INVALID_REQUEST',
        effect: 'unknown',
      });
      await hurt.settle();
      expect(await items.get(KEY)).toEqual({ ...KEY, id: 'two' });
    }));

  it.each<{ fault: Fault; says: object }>([
    {
      fault: { kind: 'refuse', reason: 'throttled' },
      says: { name: 'StoreError', reason: 'throttled', effect: 'none' },
    },
    {
      fault: { kind: 'refuse', reason: 'denied' },
      says: { name: 'StoreError', reason: 'denied', effect: 'none' },
    },
    {
      fault: { kind: 'fail', reason: 'timeout' },
      says: { code: 'KAFKA_STORAGE_ERROR', effect: 'unknown' },
    },
    {
      fault: { kind: 'fail', reason: 'full' },
      says: { code: 'KAFKA_STORAGE_ERROR', effect: 'unknown' },
    },
  ])('gives up in time when every update meets $fault', ({ fault, says }) =>
    run(async ({ items, runtime }) => {
      const plan: FaultPlan = ({ verb }) => (verb === 'update' ? fault : undefined);
      const startMs = runtime.monotonicMs();
      const told = add(faultyItems(items, plan, runtime), runtime, 'a');
      await expect(told).rejects.toMatchObject(says);
      expect(runtime.monotonicMs() - startMs).toBeLessThan(STORE_PATIENCE_MS + 2_000);
    }),
  );

  it('says that nothing happened when others are always faster', () =>
    run(async ({ items, runtime }) => {
      let n = 0;
      const raced: ItemStore = {
        ...items,
        update: async (key, update) => {
          await add(items, runtime, `${n++}`);
          return items.update(key, update);
        },
      };
      await expect(add(raced, runtime, 'mine')).rejects.toMatchObject({
        code: 'THROTTLING_QUOTA_EXCEEDED',
        effect: 'none',
      });
      expect(valuesOf(await items.get(KEY))).not.toContain('mine');
    }));
});

/** What is wrong when many have added to one list under every fault; `without` takes a condition out. */
const violations = (seed: number, without?: string): Promise<readonly string[]> => {
  const runtime = virtualRuntime(seed);
  const items = memoryItems();
  const rates = {
    repeat: 0.3,
    delay: 0.2,
    late: 0.1,
    loseAnswer: 0.1,
    denySuccess: 0.1,
    fail: 0.1,
  };
  return runtime.drive(async () => {
    const told = new Map<string, 'added' | 'none' | 'unknown'>();
    const store = without === undefined ? items : withoutCondition(items, without);
    const client = async (name: string): Promise<void> => {
      const plan = randomFaults(runtime.random, rates, { slowMs: 30, lateMs: 500 });
      const faulty = faultyItems(store, plan, runtime);
      for (let n = 0; n < 6; n++) {
        await runtime.sleep(runtime.random() * 50);
        const value = `${name}${n}`;
        told.set(
          value,
          await add(faulty, runtime, value).then(
            () => 'added',
            ({ effect }) => effect,
          ),
        );
      }
      await faulty.settle();
    };
    await Promise.all(['a', 'b', 'c', 'd'].map(client));
    const there = valuesOf(await items.get(KEY));
    const problems: string[] = [];
    for (const [value, outcome] of told) {
      const times = there.filter((one) => one === value).length;
      if (times > 1) problems.push(`${value} is there ${times} times`);
      if (outcome === 'added' && times === 0) problems.push(`${value} was added, and is not there`);
      if (outcome === 'none' && times > 0) problems.push(`${value} was not added, and is there`);
    }
    return problems;
  });
};

describe('many who change one item', () => {
  it('each once and as told, in 300 worlds', async () => {
    for (let seed = 0; seed < 300; seed++)
      expect(await violations(seed), `seed ${seed}`).toEqual([]);
  });

  it(`not so without ${REVISION_AS_READ}`, async () => {
    const broken = await Promise.all(
      Array.from({ length: 20 }, (_, seed) => violations(seed, REVISION_AS_READ)),
    );
    expect(broken.flat().length).toBeGreaterThan(0);
  });
});
