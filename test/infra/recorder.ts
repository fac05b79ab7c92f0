/** Stores that write down what is asked of them. */
import type { ItemKey } from '../../lib/storage/algebra.ts';
import { type BlobStore, type ItemStore, StoreError } from '../../lib/storage/ports.ts';

/** One verb of a port, and what it was done to. */
export interface Use {
  readonly port: 'items' | 'blobs';
  readonly verb: string;
  /** Of an item its partition key, of an object its key; ids are left out: `P#*`, `wal/*`. */
  readonly key: string;
  /** Of an item that is written, the beginning of its sort key: `LOG#`. */
  readonly row: string;
}

/** `P#<id>#0` → `P#*`, `wal/3/0c…` → `wal/*`; a name alone stays. */
const keyPattern = (key: string): string => key.replace(/^([^#/]+[#/]).*$/s, '$1*');

const rowPattern = (key: ItemKey): string =>
  keyPattern(key.pk).endsWith('*') ? key.sk.replace(/#.*$/s, '#') : '';

/** Writes down what is done to the stores that it wraps. */
export interface Recorder {
  readonly uses: Map<string, Use>;
  items(store: ItemStore): ItemStore;
  blobs(store: BlobStore): BlobStore;
}

/** @param isSpoilt whether one of many items can never be read */
export const newRecorder = (isSpoilt: boolean): Recorder => {
  const uses = new Map<string, Use>();
  const note = (port: Use['port'], verb: string, key: string, row = ''): void => {
    const use = { port, verb, key: keyPattern(key), row };
    uses.set(Object.values(use).join(' '), use);
  };
  /** Under a condition the adapter reads what refused it, unless it is told (`lib/storage/aws`). */
  const noteWrite = (verb: keyof ItemStore, key: ItemKey, conditions: unknown): void => {
    note('items', verb, key.pk, rowPattern(key));
    if (conditions !== undefined) note('items', 'get', key.pk);
  };
  return {
    uses,
    items: (store) => ({
      get: (key, options) => {
        note('items', 'get', key.pk);
        return store.get(key, options);
      },
      getMany: async (keys, options) => {
        for (const { pk } of keys) note('items', 'getMany', pk);
        if (isSpoilt) throw new StoreError('corrupt', 'one of them is spoilt');
        return store.getMany(keys, options);
      },
      query: (pk, from, to, options) => {
        note('items', 'query', pk);
        return store.query(pk, from, to, options);
      },
      due: (duty, before, options) => {
        note('items', 'due', duty);
        return store.due(duty, before, options);
      },
      put: (item, conditions) => {
        noteWrite('put', item, conditions);
        return store.put(item, conditions);
      },
      update: (key, update) => {
        noteWrite('update', key, update.if);
        return store.update(key, update);
      },
      delete: (key, conditions) => {
        noteWrite('delete', key, conditions);
        return store.delete(key, conditions);
      },
    }),
    blobs: (store) => ({
      get: (key, range) => {
        note('blobs', 'get', key);
        return store.get(key, range);
      },
      put: (key, buffers) => {
        note('blobs', 'put', key);
        return store.put(key, buffers);
      },
      list: (prefix, options) => {
        note('blobs', 'list', prefix);
        return store.list(prefix, options);
      },
      delete: (keys) => {
        for (const key of keys) note('blobs', 'delete', key);
        return store.delete(keys);
      },
    }),
  };
};
