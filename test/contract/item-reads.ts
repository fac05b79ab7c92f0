/** Reading items: one, many, a range, what is due. */
import { expect } from 'vitest';
import { add, remove, set } from '../../lib/storage/algebra.ts';
import type { ItemStore } from '../../lib/storage/ports.ts';
import { eventually, type Suite, unique } from './engine.ts';
import { expectSame, log, newKey } from './item-answers.ts';

export const testReads = ({ test }: Suite<ItemStore>): void => {
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
    await Promise.all(Array.from({ length: rows }, (_, n) => store.put({ pk, sk: log(n), body })));
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
};
