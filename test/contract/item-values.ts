/** What an item can hold, and whose memory it is. */
import { expect } from 'vitest';
import { MAX_ITEM_BYTES } from '../../lib/model/limits.ts';
import { append, set, type ValueMap } from '../../lib/storage/algebra.ts';
import type { ItemStore } from '../../lib/storage/ports.ts';
import type { Suite } from './engine.ts';
import { expectInvalid, expectSame, newKey, outcomeOf } from './item-answers.ts';

export const testValues = ({ test }: Suite<ItemStore>): void => {
  test('takes items up to the limit', async (store) => {
    const key = newKey();
    const large = new Uint8Array(MAX_ITEM_BYTES - 1_000).fill(0xab);
    await store.put({ ...key, large });
    expectSame((await store.get(key))?.large, large);
    const more = new Uint8Array(1_200);
    expectInvalid(await outcomeOf(store.update(key, { change: [set('more', more)] })));
    expectSame(await store.get(key), { ...key, large });
    const other = newKey();
    expectInvalid(await outcomeOf(store.put({ ...other, large: new Uint8Array(MAX_ITEM_BYTES) })));
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
      map: { a: 'x', 'b.c': 2, '#0': [], nested: { deep: { list: [new Uint8Array(2)] } } },
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
};
