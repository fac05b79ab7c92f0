import { describe, expect, it } from 'vitest';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { absent, add, append, equals, set } from '../../lib/storage/algebra.ts';
import { faultyBlobs } from '../../lib/storage/faulty/blobs.ts';
import { Crashed, type Fault, type FaultPlan } from '../../lib/storage/faulty/fault.ts';
import { faultyItems } from '../../lib/storage/faulty/items.ts';
import {
  cutOff,
  firstOf,
  randomFaults,
  stopAt,
  tokenBucket,
} from '../../lib/storage/faulty/plans.ts';
import { withoutCondition } from '../../lib/storage/faulty/without-condition.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import { BlobExists, BlobMissing, ConditionFailed, StoreError } from '../../lib/storage/ports.ts';
import { seeded, virtualRuntime } from '../support/virtual-runtime.ts';

const key = { pk: 'P', sk: 'HEAD' };
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const count = { change: [add('n', 1)] };

const errorOf = async (call: Promise<unknown>): Promise<unknown> => {
  try {
    await call;
  } catch (error) {
    return error;
  }
  return undefined;
};

/** The fault for the calls with these running numbers. */
const at =
  (fault: Fault, ...numbers: readonly number[]): FaultPlan =>
  ({ n }) =>
    numbers.includes(n) ? fault : undefined;

const setUp = (plan: FaultPlan) => {
  const runtime = virtualRuntime(1);
  const inner = { items: memoryItems(), blobs: memoryBlobs() };
  return {
    runtime,
    inner,
    items: faultyItems(inner.items, plan, runtime),
    blobs: faultyBlobs(inner.blobs, plan, runtime),
    n: async () => (await inner.items.get(key))?.n,
  };
};

describe('faults of items', () => {
  it('refuses before the store sees it, and says so', async () => {
    const { items, n } = setUp(at({ kind: 'refuse', reason: 'throttled' }, 1));
    const error = (await errorOf(items.update(key, count))) as StoreError;
    expect([error.reason, error.effect, error.retriable]).toEqual(['throttled', 'none', true]);
    expect(await n()).toBeUndefined();
    expect(items.faults.refuse).toBe(1);
  });

  it('fails without doing it, and does not know', async () => {
    const { items, n } = setUp(at({ kind: 'fail', reason: 'unavailable' }, 1));
    const error = (await errorOf(items.update(key, count))) as StoreError;
    expect([error.reason, error.effect]).toEqual(['unavailable', 'unknown']);
    expect(await n()).toBeUndefined();
  });

  it('loses the answer of what was applied, and of what was refused', async () => {
    const { items, n } = setUp(at({ kind: 'loseAnswer', reason: 'timeout' }, 1, 2));
    const lost = (await errorOf(items.update(key, count))) as StoreError;
    expect([lost.reason, lost.effect]).toEqual(['timeout', 'unknown']);
    const refused = { if: { 'not-there': absent('n') }, ...count };
    expect(await errorOf(items.update(key, refused))).toBeInstanceOf(StoreError);
    expect(await n()).toBe(1);
  });

  it('denies its own success', async () => {
    const { items, n } = setUp(at({ kind: 'denySuccess' }, 1));
    const error = (await errorOf(items.update(key, count))) as ConditionFailed;
    expect(error).toBeInstanceOf(ConditionFailed);
    expect(error.item?.n).toBe(1);
    expect(await n()).toBe(1);
  });

  it('applies late, after it has given up', async () => {
    const { items, n, runtime } = setUp(at({ kind: 'late', lateMs: 500 }, 1));
    const slab = bytes(1, 2);
    await runtime.drive(async () => {
      const update = { change: [append('list', [slab]), add('n', 1)] };
      expect((await errorOf(items.update(key, update))) as StoreError).toMatchObject({
        reason: 'timeout',
        effect: 'unknown',
      });
      slab.fill(0);
      expect(await n()).toBeUndefined();
      await items.settle();
    });
    const item = await items.get(key);
    expect(item?.n).toBe(1);
    expect(item?.list).toEqual([bytes(1, 2)]);
  });

  it('repeats the same call later', async () => {
    const { items, n, runtime } = setUp(at({ kind: 'repeat', repeatMs: 60_000 }, 1, 2));
    await runtime.drive(async () => {
      expect((await items.update(key, count)).n).toBe(1);
      const once = { if: { 'as-read': equals('n', 1) }, ...count };
      expect((await items.update(key, once)).n).toBe(2);
      await items.settle();
    });
    // The first was applied again, the second refused by its condition.
    expect(await n()).toBe(3);
    expect(items.faults.repeat).toBe(2);
  });

  it('delays before and after', async () => {
    const { items, runtime } = setUp(at({ kind: 'delay', beforeMs: 100, afterMs: 30 }, 1));
    await runtime.drive(async () => {
      const begun = runtime.monotonicMs();
      await items.update(key, count);
      expect(runtime.monotonicMs() - begun).toBe(130);
    });
  });

  it('gives stale answers to reads that allow them', async () => {
    const { items } = setUp(({ verb }) => (verb === 'get' ? { kind: 'stale' } : undefined));
    await items.update(key, count);
    expect((await items.get(key, { consistent: false }))?.n).toBe(1);
    await items.update(key, count);
    expect((await items.get(key, { consistent: false }))?.n).toBe(1);
    expect((await items.get(key))?.n).toBe(2);
    // The last one was none.
    expect(items.faults.stale).toBe(2);
  });

  it('throttles a key by its write units', async () => {
    const runtime = virtualRuntime(1);
    const store = memoryItems();
    const items = faultyItems(store, tokenBucket(runtime, { unitsPerSecond: 10 }), runtime);
    const large = { change: [add('n', 1), set('body', new Uint8Array(2_500))] };
    const outcomes: unknown[] = [];
    for (let n = 0; n < 6; n++) outcomes.push(await errorOf(items.update(key, large)));
    // Three units each: the fourth takes the bucket below zero.
    expect(outcomes.map((error) => (error as StoreError | undefined)?.reason)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      'throttled',
      'throttled',
    ]);
    expect(await errorOf(items.update({ ...key, pk: 'other' }, count))).toBeUndefined();
    await runtime.drive(() => runtime.sleep(500));
    expect(await errorOf(items.update(key, large))).toBeUndefined();
    expect((await items.get(key))?.n).toBe(5);
  });
});

describe('faults of objects', () => {
  it('puts twice and takes its own success for a conflict', async () => {
    const { blobs, inner } = setUp(at({ kind: 'denySuccess' }, 1));
    expect(await errorOf(blobs.put('a', [bytes(1)]))).toBeInstanceOf(BlobExists);
    expect(await inner.blobs.get('a')).toEqual(bytes(1));
  });

  it('repeats a put with the bytes it had', async () => {
    const { blobs, inner, runtime } = setUp(at({ kind: 'late', lateMs: 1_000 }, 1));
    const buffer = bytes(1, 2, 3);
    await runtime.drive(async () => {
      expect(await errorOf(blobs.put('a', [buffer]))).toBeInstanceOf(StoreError);
      buffer.fill(0);
      await blobs.settle();
    });
    expect(await inner.blobs.get('a')).toEqual(bytes(1, 2, 3));
  });

  it('damages what is read, and only the answer', async () => {
    const { blobs, inner } = setUp(({ n }) => {
      const how = (['truncate', 'flip', 'missing'] as const)[n - 2];
      return how && { kind: 'damage', how, at: 0.5 };
    });
    await blobs.put('a', [bytes(1, 2, 3, 4)]);
    expect(await blobs.get('a')).toEqual(bytes(1, 2));
    expect(await blobs.get('a')).toEqual(bytes(1, 2, 3 ^ 0x10, 4));
    expect(await errorOf(blobs.get('a'))).toBeInstanceOf(BlobMissing);
    expect(await inner.blobs.get('a')).toEqual(bytes(1, 2, 3, 4));
  });
});

describe('plans', () => {
  it('stops a process at a call, on whatever port, applied or not', async () => {
    for (const applied of [false, true]) {
      const { items, blobs, inner, n } = setUp(stopAt(3, { applied }));
      await items.update(key, count);
      await blobs.put('a', [bytes(1)]);
      expect(await errorOf(items.update(key, count))).toBeInstanceOf(Crashed);
      expect(await errorOf(blobs.put('b', [bytes(1)]))).toBeInstanceOf(Crashed);
      expect(await errorOf(items.get(key))).toBeInstanceOf(Crashed);
      expect(await n()).toBe(applied ? 2 : 1);
      expect((await inner.blobs.list('')).map((blob) => blob.key)).toEqual(['a']);
    }
  });

  it('answers nothing that was under way when the process died', async () => {
    const slowFirst = at({ kind: 'delay', afterMs: 100 }, 1);
    const { items, n, runtime } = setUp(firstOf(stopAt(2), slowFirst));
    await runtime.drive(async () => {
      const first = errorOf(items.update(key, count));
      expect(await errorOf(items.update(key, count))).toBeInstanceOf(Crashed);
      expect(await first).toBeInstanceOf(Crashed);
    });
    expect(await n()).toBe(1);
  });

  it('can leave the callers of a dead process waiting', async () => {
    const { items } = setUp(stopAt(1, { answer: 'never' }));
    const first = items.update(key, count).then(() => 'answered');
    const later = new Promise((resolve) => systemRuntime.defer(() => resolve('waiting')));
    expect(await Promise.race([first, later])).toBe('waiting');
  });

  it('cuts a store off and heals it', async () => {
    const cable = cutOff();
    const { items, n } = setUp(cable.plan);
    await items.update(key, count);
    cable.cut();
    expect(await errorOf(items.update(key, count))).toBeInstanceOf(StoreError);
    expect(await errorOf(items.get(key))).toBeInstanceOf(StoreError);
    cable.heal();
    await items.update(key, count);
    expect(await n()).toBe(2);
  });

  it('draws the same faults from the same seed, at their rates', async () => {
    const rates = { refuse: 0.1, fail: 0.05, loseAnswer: 0.1, denySuccess: 0.05, repeat: 0.1 };
    const history = async (seed: number) => {
      const { items, runtime } = setUp(randomFaults(seeded(seed), rates));
      const outcomes: string[] = [];
      await runtime.drive(async () => {
        for (let round = 0; round < 500; round++) {
          const error = await errorOf(items.update(key, count));
          outcomes.push(error === undefined ? 'done' : String(error));
        }
        await items.settle();
      });
      return { outcomes, faults: items.faults };
    };
    const first = await history(7);
    expect(await history(7)).toEqual(first);
    expect((await history(8)).outcomes).not.toEqual(first.outcomes);
    for (const [kind, rate] of Object.entries(rates)) {
      const happened = first.faults[kind as keyof typeof rates] / 500;
      expect(happened).toBeGreaterThan(rate / 2);
      expect(happened).toBeLessThan(rate * 2);
    }
    expect(first.faults.damage).toBe(0);
  });
});

it('forgets one condition by its name', async () => {
  const store = memoryItems();
  const mutant = withoutCondition(store, 'not-there');
  await store.put({ ...key, n: 1 });
  const update = { if: { 'not-there': absent('n') }, ...count };
  expect(await errorOf(store.update(key, update))).toBeInstanceOf(ConditionFailed);
  expect((await mutant.update(key, update)).n).toBe(2);
  const both = { if: { 'not-there': absent('n'), 'as-read': equals('n', 9) }, ...count };
  expect(await errorOf(mutant.update(key, both))).toBeInstanceOf(ConditionFailed);
  await mutant.put({ ...key, n: 5 }, { 'not-there': absent('pk') });
  await mutant.delete(key, { 'not-there': absent('pk') });
  expect(await store.get(key)).toBeUndefined();
});
