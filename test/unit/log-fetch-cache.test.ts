/**
 * What a process keeps of what it wrote and read: the right batches, and no more memory than it was given.
 */
import { describe, expect, it } from 'vitest';
import { createBroker } from '../../lib/broker/broker.ts';
import { batchCache } from '../../lib/log/fetch/batch-cache.ts';
import { locator } from '../../lib/log/fetch/locate.ts';
import { objectReader } from '../../lib/log/fetch/objects.ts';
import { decodeBatch } from '../../lib/record/decode.ts';
import { headKey, readHead } from '../../lib/storage/keys/head.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import type { BlobStore, ItemStore } from '../../lib/storage/ports.ts';
import { batchOf } from '../support/log.ts';
import { large, one, run, setUp, topic } from '../support/two-brokers.ts';
import { virtualRuntime } from '../support/virtual-runtime.ts';

describe('what this process has written', () => {
  it('has its own offsets in each entry of a group, and is not read from its object', async () => {
    const runtime = virtualRuntime(5);
    await runtime.drive(async () => {
      const { items, blobs } = await setUp(runtime);
      let gets = 0;
      const counting: BlobStore = {
        ...blobs,
        get: (key, range) => {
          gets++;
          return blobs.get(key, range);
        },
      };
      const broker = createBroker({ items, blobs: counting, runtime });
      // Producers do not share entries, so that this is one update of four.
      await Promise.all(
        [1, 2, 3, 4].map((producerId) =>
          broker.produce({
            topic,
            partitions: [
              {
                partition: 0,
                batches: batchOf([`${producerId}`, 'x'.repeat(3_000)], {
                  producerId,
                  producerEpoch: 0,
                  baseSequence: 0,
                }),
              },
            ],
          }),
        ),
      );
      const { batches } = await one(broker, 0);
      expect(batches.map((batch) => decodeBatch(batch).header.baseOffset)).toEqual([0, 2, 4, 6]);
      const last = await one(broker, 7);
      expect(decodeBatch(last.batches[0]!).header.baseOffset).toBe(6);
      expect(gets).toBe(0);
    });
  });
});

describe('the batch cache', () => {
  it('counts the buffer that a batch lies in, once', () => {
    const cache = batchCache(20_000);
    const body = new Uint8Array(8_000);
    cache.set('a', [body.subarray(0, 10), body.subarray(10, 20)]);
    cache.set('b', [body.subarray(20, 30)]);
    expect(cache.heldBytes).toBeGreaterThanOrEqual(8_000);
    expect(cache.heldBytes).toBeLessThan(9_000);
    cache.set('b', [body.subarray(20, 30)]);
    expect(cache.heldBytes).toBeLessThan(9_000);
  });

  it('lets go of what was used least lately, until the buffers fit', () => {
    const cache = batchCache(20_000);
    const views = Array.from({ length: 3 }, () => new Uint8Array(8_000).subarray(0, 100));
    cache.set('a', [views[0]!]);
    cache.set('b', [views[1]!]);
    cache.get('a');
    cache.set('c', [views[2]!]);
    expect(['a', 'b', 'c'].map((id) => cache.has(id))).toEqual([true, false, true]);
    expect(cache.heldBytes).toBeLessThanOrEqual(20_000);
    cache.set('d', [new Uint8Array(30_000).subarray(0, 5)]);
    expect(['a', 'c', 'd'].map((id) => cache.has(id))).toEqual([true, true, false]);
  });

  it('bounds views without bytes too, and holds nothing when it may not', () => {
    const cache = batchCache(10_000);
    const body = new Uint8Array(1_000);
    for (let n = 0; n < 1_000; n++) cache.set(`${n}`, [body.subarray(n, n + 1)]);
    expect(cache.heldBytes).toBeLessThanOrEqual(10_000);
    expect(Array.from({ length: 1_000 }, (_, n) => cache.has(`${n}`)).filter(Boolean).length).toBe(
      70,
    );
    const none = batchCache(0);
    none.set('a', [body]);
    expect([none.has('a'), none.heldBytes]).toEqual([false, 0]);
  });
});

describe('objects', () => {
  it('of which little is kept do not stay in memory as a whole', async () => {
    const blobs = memoryBlobs();
    await blobs.put('wal/a', [new Uint8Array(40_000)]);
    await blobs.put('wal/b', [new Uint8Array(40_000)]);
    let gets = 0;
    const counting: BlobStore = {
      ...blobs,
      get: (key, range) => {
        gets++;
        return blobs.get(key, range);
      },
    };
    const reader = objectReader(counting, 50_000);
    const read = async (key: string): Promise<void> => {
      await Promise.all(
        // One read of the whole, of which only the beginning gives batches.
        reader.read([
          { key, start: 0, sizeBytes: 40_000, prepare: (bytes) => [bytes.subarray(0, 100)] },
        ]),
      );
    };
    await read('wal/a');
    await read('wal/a');
    expect(gets).toBe(1);
    await read('wal/b');
    await read('wal/a');
    expect(gets).toBe(3);
  });
});

describe('rows', () => {
  it('are kept within their budget of bytes', () =>
    run(async ({ items, produce, ref }) => {
      for (let n = 0; n < 200; n++) await produce(large(`${n}`));
      const head = readHead((await items.get(headKey(ref)))!);
      let queries = 0;
      const counting: ItemStore = {
        ...items,
        query: (...asked) => {
          queries++;
          return items.query(...asked);
        },
      };
      /** Queries of the second of two walks through all of it. */
      const costOfSecond = async (cacheBytes: number): Promise<number> => {
        const { entriesFrom } = locator(counting, cacheBytes);
        for (const _ of [1, 2]) {
          queries = 0;
          for await (const _located of entriesFrom(ref, head, 0));
        }
        return queries;
      };
      expect(await costOfSecond(100_000)).toBe(0);
      expect(await costOfSecond(10_000)).toBeGreaterThan(0);
      expect(await costOfSecond(0)).toBe(head.tailStart / 16);
    }));
});
