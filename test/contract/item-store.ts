/**
 * What every `ItemStore` must do: the promises of `lib/storage/ports.ts` and `algebra.ts`, and no more.
 */
import { expect } from 'vitest';
import { MAX_ITEM_BYTES } from '../../lib/model/limits.ts';
import {
  absent,
  add,
  append,
  type Condition,
  equals,
  exists,
  type Item,
  type ItemKey,
  remove,
  set,
  type Value,
  type ValueMap,
} from '../../lib/storage/algebra.ts';
import { sameValue } from '../../lib/storage/interpret.ts';
import { ConditionFailed, type ItemStore, StoreError } from '../../lib/storage/ports.ts';
import { describeEngine, eventually, type MakeEngine, unique } from './engine.ts';
import { CHANGES, CONDITIONS, SUBJECT, WITHOUT_ITEM } from './item-cases.ts';

const newKey = (sk = 'HEAD'): ItemKey => ({ pk: `T#${unique()}`, sk });

const outcomeOf = async <T>(call: Promise<T>): Promise<T | ConditionFailed | StoreError> => {
  try {
    return await call;
  } catch (error) {
    if (error instanceof ConditionFailed || error instanceof StoreError) return error;
    throw error;
  }
};

/** Deep equality of values, whatever class of `Uint8Array` carries the bytes. */
const expectSame = (actual: Value | undefined, expected: Value | undefined): void => {
  if (sameValue(actual, expected)) return;
  expect(actual).toEqual(expected);
  throw new Error('the values differ in a way that toEqual does not see');
};

const expectInvalid = (outcome: unknown): void => {
  expect(outcome).toBeInstanceOf(StoreError);
  const { reason, effect, retriable } = outcome as StoreError;
  expect({ reason, effect, retriable }).toEqual({
    reason: 'invalid',
    effect: 'none',
    retriable: false,
  });
};

const log = (offset: number): string => `LOG#${String(offset).padStart(20, '0')}`;

export const describeItemStore = (name: string, make: MakeEngine<ItemStore>): void =>
  describeEngine(`item store: ${name}`, make, ({ test }) => {
    const checkConditions = (
      title: string,
      cases: readonly (readonly [Condition, boolean])[],
      subject: ValueMap | undefined,
    ): void =>
      test(title, async (store) => {
        for (const [condition, expected] of cases) {
          const key = newKey();
          const item = subject && { ...key, ...subject };
          if (item !== undefined) await store.put(item);
          const outcome = await outcomeOf(
            store.update(key, { if: { 'under-test': condition }, change: [set('mark', 1)] }),
          );
          const shown = JSON.stringify(condition);
          expect([shown, !(outcome instanceof Error)]).toEqual([shown, expected]);
          if (expected) {
            expectSame(await store.get(key), { ...key, ...subject, mark: 1 });
          } else {
            expect(outcome).toBeInstanceOf(ConditionFailed);
            expectSame((outcome as ConditionFailed).item, item);
            expectSame(await store.get(key), item);
          }
        }
      });

    checkConditions('evaluates every condition', CONDITIONS, SUBJECT);
    checkConditions('evaluates conditions where there is no item', WITHOUT_ITEM, undefined);

    test('needs all conditions', async (store) => {
      const key = newKey();
      await store.put({ ...key, a: 1, b: 2 });
      const change = [set('c', 3)];
      const both = { a: equals('a', 1), b: equals('b', 2) };
      const oneFails = { a: equals('a', 1), b: equals('b', 3) };
      expect(await outcomeOf(store.update(key, { if: oneFails, change }))).toBeInstanceOf(
        ConditionFailed,
      );
      expectSame(await store.update(key, { if: both, change }), { ...key, a: 1, b: 2, c: 3 });
    });

    for (const { name: change, before, changes, after } of CHANGES) {
      test(`changes: ${change}`, async (store) => {
        const key = newKey();
        const item = before && { ...key, ...before };
        if (item !== undefined) await store.put(item);
        const outcome = await outcomeOf(store.update(key, { change: changes }));
        if (after === 'invalid') {
          expectInvalid(outcome);
          expectSame(await store.get(key), item);
        } else {
          expectSame(outcome as Item, { ...key, ...after });
          expectSame(await store.get(key), { ...key, ...after });
        }
      });
    }

    test('a refusal tells before a change that makes no sense', async (store) => {
      const key = newKey();
      await store.put({ ...key, s: 'x' });
      const update = { if: { 'not-there': exists('none') }, change: [add('s', 1)] };
      expect(await outcomeOf(store.update(key, update))).toBeInstanceOf(ConditionFailed);
    });

    test('updates one item atomically', async (store) => {
      const key = newKey();
      await store.put({ ...key, n: 0, list: [] });
      const writers = 40;
      const each = 5;
      const results: Item[] = [];
      await Promise.all(
        Array.from({ length: writers }, async (_, writer) => {
          for (let round = 0; round < each; round++) {
            const mark = `${writer}:${round}`;
            results.push(
              await store.update(key, { change: [add('n', 1), append('list', [mark])] }),
            );
          }
        }),
      );
      const item = (await store.get(key))!;
      const list = item.list as readonly string[];
      expect(item.n).toBe(writers * each);
      expect(list.length).toBe(writers * each);
      expect(new Set(list).size).toBe(writers * each);
      // Each answer is the item as this update left it.
      for (const result of results) {
        expect((result.list as readonly string[]).length).toBe(result.n);
        expectSame(result.list, list.slice(0, result.n as number));
      }
      expect(new Set(results.map(({ n }) => n)).size).toBe(writers * each);
    });

    test('lets one of many win', async (store) => {
      const key = newKey();
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, writer) =>
          outcomeOf(
            store.update(key, { if: { 'not-taken': absent('by') }, change: [set('by', writer)] }),
          ),
        ),
      );
      const [winner, ...more] = outcomes.filter((outcome) => !(outcome instanceof Error));
      expect(more).toEqual([]);
      for (const outcome of outcomes) {
        if (outcome instanceof Error) expectSame((outcome as ConditionFailed).item, winner as Item);
      }
    });

    test('puts whole items, under conditions', async (store) => {
      const key = newKey();
      const first = { ...key, a: 1, b: 2 };
      const ifAbsent = { 'not-there': absent('pk') };
      await store.put(first, ifAbsent);
      const refused = await outcomeOf(store.put({ ...key, c: 3 }, ifAbsent));
      expect(refused).toBeInstanceOf(ConditionFailed);
      expectSame((refused as ConditionFailed).item, first);
      await store.put({ ...key, c: 3 }, { 'as-read': equals('a', 1) });
      expectSame(await store.get(key), { ...key, c: 3 });
      await store.put({ ...key });
      expectSame(await store.get(key), { ...key });
    });

    test('deletes, under conditions', async (store) => {
      const key = newKey();
      await store.delete(key);
      await store.put({ ...key, a: 1 });
      const refused = await outcomeOf(store.delete(key, { 'as-read': equals('a', 2) }));
      expect(refused).toBeInstanceOf(ConditionFailed);
      expectSame((refused as ConditionFailed).item, { ...key, a: 1 });
      await store.delete(key, { 'as-read': equals('a', 1) });
      expect(await store.get(key)).toBeUndefined();
      const gone = await outcomeOf(store.delete(key, { there: exists('pk') }));
      expect(gone).toBeInstanceOf(ConditionFailed);
      expect((gone as ConditionFailed).item).toBeUndefined();
    });

    test('keeps items of one pk apart by sk, and of one sk by pk', async (store) => {
      const key = newKey('a');
      const keys = [key, { ...key, sk: 'b' }, { ...newKey('a') }];
      for (const [n, one] of keys.entries()) await store.put({ ...one, n });
      await store.update(keys[1]!, { change: [add('n', 10)] });
      expect((await store.getMany(keys)).map((item) => item?.n)).toEqual([0, 11, 2]);
    });

    test('gets many in the order asked for', async (store) => {
      const { pk } = newKey();
      const keys = Array.from({ length: 230 }, (_, n) => ({ pk, sk: log(n) }));
      await Promise.all(
        keys.filter((_, n) => n % 3 !== 0).map((key) => store.put({ ...key, at: key.sk })),
      );
      const asked = keys.toReversed();
      const items = await store.getMany(asked);
      expect(items.map((item) => item?.at)).toEqual(
        asked.map(({ sk }) => (Number(sk.slice(4)) % 3 === 0 ? undefined : sk)),
      );
      expect(await store.getMany([])).toEqual([]);
      const [left, right] = await store.getMany([keys[1]!, keys[1]!]);
      expectSame(left, right);
    });

    test('reads eventually, too', async (store) => {
      const key = newKey();
      await store.put({ ...key, a: 1 });
      await eventually(async () => {
        expectSame(await store.get(key, { consistent: false }), { ...key, a: 1 });
        const [item] = await store.getMany([key], { consistent: false });
        expectSame(item, { ...key, a: 1 });
      });
    });

    test('queries a range of one pk in order', async (store) => {
      const { pk } = newKey();
      const offsets = Array.from({ length: 40 }, (_, n) => n * 10);
      const shuffled = offsets.toSorted((left, right) => ((left * 7) % 41) - ((right * 7) % 41));
      await store.put({ pk, sk: 'HEAD' });
      await store.put({ ...newKey(log(5)) });
      for (const offset of shuffled) await store.put({ pk, sk: log(offset), offset });
      const query = async (
        from: number,
        to: number,
        options?: Parameters<ItemStore['query']>[3],
      ): Promise<unknown> =>
        (await store.query(pk, log(from), log(to), options)).map(({ offset }) => offset);

      expect(await query(0, 1e6)).toEqual(offsets);
      expect(await query(0, 1e6, { reverse: true })).toEqual(offsets.toReversed());
      expect(await query(100, 120)).toEqual([100, 110, 120]);
      expect(await query(101, 119)).toEqual([110]);
      expect(await query(101, 109)).toEqual([]);
      expect(await query(110, 110)).toEqual([110]);
      expect(await query(391, 1e6)).toEqual([]);
      expect(await query(95, 1e6, { limit: 3 })).toEqual([100, 110, 120]);
      // The row that holds an offset: the last one at or below it.
      expect(await query(0, 105, { limit: 1, reverse: true })).toEqual([100]);
      expect(await query(0, 100, { limit: 1, reverse: true })).toEqual([100]);
      expect(await query(0, 5, { limit: 9, reverse: true })).toEqual([0]);
      expect(await store.query(`T#${unique()}`, 'A', 'Z')).toEqual([]);

      await store.delete({ pk, sk: log(110) });
      expect(await query(100, 120)).toEqual([100, 120]);
    });

    test('orders by UTF-8 bytes', async (store) => {
      const { pk } = newKey();
      const sks = ['A', 'a', 'a#', 'aa', 'é', '\ud7ff', '\uffff', '\u{1f600}'];
      for (const sk of sks.toReversed()) await store.put({ pk, sk });
      expect((await store.query(pk, 'A', '\u{10ffff}')).map(({ sk }) => sk)).toEqual(sks);
      expect((await store.query(pk, 'a', 'é')).map(({ sk }) => sk)).toEqual(sks.slice(1, 5));
    });

    test('queries more than a page of a store', async (store) => {
      const { pk } = newKey();
      const body = new Uint8Array(20_000).fill(7);
      const rows = 80;
      await Promise.all(
        Array.from({ length: rows }, (_, n) => store.put({ pk, sk: log(n), body })),
      );
      const items = await store.query(pk, log(0), log(rows));
      expect(items.map(({ sk }) => sk)).toEqual(Array.from({ length: rows }, (_, n) => log(n)));
      const newest = await store.query(pk, log(0), log(rows), { limit: 70, reverse: true });
      expect(newest.length).toBe(70);
      expectSame(newest[69]?.body, body);
    });

    test('lists what is due, earliest first', async (store) => {
      const duty = `seal-${unique()}`;
      const keys = [40, 10, 30, 20, 50].map((dueAt) => ({ ...newKey(), duty, dueAt }));
      for (const item of keys) await store.put(item);
      await store.put({ ...newKey(), duty: `other-${duty}`, dueAt: 1 });
      await store.put({ ...newKey(), duty });
      await store.put({ ...newKey(), dueAt: 1 });
      const due = async (before: number, limit?: number): Promise<unknown> =>
        (await store.due(duty, before, limit === undefined ? {} : { limit })).map(
          ({ dueAt }) => dueAt,
        );
      await eventually(async () => expect(await due(1e15)).toEqual([10, 20, 30, 40, 50]));
      expect(await due(30)).toEqual([10, 20, 30]);
      expect(await due(29)).toEqual([10, 20]);
      expect(await due(9)).toEqual([]);
      expect(await due(1e15, 2)).toEqual([10, 20]);

      const [forty, ten, thirty, twenty, fifty] = keys;
      await store.update(forty!, { change: [remove('duty')] });
      await store.update(ten!, { change: [remove('dueAt')] });
      await store.update(thirty!, { change: [set('dueAt', 60)] });
      await store.delete(twenty!);
      await store.put({ ...fifty!, note: 'whole items are in the list', dueAt: 50 });
      await eventually(async () => {
        const items = await store.due(duty, 1e15);
        expect(items.map(({ dueAt }) => dueAt)).toEqual([50, 60]);
        expectSame(items[0], { ...fifty!, note: 'whole items are in the list' });
      });
    });

    test('takes items up to the limit', async (store) => {
      const key = newKey();
      const large = new Uint8Array(MAX_ITEM_BYTES - 1_000).fill(0xab);
      await store.put({ ...key, large });
      expectSame((await store.get(key))?.large, large);
      const more = new Uint8Array(1_200);
      expectInvalid(await outcomeOf(store.update(key, { change: [set('more', more)] })));
      expectSame(await store.get(key), { ...key, large });
      const other = newKey();
      expectInvalid(
        await outcomeOf(store.put({ ...other, large: new Uint8Array(MAX_ITEM_BYTES) })),
      );
      expect(await store.get(other)).toBeUndefined();
    });

    test('keeps values of every type', async (store) => {
      const values: ValueMap = {
        blank: '',
        text: 'naïve \u{1f600} \u0000 "quoted"',
        long: 'x'.repeat(5_000),
        zero: 0,
        negative: -17,
        rank: 5 * 2 ** 31 + 7,
        largest: Number.MAX_SAFE_INTEGER,
        smallest: Number.MIN_SAFE_INTEGER,
        yes: true,
        no: false,
        noBytes: new Uint8Array(0),
        bytes: Uint8Array.from({ length: 300 }, (_, n) => n % 256),
        emptyList: [],
        emptyMap: {},
        list: ['a', 1, true, new Uint8Array([1]), [], {}, [[1], ['x', { y: [2] }]]],
        map: { a: 'x', 'b.c': 2, '': [], nested: { deep: { list: [new Uint8Array(2)] } } },
        'name with spaces': 1,
        size: 2,
      };
      const key = newKey();
      await store.put({ ...key, ...values });
      expectSame(await store.get(key), { ...key, ...values });
      const updated = newKey();
      const change = Object.entries(values).map(([attribute, value]) => set(attribute, value));
      expectSame(await store.update(updated, { change }), { ...updated, ...values });
      expectSame(await store.get(updated), { ...updated, ...values });
      const [row] = await store.query(key.pk, 'A', 'Z');
      expectSame(row, { ...key, ...values });
    });

    test('shares no memory with its callers', async (store) => {
      const key = newKey();
      const slab = new Uint8Array(64).fill(1);
      await store.put({ ...key, bytes: slab.subarray(8, 12), list: [slab.subarray(0, 2)] });
      await store.update(key, {
        change: [append('list', [slab.subarray(2, 4)]), set('map', { x: slab.subarray(4, 6) })],
      });
      slab.fill(2);
      const ones = (size: number) => new Uint8Array(size).fill(1);
      const expected = { ...key, bytes: ones(4), list: [ones(2), ones(2)], map: { x: ones(2) } };
      const item = (await store.get(key))!;
      expectSame(item, expected);

      // Items are read-only; who writes into one all the same must not reach the store.
      const spoil = (act: () => void): void => {
        try {
          act();
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
        }
      };
      const writable = item as unknown as Record<string, unknown> & {
        list: unknown[];
        map: object;
      };
      spoil(() => writable.list.push('x'));
      spoil(() => Object.assign(writable.map, { y: 1 }));
      spoil(() => Object.assign(writable, { bytes: 'gone' }));
      expectSame(await store.get(key), expected);
    });
  });
