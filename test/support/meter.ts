/**
 * Counts what an operation costs: calls to each port, and DynamoDB's units as AWS bills them
 * (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html): a write
 * counts the larger of the item before and after in KiB, also when its condition fails; a strong read
 * counts the items read in 4 KiB, an eventual one half of that. What changes an item's place in the index of
 * what is due writes there, too: keys, so one unit for the old place and one for the new.
 */
import type { Item, ItemKey } from '../../lib/storage/algebra.ts';
import { type BlobStore, ConditionFailed, type ItemStore } from '../../lib/storage/ports.ts';
import { itemSizeBytes } from '../../lib/storage/size.ts';

export interface Meter {
  readonly calls: Record<string, number>;
  writeUnits: number;
  readUnits: number;
  /** Updates and puts whose condition did not hold. */
  refused: number;
  bytesPut: number;
  bytesGot: number;
}

export const newMeter = (): Meter => ({
  calls: {},
  writeUnits: 0,
  readUnits: 0,
  refused: 0,
  bytesPut: 0,
  bytesGot: 0,
});

const placeInIndex = (item: Item | undefined): string =>
  typeof item?.duty === 'string' && typeof item.dueAt === 'number'
    ? `${item.duty} ${item.dueAt}`
    : '';

const indexUnits = (before: Item | undefined, after: Item | undefined): number => {
  const [left, entered] = [placeInIndex(before), placeInIndex(after)];
  return left === entered ? 0 : Number(left !== '') + Number(entered !== '');
};

const kib = (bytes: number): number => Math.max(1, Math.ceil(bytes / 1024));

export const meteredItems = (store: ItemStore, meter: () => Meter): ItemStore => {
  const count = (verb: string): void => {
    const { calls } = meter();
    calls[verb] = (calls[verb] ?? 0) + 1;
  };
  const read = (items: readonly (Item | undefined)[], each: boolean, consistent = true): void => {
    const sizes = items.map((item) => (item === undefined ? 0 : itemSizeBytes(item)));
    const units = each
      ? sizes.reduce((sum, size) => sum + Math.max(1, Math.ceil(size / 4096)), 0)
      : Math.max(1, Math.ceil(sizes.reduce((sum, size) => sum + size, 0) / 4096));
    meter().readUnits += consistent ? units : units / 2;
  };
  const write = async <T>(key: ItemKey, run: () => Promise<T>): Promise<T> => {
    const before = await store.get(key);
    const beforeBytes = before === undefined ? 0 : itemSizeBytes(before);
    try {
      const result = await run();
      const after = await store.get(key);
      const afterBytes = after === undefined ? 0 : itemSizeBytes(after);
      meter().writeUnits += kib(Math.max(beforeBytes, afterBytes)) + indexUnits(before, after);
      return result;
    } catch (error) {
      if (error instanceof ConditionFailed) {
        meter().refused++;
        meter().writeUnits += kib(beforeBytes);
      }
      throw error;
    }
  };
  return {
    get: async (key, options) => {
      count('get');
      const item = await store.get(key, options);
      read([item], true, options?.consistent);
      return item;
    },
    getMany: async (keys, options) => {
      // DynamoDB takes 100 keys a call.
      for (let n = 0; n < keys.length; n += 100) count('get');
      const items = await store.getMany(keys, options);
      read(items, true, options?.consistent);
      return items;
    },
    query: async (pk, from, to, options) => {
      count('query');
      const items = await store.query(pk, from, to, options);
      read(items, false, options?.consistent);
      return items;
    },
    due: (duty, before, options) => {
      count('due');
      return store.due(duty, before, options);
    },
    put: (item, conditions) => {
      count('put');
      return write(item, () => store.put(item, conditions));
    },
    update: (key, update) => {
      count('update');
      return write(key, () => store.update(key, update));
    },
    delete: (key, conditions) => {
      count('delete');
      return write(key, () => store.delete(key, conditions));
    },
  };
};

export const meteredBlobs = (store: BlobStore, meter: () => Meter): BlobStore => {
  const count = (verb: string): void => {
    const { calls } = meter();
    calls[verb] = (calls[verb] ?? 0) + 1;
  };
  return {
    put: (key, buffers) => {
      count('blob put');
      meter().bytesPut += buffers.reduce((sum, buffer) => sum + buffer.length, 0);
      return store.put(key, buffers);
    },
    get: async (key, range) => {
      count('blob get');
      const bytes = await store.get(key, range);
      meter().bytesGot += bytes.length;
      return bytes;
    },
    list: (prefix, options) => {
      count('blob list');
      return store.list(prefix, options);
    },
    delete: (keys) => {
      count('blob delete');
      return store.delete(keys);
    },
  };
};
