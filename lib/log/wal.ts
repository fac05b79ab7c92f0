/**
 * WAL objects: the batches of one flush, of any number of partitions, back to back.
 *
 *   id    6 bytes time (ms, big endian) │ 8 random bytes
 *   key   wal/<shard, one hex digit>/<id in hex>
 *
 * Keys of a shard sort by time, which is what collection lists by; sixteen shards spread the load
 * over S3's prefixes.
 */
import type { Runtime } from '../model/runtime.ts';

export const WAL_ID_BYTES = 14;
export const WAL_PREFIX = 'wal/';

/** A fresh id; `timeMs` is what a partition's floor is compared with. */
export const newWalId = (runtime: Runtime, timeMs: number): Uint8Array => {
  const id = new Uint8Array(WAL_ID_BYTES);
  const view = new DataView(id.buffer);
  view.setUint16(0, Math.floor(timeMs / 2 ** 32));
  view.setUint32(2, timeMs % 2 ** 32);
  id.set(runtime.randomBytes(8), 6);
  return id;
};

/** When the object was made by its writer's clock, ms. */
export const walTime = (id: Uint8Array): number => {
  const view = new DataView(id.buffer, id.byteOffset, id.byteLength);
  return view.getUint16(0) * 2 ** 32 + view.getUint32(2);
};

/** The key of the object in the blob store. */
export const walKey = (id: Uint8Array): string => {
  const hex = Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('hex');
  return `${WAL_PREFIX}${hex.at(-1)}/${hex}`;
};
