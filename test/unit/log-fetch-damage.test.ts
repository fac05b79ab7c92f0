/**
 * Reads of what is missing, cut or unreadable: told once, of the partition that it concerns, by its name.
 */
import { describe, expect, it } from 'vitest';
import { encodeEntry } from '../../lib/log/entry.ts';
import { newWalId } from '../../lib/log/wal.ts';
import { type Item, set } from '../../lib/storage/algebra.ts';
import { chunkItem } from '../../lib/storage/keys/chunk.ts';
import { HEAD, headKey, partitionKey } from '../../lib/storage/keys/head.ts';
import { type BlobStore, type ItemStore, StoreError } from '../../lib/storage/ports.ts';
import { batchOf } from '../support/log.ts';
import { large, one, run, type Setting, setUp, topic } from '../support/two-brokers.ts';
import { virtualRuntime } from '../support/virtual-runtime.ts';

/** Blobs that do `first` before each get; `gets` counts them. */
const beforeEachGet = (first: (key: string) => Promise<unknown>) => {
  const counted = { gets: 0 };
  const wrap = (blobs: BlobStore): BlobStore => ({
    ...blobs,
    get: async (key, range) => {
      counted.gets++;
      await first(key);
      return blobs.get(key, range);
    },
  });
  return { counted, wrap };
};

const all = [0, 1, 2].map((partition) => ({ topic, partition, offset: 0 }));

describe('a lost object', () => {
  it('is told after a second look, however busy the partition is', async () => {
    const runtime = virtualRuntime(5);
    let onGet = async (): Promise<void> => undefined;
    const { counted, wrap } = beforeEachGet(() => onGet());
    await runtime.drive(async () => {
      const { elsewhere, produce, blobs } = await setUp(runtime, { wrap });
      for (let n = 0; n < 30; n++) await produce(large(`${n}`));
      const [first] = await blobs.list('wal/');
      await blobs.delete([first!.key]);
      // By the time of the next look the tail has been rolled.
      onGet = async () => {
        if (counted.gets > 200) throw new Error('still trying');
        for (let n = 0; n < 30; n++) await produce(batchOf(['small']));
      };
      const result = await one(elsewhere, 0, { maxBytes: 1_000_000 });
      expect(result).toMatchObject({
        batches: [],
        error: { code: 'CORRUPT_STORE', message: expect.stringContaining(first!.key) },
      });
      // Thirty objects, and the entries of as many again.
      expect(counted.gets).toBeLessThanOrEqual(60);
    });
  });

  it('that is another one by each head is looked for a few times, and may be read again', async () => {
    const runtime = virtualRuntime(5);
    const { counted, wrap } = beforeEachGet(async () => undefined);
    const elsewhereEachTime = (item: Item | undefined): Item => ({
      ...item!,
      [HEAD.end]: 1,
      [HEAD.tail]: [
        encodeEntry({
          sizeBytes: 100,
          recordCount: 1,
          maxTimestamp: -1,
          producer: undefined,
          place: { objectId: newWalId(runtime, runtime.now()), position: 0 },
        }),
      ],
    });
    const wrapItems = (items: ItemStore): ItemStore => ({
      ...items,
      getMany: async (keys) => (await items.getMany(keys)).map(elsewhereEachTime),
    });
    await runtime.drive(async () => {
      const { elsewhere } = await setUp(runtime, { wrap, wrapItems });
      expect((await one(elsewhere, 0)).error).toMatchObject({
        code: 'KAFKA_STORAGE_ERROR',
        retriable: true,
      });
      expect(counted.gets).toBe(3);
    });
  });

  it('is no loss when its records were deleted meanwhile', async () => {
    const runtime = virtualRuntime(5);
    let onGet = async (_key: string): Promise<void> => undefined;
    const { counted, wrap } = beforeEachGet((key) => onGet(key));
    await runtime.drive(async () => {
      const { elsewhere, produce, items, blobs, ref } = await setUp(runtime, { wrap });
      for (let n = 0; n < 5; n++) await produce(large(`${n}`));
      onGet = async (key) => {
        await items.update(headKey(ref), { change: [set(HEAD.start, 3)] });
        await blobs.delete([key]);
      };
      expect(await one(elsewhere, 2, { maxBytes: 1 })).toMatchObject({
        logStartOffset: 3,
        highWatermark: 5,
        error: { code: 'OFFSET_OUT_OF_RANGE' },
      });
      expect(counted.gets).toBe(1);
    });
  });
});

describe('an object that was cut short', () => {
  it('is named, and harms only the partition whose bytes it lost', () =>
    run(
      async ({ elsewhere, broker, blobs }) => {
        await broker.produce({
          topic,
          partitions: [0, 1, 2].map((partition) => ({ partition, batches: large(`${partition}`) })),
        });
        const [object] = await blobs.list('wal/');
        const bytes = await blobs.get(object!.key);
        await blobs.delete([object!.key]);
        await blobs.put(object!.key, [bytes.subarray(0, large('0').length + 100)]);
        const results = await elsewhere.fetch({ partitions: all });
        expect(results.map(({ error }) => error?.code)).toEqual([
          undefined,
          'CORRUPT_STORE',
          'CORRUPT_STORE',
        ]);
        expect(results[0]!.batches).toHaveLength(1);
        for (const { error } of results.slice(1)) {
          expect(error!.message).toContain(object!.key);
          expect(error!.retriable).toBe(false);
        }
      },
      { partitions: 3 },
    ));
});

describe('what is unreadable in one partition', () => {
  it.each([
    { what: 'a head of a newer version', change: { [HEAD.version]: 2 }, code: 'CORRUPT_STORE' },
    { what: 'a head without a tail', change: { [HEAD.tail]: 7 }, code: 'CORRUPT_STORE' },
  ])('$what harms no other', ({ change, code }) =>
    run(
      async ({ elsewhere, produce, items, refs }) => {
        for (const partition of [0, 1, 2]) await produce(large('x'), partition);
        await items.put({ ...(await items.get(headKey(refs[1]!)))!, ...change });
        const results = await elsewhere.fetch({ partitions: all });
        expect(results.map(({ error }) => error?.code)).toEqual([undefined, code, undefined]);
        expect(results.map(({ batches }) => batches.length)).toEqual([1, 0, 1]);
      },
      { partitions: 3 },
    ),
  );

  it('an item that the store cannot decode harms no other', () => {
    let damaged = '';
    const wrapItems = (items: ItemStore): ItemStore => ({
      ...items,
      get: async (key, options) => {
        if (key.pk === damaged) throw new StoreError('corrupt', 'an item cannot be decoded');
        return items.get(key, options);
      },
      getMany: async (keys, options) => {
        if (keys.some(({ pk }) => pk === damaged)) throw new StoreError('corrupt', 'one of them');
        return items.getMany(keys, options);
      },
    });
    const setting: Setting = { partitions: 3, wrapItems };
    return run(async ({ elsewhere, produce, refs }) => {
      for (const partition of [0, 1, 2]) await produce(large('x'), partition);
      damaged = partitionKey(refs[1]!);
      const results = await elsewhere.fetch({ partitions: all });
      expect(results.map(({ error }) => error?.code)).toEqual([
        undefined,
        'CORRUPT_STORE',
        undefined,
      ]);
    }, setting);
  });

  it('takes no budget from those behind it', () =>
    run(
      async ({ elsewhere, produce, blobs }) => {
        await produce(large('lost'), 0);
        const [object] = await blobs.list('wal/');
        await blobs.delete([object!.key]);
        await produce(large('there'), 1);
        const results = await elsewhere.fetch({ partitions: all, maxBytes: 1 });
        expect(results.map(({ error }) => error?.code)).toEqual([
          'CORRUPT_STORE',
          undefined,
          undefined,
        ]);
        expect(results[1]!.batches).toHaveLength(1);
      },
      { partitions: 3 },
    ));
});

describe('a garbage row', () => {
  it('below `sealed` is not used, even when it claims the offset', () =>
    run(async ({ elsewhere, produce, items, ref }) => {
      for (let n = 0; n < 60; n++) await produce(batchOf([`${n}`]));
      const pk = partitionKey(ref);
      const rows = await items.query(pk, 'LOG#', 'LOG#~');
      const sealed = rows[0]!.end as number;
      for (const row of rows) await items.delete(row);
      const entries = rows.flatMap((row) => row.entries as Uint8Array[]);
      await items.put(chunkItem(pk, { base: 0, end: entries.length, entries, maxTimestamp: -1 }));
      expect((await one(elsewhere, sealed)).batches.length).toBeGreaterThan(0);
      await items.update(headKey(ref), { change: [set(HEAD.sealed, sealed)] });
      expect(await one(elsewhere, sealed)).toMatchObject({
        batches: [],
        error: { code: 'CORRUPT_STORE' },
      });
    }));
});

describe('entries that do not make the offsets that their item claims', () => {
  const damaged = (key: string) => ({
    batches: [],
    error: { code: 'CORRUPT_STORE', message: expect.stringContaining(key) },
  });

  it.each([
    { what: 'a tail that begins elsewhere', change: { [HEAD.tailStart]: 3 } },
    { what: 'a tail of a log that claims to be empty', change: { [HEAD.end]: 0 } },
    { what: 'a tail that ends elsewhere', change: { [HEAD.end]: 9 } },
    { what: 'a tail with an entry that is none', change: { [HEAD.tail]: [Uint8Array.of(7)] } },
  ])('$what is not read', ({ change }) =>
    run(async ({ elsewhere, produce, items, ref }) => {
      for (let n = 0; n < 5; n++) await produce(batchOf([`${n}`]));
      await items.put({ ...(await items.get(headKey(ref)))!, ...change });
      expect(await one(elsewhere, 4)).toMatchObject(damaged(`${partitionKey(ref)} HEAD`));
    }),
  );

  it('a row is not read, and those before it are', () =>
    run(async ({ elsewhere, produce, items, ref }) => {
      for (let n = 0; n < 80; n++) await produce(batchOf([`${n}`]));
      const rows = await items.query(partitionKey(ref), 'LOG#', 'LOG#~');
      const [first, second, third] = rows;
      const end = second!.end as number;
      await items.put({ ...second!, end: end + 1 });
      await items.put({ ...third!, entries: 7 });
      const { batches, nextOffset } = await one(elsewhere, 0, { maxBytes: 500 });
      expect(batches.length).toBeGreaterThan(0);
      expect(nextOffset).toBeLessThan(first!.end as number);
      expect(await one(elsewhere, end - 1)).toMatchObject(damaged(second!.sk));
      expect(await one(elsewhere, end)).toMatchObject(damaged(third!.sk));
    }));

  it('a tail is not rolled', () =>
    run(async ({ broker, produce, items, ref }) => {
      for (let n = 0; n < 5; n++) await produce(batchOf([`${n}`]));
      await items.put({ ...(await items.get(headKey(ref)))!, [HEAD.tailStart]: 3 });
      for (let n = 0; n < 40; n++) await produce(batchOf([`${n}`]));
      await broker.close();
      expect(await items.query(partitionKey(ref), 'LOG#', 'LOG#~')).toEqual([]);
    }));
});

it("an object in another's place is named, by the producer and the sequence that it tells of", () =>
  run(async ({ elsewhere, produce, blobs }) => {
    for (let n = 0; n < 2; n++) {
      const producer = { producerId: 7, producerEpoch: 0, baseSequence: n };
      await produce(batchOf([`${n}${'x'.repeat(3_000)}`], producer));
    }
    const [one, other] = await blobs.list('wal/');
    const bytes = await blobs.get(other!.key);
    await blobs.delete([one!.key]);
    await blobs.put(one!.key, [bytes]);
    const results = await Promise.all(
      [0, 1].map((offset) =>
        elsewhere.fetch({ partitions: [{ topic, partition: 0, offset }], maxBytes: 1 }),
      ),
    );
    const damaged = results.flat().filter(({ error }) => error !== undefined);
    expect(damaged).toHaveLength(1);
    expect(damaged[0]!.error).toMatchObject({
      code: 'CORRUPT_STORE',
      message: expect.stringContaining(one!.key),
    });
  }));
