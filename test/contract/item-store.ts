/**
 * What every `ItemStore` must do: the promises of `lib/storage/ports.ts` and `algebra.ts`, and no more.
 */
import { expect } from 'vitest';
import {
  absent,
  add,
  anyOf,
  append,
  atMost,
  type Condition,
  equals,
  exists,
  type Item,
  not,
  set,
  type ValueMap,
} from '../../lib/storage/algebra.ts';
import { ConditionFailed, type ItemStore, StoreError } from '../../lib/storage/ports.ts';
import { describeEngine, type MakeEngine } from './engine.ts';
import { expectInvalid, expectSame, newKey, outcomeOf } from './item-answers.ts';
import {
  CHANGES,
  CONDITIONS,
  EMPTY,
  SIZELESS,
  SUBJECT,
  TEXT_ORDER,
  UNSOUND,
  WITHOUT_ITEM,
} from './item-cases.ts';
import { testReads } from './item-reads.ts';
import { testValues } from './item-values.ts';

export const describeItemStore = (name: string, make: MakeEngine<ItemStore>): void =>
  describeEngine(`item store: ${name}`, make, (suite) => {
    const { test } = suite;
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
    checkConditions('knows what has no size', SIZELESS, SUBJECT);
    checkConditions('measures empty text and empty bytes', EMPTY, SUBJECT);
    checkConditions('compares text by its UTF-8 bytes', TEXT_ORDER, SUBJECT);
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

    test('refuses what makes no sense, whatever the item is', async (store) => {
      const refused = { 'not-there': exists('none') };
      for (const { name: change, before, changes } of UNSOUND) {
        const key = newKey();
        const item = { ...key, ...before };
        await store.put(item);
        for (const conditions of [{}, refused]) {
          const outcome = await outcomeOf(store.update(key, { if: conditions, change: changes }));
          expect([change, outcome]).toEqual([change, expect.any(StoreError)]);
          expectInvalid(outcome);
        }
        expectSame(await store.get(key), item);
      }
      const key = newKey();
      const unsafe = { fraction: anyOf(not(atMost('a', 0.5))) };
      expectInvalid(await outcomeOf(store.update(key, { if: unsafe, change: [] })));
      expectInvalid(await outcomeOf(store.put({ ...key, a: 1 }, unsafe)));
      expectInvalid(await outcomeOf(store.delete(key, unsafe)));
      expectInvalid(await outcomeOf(store.put({ ...key, a: 0.5 }, refused)));
      expectInvalid(await outcomeOf(store.put({ ...key, sk: '' })));
    });

    test('a refusal tells before a change that makes no sense of this item', async (store) => {
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

    testReads(suite);
    testValues(suite);
  });
