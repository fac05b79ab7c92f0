/**
 * The long poll: reads that are behind, commits at awkward moments, clocks.
 */
import { describe, expect, it } from 'vitest';
import { createBroker } from '../../lib/broker/broker.ts';
import { topicCache } from '../../lib/broker/topic-cache.ts';
import { TOPIC_CACHE_TTL_MS } from '../../lib/model/limits.ts';
import type { Item } from '../../lib/storage/algebra.ts';
import type { Fault, StoreCall } from '../../lib/storage/faulty/fault.ts';
import { faultyItems } from '../../lib/storage/faulty/items.ts';
import { headKey } from '../../lib/storage/keys/head.ts';
import type { ItemStore } from '../../lib/storage/ports.ts';
import { large, one, run, setUp, topic } from '../support/two-brokers.ts';
import { virtualRuntime } from '../support/virtual-runtime.ts';

/** Items whose eventual reads tell what was there when they were last `frozen`. */
const lagging = () => {
  let old: ReadonlyMap<string, Item | undefined> = new Map();
  let store: ItemStore;
  const eventual = { reads: 0 };
  const wrapItems = (items: ItemStore): ItemStore => {
    store = items;
    return {
      ...items,
      getMany: async (keys, options) => {
        const found = await items.getMany(keys, options);
        if (options?.consistent !== false) return found;
        eventual.reads++;
        return keys.map((key, index) => (old.has(key.pk) ? old.get(key.pk) : found[index]));
      },
    };
  };
  const freeze = async (...refs: readonly Parameters<typeof headKey>[0][]): Promise<void> => {
    const keys = refs.map(headKey);
    const found = await store.getMany(keys);
    old = new Map(keys.map(({ pk }, index) => [pk, found[index]]));
  };
  return { wrapItems, freeze, eventual };
};

describe('an eventual read that is behind', () => {
  it('takes nothing back of what a strong one saw', async () => {
    const { wrapItems, freeze, eventual } = lagging();
    await run(
      async ({ elsewhere, produce, refs }) => {
        await freeze(...refs);
        for (const partition of [0, 1]) await produce(large('0'), partition);
        const results = await elsewhere.fetch({
          partitions: [0, 1].map((partition) => ({ topic, partition, offset: 0 })),
          minBytes: 100_000,
          maxWaitMs: 2_000,
        });
        expect(eventual.reads).toBeGreaterThan(3);
        for (const result of results) {
          expect(result).toMatchObject({ highWatermark: 1, nextOffset: 1 });
          expect(result.batches).toHaveLength(1);
        }
      },
      { partitions: 2, wrapItems },
    );
  });

  it('does not make an offset out of range, or a partition unknown', async () => {
    for (const before of ['empty', 'absent'] as const) {
      const { wrapItems, freeze, eventual } = lagging();
      await run(
        async ({ elsewhere, produce, items, ref, runtime }) => {
          const head = (await items.get(headKey(ref)))!;
          if (before === 'absent') await items.delete(head);
          await freeze(ref);
          await items.put(head);
          await produce(large('0'));
          const start = runtime.monotonicMs();
          expect(await one(elsewhere, 1, { maxWaitMs: 2_000 })).toMatchObject({
            batches: [],
            nextOffset: 1,
            highWatermark: 1,
          });
          expect(eventual.reads).toBeGreaterThan(0);
          if (before === 'empty') expect(runtime.monotonicMs() - start).toBe(2_000);
        },
        { wrapItems },
      );
    }
  });

  it('does not last when this process commits: what follows is strong', async () => {
    const runtime = virtualRuntime(5);
    await runtime.drive(async () => {
      const { items, blobs } = await setUp(runtime);
      const plan = (): Fault => ({ kind: 'stale' });
      const broker = createBroker({ items: faultyItems(items, plan, runtime), blobs, runtime });
      const waiting = one(broker, 0, { maxWaitMs: 60_000 });
      await runtime.sleep(10_000);
      const sentMs = runtime.monotonicMs();
      await broker.produce({ topic, partitions: [{ partition: 0, batches: large('now') }] });
      expect((await waiting).batches).toHaveLength(1);
      expect(runtime.monotonicMs()).toBe(sentMs);
    });
  });
});

describe('a commit of this process', () => {
  it('wakes a fetch although it came while the heads were read', async () => {
    const runtime = virtualRuntime(5);
    await runtime.drive(async () => {
      const { items, blobs } = await setUp(runtime);
      // The heads are read at once, and told half a second later.
      const plan = ({ verb }: StoreCall): Fault | undefined =>
        verb === 'getMany' ? { kind: 'delay', afterMs: 500 } : undefined;
      const broker = createBroker({ items: faultyItems(items, plan, runtime), blobs, runtime });
      const start = runtime.monotonicMs();
      const waiting = one(broker, 0, { maxWaitMs: 60_000 });
      await runtime.sleep(100);
      await broker.produce({ topic, partitions: [{ partition: 0, batches: large('now') }] });
      expect((await waiting).batches).toHaveLength(1);
      // Two reads, and no pause between them.
      expect(runtime.monotonicMs() - start).toBe(1_000);
    });
  });
});

describe('what is known of a topic', () => {
  it('is believed as long as the injected clock says', () =>
    run(async ({ items, runtime }) => {
      let asked = 0;
      const counting: ItemStore = {
        ...items,
        get: (key, options) => {
          if (key.pk === 'TOPICS') asked++;
          return items.get(key, options);
        },
      };
      const topics = topicCache(counting, runtime);
      for (const [waitMs, times] of [
        [0, 1],
        [TOPIC_CACHE_TTL_MS - 1, 1],
        [2, 2],
        [TOPIC_CACHE_TTL_MS + 1, 3],
        [TOPIC_CACHE_TTL_MS + 1, 4],
      ] as const) {
        await runtime.sleep(waitMs);
        await topics.find(topic);
        expect(asked).toBe(times);
      }
    }));
});
