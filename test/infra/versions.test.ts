/** Every item that is stored says by which version of its format it was written. */
import { describe, expect, it } from 'vitest';
import { provideBroker } from '../../functions/runtime.ts';
import { createBroker } from '../../lib/broker/broker.ts';
import type { Item } from '../../lib/storage/algebra.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import type { ItemStore } from '../../lib/storage/ports.ts';
import { surfaces } from '../local/surfaces.ts';
import { virtualRuntime } from '../support/virtual-runtime.ts';
import { callEverything } from './workload.ts';

/** `P#… LOG#`: what kind of item it is. */
const kindOf = ({ pk, sk }: Item): string =>
  pk.includes('#') ? `${pk.replace(/#.*/s, '#…')} ${sk.replace(/#.*/s, '#…')}` : pk;

/** What is in the store after each write. */
const watched = (store: ItemStore, see: (item: Item) => void): ItemStore => ({
  ...store,
  put: async (item, conditions) => {
    await store.put(item, conditions);
    see(item);
  },
  update: async (key, update) => {
    const item = await store.update(key, update);
    see(item);
    return item;
  },
});

describe('stored items', () => {
  it('have a version, each kind of them', async () => {
    const runtime = virtualRuntime(1);
    const versions = new Map<string, Set<unknown>>();
    const items = watched(memoryItems(), (item) => {
      const kind = kindOf(item);
      versions.set(kind, (versions.get(kind) ?? new Set()).add(item.v));
    });
    const broker = createBroker({ items, blobs: memoryBlobs(), runtime, freezes: true });
    const takeBack = provideBroker({ broker, runtime, maxFetchWaitMs: 0 });
    const [, byInvoke] = surfaces(() => 0).find(([name]) => name === 'an Invoke payload')!;
    await runtime.drive(() => callEverything(byInvoke)).finally(takeBack);

    expect(Object.fromEntries([...versions].sort())).toEqual({
      CLUSTER: new Set([1]),
      COUNTERS: new Set([1]),
      DELETED: new Set([1]),
      'GROUP#… OFFSET#…': new Set([1]),
      'P#… HEAD': new Set([1]),
      'P#… LOG#…': new Set([1]),
      'P#… PRODUCER#…': new Set([1]),
      TOPICS: new Set([1]),
    });
  });
});
