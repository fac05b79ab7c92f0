/**
 * What the tests of the embedded stores write: objects that are made of their number, and items that
 * name them. Whatever a crash leaves can be checked against it.
 */
import assert from 'node:assert/strict';
import type { ItemKey } from '../../lib/storage/algebra.ts';
import type { BlobStore, ItemStore } from '../../lib/storage/ports.ts';

/** Writers at a time; number n is written by lane n mod `LANES`. */
export const LANES = 6;

export const laneKey = (lane: number): ItemKey => ({ pk: 'lanes', sk: `LANE#${lane}` });

export const objectKey = (n: number): string => `wal/${n % 7}/${String(n).padStart(8, '0')}`;

/** Between 0 and some 9,000 bytes. */
export const objectBytes = (n: number): Uint8Array =>
  new Uint8Array((n * 7_919) % 9_001).fill(1 + (n % 255));

/**
 * Checks that every number that an item names is there, in order and once, with its object, and that
 * every object that is listed has the bytes it was made of.
 * @returns the numbers named, by lane
 */
export const readHistory = async (
  items: ItemStore,
  blobs: BlobStore,
): Promise<readonly (readonly number[])[]> => {
  const lanes = await items.query('lanes', 'LANE#', 'LANE#~');
  const named = lanes.map((item) => item.named as readonly number[]);
  for (const numbers of named) {
    for (const [index, n] of numbers.entries()) {
      assert.equal(n, numbers[0]! + index * LANES);
      expectObject(n, await blobs.get(objectKey(n)));
    }
  }
  for (const { key, sizeBytes } of await blobs.list('wal/', { limit: 1_000_000 })) {
    const n = Number(key.slice(-8));
    const bytes = await blobs.get(key);
    assert.equal(bytes.length, sizeBytes);
    expectObject(n, bytes);
  }
  return named;
};

const expectObject = (n: number, bytes: Uint8Array): void => {
  if (Buffer.compare(bytes, objectBytes(n)) !== 0) throw new Error(`object ${n} has other bytes`);
};
