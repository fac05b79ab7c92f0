/**
 * What operations cost, by counting the calls to the ports and the units that DynamoDB would bill.
 */
import { describe, expect, it } from 'vitest';
import { createBroker } from '../../lib/broker/broker.ts';
import { createFetcher } from '../../lib/log/fetch/fetcher.ts';
import { topicName } from '../../lib/model/ids.ts';
import { headKey, readHead } from '../../lib/storage/keys/head.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import { itemSizeBytes } from '../../lib/storage/size.ts';
import { APPEND_MIXES, appendMix, batchOfSize } from '../support/append-mixes.ts';
import { appending, batchOf, newPartition, readAll } from '../support/log.ts';
import { type Meter, meteredBlobs, meteredItems, newMeter } from '../support/meter.ts';
import { virtualRuntime } from '../support/virtual-runtime.ts';

const setUp = () => {
  const runtime = virtualRuntime(7);
  const plain = { items: memoryItems(), blobs: memoryBlobs() };
  let meter = newMeter();
  const stores = {
    items: meteredItems(plain.items, () => meter),
    blobs: meteredBlobs(plain.blobs, () => meter),
  };
  /** What `work` costs. */
  const costOf = async (work: () => Promise<unknown>): Promise<Meter> => {
    meter = newMeter();
    await work();
    return meter;
  };
  return { runtime, plain, stores, costOf };
};

describe('produce', () => {
  it('inline: one update, and one read of a head not seen before', async () => {
    const { runtime, stores, costOf } = setUp();
    await runtime.drive(async () => {
      const ref = await newPartition(stores.items, runtime);
      const { append } = appending(stores, runtime);
      expect((await costOf(() => append(ref, batchOfSize(200)))).calls).toEqual({
        get: 1,
        update: 1,
      });
      expect((await costOf(() => append(ref, batchOfSize(200)))).calls).toEqual({ update: 1 });
    });
  });

  it('larger: one object beside the update, one for all partitions of a flush', async () => {
    const { runtime, stores, costOf } = setUp();
    await runtime.drive(async () => {
      const broker = createBroker({ ...stores, runtime });
      const topic = topicName('orders');
      await broker.createTopic({ name: topic, partitions: 5 });
      const produce = () =>
        broker.produce({
          topic,
          partitions: [0, 1, 2, 3, 4].map((partition) => ({
            partition,
            batches: batchOfSize(5_000),
          })),
        });
      // Five heads, and once the topic and whether it was deleted.
      expect((await costOf(produce)).calls).toEqual({ get: 7, update: 5, 'blob put': 1 });
      expect((await costOf(produce)).calls).toEqual({ update: 5, 'blob put': 1 });
    });
  });

  it.each(APPEND_MIXES)(
    '$what: at most $mostUnits write units an append, rolls included',
    async (mix) => {
      const { runtime, stores, costOf } = setUp();
      await runtime.drive(async () => {
        const appends = 2_000;
        const cost = await costOf(() => appendMix(stores, runtime, mix, appends));
        expect(cost.refused).toBe(0);
        expect(cost.writeUnits / appends).toBeLessThanOrEqual(mix.mostUnits);
        // An item of every call is written once: appends, rolls and their rows.
        const isInline = mix.sizeBytes > 1_000 && mix.sizeBytes <= 1_024;
        expect(cost.calls.update).toBeLessThanOrEqual(appends * (isInline ? 1.5 : 1.1));
      });
    },
  );

  it('a roll is one put and one update, one append in sixteen', async () => {
    const { runtime, stores, costOf } = setUp();
    await runtime.drive(async () => {
      const ref = await newPartition(stores.items, runtime);
      const { append, appender } = appending(stores, runtime);
      for (let n = 0; n < 24; n++) await append(ref, batchOfSize(2_000));
      await appender.settled();
      const cost = await costOf(async () => {
        for (let n = 0; n < 160; n++) await append(ref, batchOfSize(2_000));
        await appender.settled();
      });
      expect(cost.calls).toEqual({ update: 160 + 10, put: 10, 'blob put': 160 });
    });
  });
});

describe('the sizes of what is stored', () => {
  it('an entry is 35 bytes or less, and a head in a realistic mix under 1.5 KiB', async () => {
    const { runtime, stores, plain } = setUp();
    await runtime.drive(async () => {
      const ref = await newPartition(stores.items, runtime);
      const { append, appender } = appending(stores, runtime);
      const sizes: number[] = [];
      for (let n = 0; n < 500; n++) {
        const producer = { producerId: n % 10, producerEpoch: 3, baseSequence: Math.floor(n / 10) };
        await append(
          ref,
          n % 2 === 0 ? batchOfSize(20_000) : batchOf(['y'.repeat(3_000)], producer),
        );
        const item = (await plain.items.get(headKey(ref)))!;
        sizes.push(itemSizeBytes(item));
        const { tail, tailBytes } = readHead(item);
        expect(tailBytes).toBe(tail.reduce((sum, entry) => sum + entry.length, 0));
        expect(Math.max(...tail.map((entry) => entry.length))).toBeLessThanOrEqual(35);
      }
      await appender.settled();
      expect(Math.max(...sizes)).toBeLessThanOrEqual(1_536);
      expect(sizes.reduce((sum, size) => sum + size, 0) / sizes.length).toBeLessThanOrEqual(1_024);
    });
  });
});

describe('fetch', () => {
  it('at the tail: one get, and no object read while it is cached', async () => {
    const { runtime, stores, costOf } = setUp();
    await runtime.drive(async () => {
      const broker = createBroker({ ...stores, runtime });
      const topic = topicName('orders');
      await broker.createTopic({ name: topic, partitions: 1 });
      for (let n = 0; n < 5; n++) {
        await broker.produce({
          topic,
          partitions: [{ partition: 0, batches: batchOfSize(5_000) }],
        });
      }
      const at = (offset: number) => () =>
        broker.fetch({ partitions: [{ topic, partition: 0, offset }] });
      expect((await costOf(at(3))).calls).toEqual({ get: 1 });

      const elsewhere = createBroker({ ...stores, runtime });
      await elsewhere.topicLimits(topic);
      const cold = () => elsewhere.fetch({ partitions: [{ topic, partition: 0, offset: 3 }] });
      expect((await costOf(cold)).calls).toEqual({ get: 1, 'blob get': 2 });
      expect((await costOf(cold)).calls).toEqual({ get: 1 });
    });
  });

  it('joins the ranges of one object into one read', async () => {
    const { runtime, stores, costOf } = setUp();
    await runtime.drive(async () => {
      const broker = createBroker({ ...stores, runtime });
      const topic = topicName('orders');
      await broker.createTopic({ name: topic, partitions: 4 });
      await broker.produce({
        topic,
        partitions: [0, 1, 2, 3].map((partition) => ({ partition, batches: batchOfSize(5_000) })),
      });
      const elsewhere = createBroker({ ...stores, runtime });
      await elsewhere.topicLimits(topic);
      const cost = await costOf(() =>
        elsewhere.fetch({
          partitions: [0, 1, 2, 3].map((partition) => ({ topic, partition, offset: 0 })),
        }),
      );
      expect(cost.calls).toEqual({ get: 1, 'blob get': 1 });
      expect(cost.bytesGot).toBe(4 * batchOfSize(5_000).length);
    });
  });

  it('in the middle of a long log: one get and one query', async () => {
    const { runtime, stores, costOf } = setUp();
    await runtime.drive(async () => {
      const ref = await newPartition(stores.items, runtime);
      const { append, appender } = appending(stores, runtime);
      for (let n = 0; n < 300; n++) await append(ref, batchOfSize(200));
      await appender.settled();
      const fetcher = createFetcher({ ...stores, runtime });
      const at = (offset: number) => () => fetcher.fetch([{ ref, offset }], { maxBytes: 500 });
      expect((await costOf(at(100))).calls).toEqual({ get: 1, query: 1 });
      // Whoever goes on from there finds the row at hand.
      expect((await costOf(at(102))).calls).toEqual({ get: 1 });

      const all = await costOf(() => readAll(stores, runtime, ref, { from: 0 }));
      expect(all.calls).toEqual({ get: 2, query: 2 });
    });
  });
});
