/**
 * What every `BlobStore` must do: the promises of `lib/storage/ports.ts`, and no more.
 */
import { expect } from 'vitest';
import { BlobExists, BlobMissing, type BlobStore, StoreError } from '../../lib/storage/ports.ts';
import { describeEngine, type MakeEngine, unique } from './engine.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

const sequence = (size: number, from = 0): Uint8Array =>
  Uint8Array.from({ length: size }, (_, n) => (n + from) % 251);

const expectBytes = (actual: Uint8Array, expected: Uint8Array): void => {
  expect(actual.length).toBe(expected.length);
  expect(Buffer.compare(actual, expected)).toBe(0);
};

const errorOf = async (call: Promise<unknown>): Promise<unknown> => {
  try {
    await call;
  } catch (error) {
    return error;
  }
  return undefined;
};

const ILLEGAL_KEYS = [
  '',
  '/',
  '/etc/passwd',
  '..',
  '.',
  '../up',
  'a/../b',
  'a/..',
  './a',
  'a/./b',
  'a//b',
  'a/',
  'a\\b',
  '..\\up',
  'a b',
  'a\0b',
  'a\nb',
  'ä',
  'a:b',
  'a%2fb',
];

export const describeBlobStore = (name: string, make: MakeEngine<BlobStore>): void =>
  describeEngine(`blob store: ${name}`, make, ({ test, prefix }) => {
    const newFolder = (): string => `${prefix()}${unique()}/`;
    const newKey = (): string => `${newFolder()}object`;

    test('gives back what was put', async (store) => {
      const key = newKey();
      await store.put(key, [text('hello')]);
      expectBytes(await store.get(key), text('hello'));
    });

    test('joins buffers', async (store) => {
      const key = newKey();
      const slab = sequence(100);
      await store.put(key, [
        slab.subarray(0, 10),
        new Uint8Array(0),
        Buffer.from(slab.subarray(10, 40)),
        slab.subarray(40, 100),
      ]);
      expectBytes(await store.get(key), slab);
    });

    test('takes more buffers than one system call does', async (store) => {
      const key = newKey();
      const bytes = sequence(6_000);
      const buffers = Array.from({ length: 3_000 }, (_, n) => bytes.subarray(n * 2, n * 2 + 2));
      await store.put(key, buffers);
      expectBytes(await store.get(key), bytes);
    });

    test('keeps empty objects', async (store) => {
      const folder = newFolder();
      await store.put(`${folder}none`, []);
      await store.put(`${folder}empty`, [new Uint8Array(0)]);
      expect((await store.get(`${folder}none`)).length).toBe(0);
      expect(await store.list(folder)).toEqual([
        { key: `${folder}empty`, sizeBytes: 0 },
        { key: `${folder}none`, sizeBytes: 0 },
      ]);
    });

    test('keeps large objects', async (store) => {
      const key = newKey();
      const bytes = sequence(3 * 1024 * 1024 + 17);
      await store.put(key, [bytes]);
      expectBytes(await store.get(key), bytes);
      const end = bytes.length;
      expectBytes(await store.get(key, { start: end - 100_000, end }), bytes.subarray(-100_000));
    });

    test('never changes an object', async (store) => {
      const key = newKey();
      const buffer = text('first');
      await store.put(key, [buffer]);
      const error = await errorOf(store.put(key, [text('second')]));
      expect(error).toBeInstanceOf(BlobExists);
      expect((error as BlobExists).key).toBe(key);
      expectBytes(await store.get(key), text('first'));
    });

    test('shares no memory with its callers', async (store) => {
      const key = newKey();
      const buffer = text('first');
      await store.put(key, [buffer]);
      buffer.fill(0);
      const got = await store.get(key);
      expectBytes(got, text('first'));
      got.fill(0);
      expectBytes(await store.get(key), text('first'));
      (await store.get(key, { start: 1, end: 3 })).fill(0);
      expectBytes(await store.get(key), text('first'));
    });

    test('lets one of many puts of a key win', async (store) => {
      const key = newKey();
      const errors = await Promise.all(
        Array.from({ length: 10 }, (_, n) => errorOf(store.put(key, [sequence(50, n)]))),
      );
      const winner = errors.indexOf(undefined);
      expect(errors.filter((error) => error === undefined).length).toBe(1);
      for (const [n, error] of errors.entries()) {
        if (n !== winner) expect(error).toBeInstanceOf(BlobExists);
      }
      expectBytes(await store.get(key), sequence(50, winner));
    });

    test('keeps many puts at once apart', async (store) => {
      const folder = newFolder();
      const sizeOf = (n: number): number => (n * 379) % 5_000;
      const numbers = Array.from({ length: 150 }, (_, n) => n);
      await Promise.all(numbers.map((n) => store.put(`${folder}${n}`, [sequence(sizeOf(n), n)])));
      await Promise.all(
        numbers.map(async (n) =>
          expectBytes(await store.get(`${folder}${n}`), sequence(sizeOf(n), n)),
        ),
      );
    });

    test('reads ranges', async (store) => {
      const key = newKey();
      const bytes = sequence(1_000);
      await store.put(key, [bytes.subarray(0, 300), bytes.subarray(300)]);
      for (const [start, end] of [
        [0, 1_000],
        [0, 1],
        [999, 1_000],
        [299, 301],
        [123, 789],
      ] as const) {
        expectBytes(await store.get(key, { start, end }), bytes.subarray(start, end));
      }
    });

    test('refuses ranges that leave the object', async (store) => {
      const key = newKey();
      await store.put(key, [sequence(100)]);
      for (const [start, end] of [
        [0, 101],
        [99, 101],
        [100, 101],
        [150, 160],
      ] as const) {
        expect(await errorOf(store.get(key, { start, end }))).toMatchObject({ reason: 'invalid' });
      }
    });

    test('tells what is missing', async (store) => {
      const key = newKey();
      const error = await errorOf(store.get(key));
      expect(error).toBeInstanceOf(BlobMissing);
      expect((error as BlobMissing).key).toBe(key);
      const ofRange = await errorOf(store.get(key, { start: 0, end: 1 }));
      expect(ofRange).toBeInstanceOf(BlobMissing);
    });

    test('lists in key order, by prefix, after a key', async (store) => {
      const folder = newFolder();
      // "-" and "." sort before "/", digits and letters after it.
      const keys = ['a', 'a-b', 'a.b', 'b/a', 'b/b', 'b/c/d', 'b-x/a', 'b0', 'c/z', 'Z']
        .map((key) => folder + key)
        .sort();
      const shuffled = keys.toSorted((left, right) => left.length - right.length);
      await Promise.all(shuffled.map((key) => store.put(key, [text(key)])));
      const list = async (
        inside: string,
        options?: Parameters<BlobStore['list']>[1],
      ): Promise<readonly string[]> =>
        (await store.list(folder + inside, options)).map(({ key }) => key);

      expect(await list('')).toEqual(keys);
      expect(await store.list(`${folder}b/c`)).toEqual([
        { key: `${folder}b/c/d`, sizeBytes: folder.length + 5 },
      ]);
      expect(await list('b')).toEqual(keys.filter((key) => key.startsWith(`${folder}b`)));
      expect(await list('b/')).toEqual(keys.filter((key) => key.startsWith(`${folder}b/`)));
      expect(await list('none')).toEqual([]);
      expect(await list('', { limit: 4 })).toEqual(keys.slice(0, 4));
      for (const [at, after] of keys.entries()) {
        expect(await list('', { after })).toEqual(keys.slice(at + 1));
        expect(await list('', { after, limit: 2 })).toEqual(keys.slice(at + 1, at + 3));
      }
      // `after` need not exist, nor begin with the prefix.
      expect(await list('b', { after: `${folder}b/bb` })).toEqual(
        keys.filter((key) => key.startsWith(`${folder}b`) && key > `${folder}b/bb`),
      );
      expect(await list('b', { after: `${folder}a` })).toEqual(await list('b'));
      expect(await list('b', { after: `${folder}c` })).toEqual([]);
    });

    test('lists a thousand by default', async (store) => {
      const folder = newFolder();
      const keys = Array.from({ length: 1_050 }, (_, n) => folder + String(n).padStart(5, '0'));
      await Promise.all(keys.map((key) => store.put(key, [text('x')])));
      expect((await store.list(folder)).map(({ key }) => key)).toEqual(keys.slice(0, 1_000));
      const all = await store.list(folder, { limit: 2_000 });
      expect(all.map(({ key }) => key)).toEqual(keys);
    });

    test('deletes, also what is not there', async (store) => {
      const folder = newFolder();
      const keys = ['a', 'b', 'c', 'd/e'].map((key) => folder + key);
      for (const key of keys) await store.put(key, [text(key)]);
      const none = Array.from({ length: 1_200 }, (_, n) => `${folder}none-${n}`);
      await store.delete([...none, keys[1]!, keys[3]!]);
      expect(await errorOf(store.get(keys[1]!))).toBeInstanceOf(BlobMissing);
      expectBytes(await store.get(keys[0]!), text(keys[0]!));
      expect((await store.list(folder)).map(({ key }) => key)).toEqual([keys[0], keys[2]]);
      await store.delete(keys);
      await store.delete([]);
      expect(await store.list(folder)).toEqual([]);
    });

    test('refuses keys that are none', async (store) => {
      for (const key of ILLEGAL_KEYS) {
        for (const call of [store.put(key, [text('x')]), store.get(key), store.delete([key])]) {
          const error = await errorOf(call);
          expect([key, error]).toEqual([key, expect.any(StoreError)]);
          expect((error as StoreError).reason).toBe('invalid');
          expect((error as StoreError).effect).toBe('none');
        }
      }
    });
  });
