import { describe, expect, it } from 'vitest';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import { appending, batchOf, newPartition, readAll } from '../support/log.ts';
import { virtualRuntime } from '../support/virtual-runtime.ts';

const setUp = (seed = 1) => {
  const runtime = virtualRuntime(seed);
  const stores = { items: memoryItems(), blobs: memoryBlobs() };
  return { runtime, stores };
};

describe('append and fetch', () => {
  it('gives offsets in order of arrival and reads the same back', async () => {
    const { runtime, stores } = setUp();
    await runtime.drive(async () => {
      const ref = await newPartition(stores.items, runtime);
      const { append } = appending(stores, runtime);
      const expected = [];
      let offset = 0;
      for (let n = 0; n < 200; n++) {
        const values = [`small ${n}`, ...(n % 3 === 0 ? ['x'.repeat(2_000)] : [])];
        expect(await append(ref, batchOf(values))).toEqual({
          baseOffset: offset,
          logStartOffset: 0,
        });
        for (const value of values) expected.push({ offset: offset++, value });
      }
      expect(await readAll(stores, runtime, ref)).toEqual(expected);
      expect(await readAll(stores, runtime, ref, { maxBytes: 100 })).toEqual(expected);
      expect(await readAll(stores, runtime, ref, { from: 57 })).toEqual(expected.slice(57));
    });
  });
});
