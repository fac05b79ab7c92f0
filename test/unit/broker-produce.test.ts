/**
 * Produce at the service API: one share of several batches, and topics that are not what they were.
 */
import { describe, expect, it } from 'vitest';
import { createBroker } from '../../lib/broker/broker.ts';
import { topicName } from '../../lib/model/ids.ts';
import { encodeBatch } from '../../lib/record/encode.ts';
import type { FaultPlan } from '../../lib/storage/faulty/fault.ts';
import { faultyItems } from '../../lib/storage/faulty/items.ts';
import { cutOff } from '../../lib/storage/faulty/plans.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import { batchOf } from '../support/log.ts';
import { virtualRuntime } from '../support/virtual-runtime.ts';

const topic = topicName('orders');

const run = (
  work: (
    produce: (...batches: Uint8Array[]) => Promise<unknown>,
    broker: ReturnType<typeof createBroker>,
  ) => Promise<void>,
) => {
  const runtime = virtualRuntime(4);
  return runtime.drive(async () => {
    const broker = createBroker({ items: memoryItems(), blobs: memoryBlobs(), runtime });
    await broker.createTopic({ name: topic, partitions: 1 });
    const produce = async (...batches: Uint8Array[]) => {
      const partitions = [{ partition: 0, batches: new Uint8Array(Buffer.concat(batches)) }];
      return (await broker.produce({ topic, partitions }))[0];
    };
    await work(produce, broker);
  });
};

const sequence = (baseSequence: number, producerEpoch = 0) => ({
  producerId: 7,
  producerEpoch,
  baseSequence,
});

describe('a share of several batches', () => {
  it('tells the offset of each', () =>
    run(async (produce) => {
      const batches = [batchOf(['a', 'b']), batchOf(['c'], sequence(0)), batchOf(['d', 'e'])];
      expect(await produce(...batches)).toMatchObject({ baseOffsets: [0, 2, 3] });
    }));

  it('tells which were written when another was not, and not to send all of it again', () =>
    run(async (produce) => {
      const result = await produce(batchOf(['a']), batchOf(['b'], sequence(5)), batchOf(['c']));
      expect(result).toMatchObject({
        baseOffsets: [0, -1, 1],
        error: { code: 'OUT_OF_ORDER_SEQUENCE_NUMBER', effect: 'unknown' },
      });
      expect(await produce(batchOf(['b'], sequence(5)))).toMatchObject({
        baseOffsets: [-1],
        error: { effect: 'none' },
      });
    }));

  it('takes a new epoch and its continuation in one go', () =>
    run(async (produce) => {
      await produce(batchOf(['a'], sequence(0)));
      expect(
        await produce(batchOf(['b'], sequence(0, 1)), batchOf(['c'], sequence(1, 1))),
      ).toMatchObject({ baseOffsets: [1, 2] });
      expect(await produce(batchOf(['d'], sequence(1)))).toMatchObject({
        error: { code: 'INVALID_PRODUCER_EPOCH' },
      });
      expect(await produce(batchOf(['b'], sequence(0, 1)))).toMatchObject({ baseOffsets: [1] });
    }));

  it('does not tell the offset that a sequence had in an older epoch', () =>
    run(async (produce) => {
      await produce(batchOf(['a', 'b', 'c'], sequence(0)));
      await produce(batchOf(['a'], sequence(0, 1)));
      await produce(batchOf(['between']));
      await produce(batchOf(['b', 'c'], sequence(1, 1)));
      expect(await produce(batchOf(['a', 'b', 'c'], sequence(0, 1)))).toMatchObject({
        error: { code: 'DUPLICATE_SEQUENCE_NUMBER', effect: 'unknown' },
      });
    }));
});

it('refuses what the topic does not take before anything is written', () =>
  run(async (produce, broker) => {
    const small = topicName('small');
    await broker.createTopic({
      name: small,
      partitions: 1,
      configs: { 'max.message.bytes': '200' },
    });
    expect(await broker.topicLimits(small)).toMatchObject({ partitions: 1, maxBatchBytes: 200 });
    const batches = new Uint8Array(Buffer.concat([batchOf(['a']), batchOf(['x'.repeat(300)])]));
    const [result] = await broker.produce({
      topic: small,
      partitions: [{ partition: 0, batches }],
    });
    expect(result).toMatchObject({ error: { code: 'MESSAGE_TOO_LARGE', effect: 'none' } });
    expect((await broker.describeTopic(small)).partitions[0]!.logEndOffset).toBe(0);
    await expect(
      broker.produce({ topic: topicName('nowhere'), partitions: [] }),
    ).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION' });
    expect(await produce(batchOf(['fine']))).toMatchObject({ baseOffsets: [0] });
  }));

describe('records of the future', () => {
  const timed = (timestamp: number) => encodeBatch([{ key: null, value: null, timestamp }]);

  it('are refused, naming how far ahead they are and what the topic takes', () => {
    const runtime = virtualRuntime(4);
    return runtime.drive(async () => {
      const broker = createBroker({ items: memoryItems(), blobs: memoryBlobs(), runtime });
      const now = runtime.now();
      const told = async (name: string, timestamp: number) => {
        const partitions = [{ partition: 0, batches: timed(timestamp) }];
        return (await broker.produce({ topic: topicName(name), partitions }))[0];
      };
      const create = (name: string, configs: Record<string, string>) =>
        broker.createTopic({ name: topicName(name), partitions: 1, configs });

      await create('usual', {});
      expect(await told('usual', now + 3_600_000)).toMatchObject({ baseOffsets: [0] });
      expect(await told('usual', now + 3_600_001)).toMatchObject({
        baseOffsets: [],
        error: {
          code: 'INVALID_TIMESTAMP',
          effect: 'none',
          context: { maxTimestamp: now + 3_600_001, timestampAfterMaxMs: 3_600_000 },
        },
      });
      await create('strict', { 'message.timestamp.after.max.ms': '0' });
      expect(await told('strict', now)).toMatchObject({ baseOffsets: [0] });
      expect(await told('strict', now + 1)).toMatchObject({ error: { code: 'INVALID_TIMESTAMP' } });
      // There the time is not the producer's to tell.
      await create('ours', { 'message.timestamp.type': 'LogAppendTime' });
      expect(await told('ours', now * 1_000)).toMatchObject({ baseOffsets: [0] });
    });
  });
});

describe('what is told when the store fails half way', () => {
  /** A broker whose store fails as the plan says, over a topic of one partition that it knows. */
  const failing = async (plan: FaultPlan) => {
    const runtime = virtualRuntime(4);
    const items = memoryItems();
    let armed = false;
    const broker = createBroker({
      items: faultyItems(items, (call) => (armed ? plan(call) : undefined), runtime),
      blobs: memoryBlobs(),
      runtime,
    });
    await runtime.drive(async () => {
      await broker.createTopic({ name: topic, partitions: 1 });
      await broker.topicLimits(topic);
      const batches = batchOf(['warm'], sequence(0, 1));
      await broker.produce({ topic, partitions: [{ partition: 0, batches }] });
    });
    armed = true;
    return { runtime, broker };
  };

  it('what was written stays told when the topic cannot be looked up again', async () => {
    const { runtime, broker } = await failing(({ verb }) =>
      verb === 'get' ? { kind: 'refuse', reason: 'denied' } : undefined,
    );
    const results = await runtime.drive(() =>
      broker.produce({
        topic,
        partitions: [
          { partition: 0, batches: batchOf(['a']) },
          { partition: 9, batches: batchOf(['b']) },
        ],
      }),
    );
    expect(results).toMatchObject([
      { baseOffsets: [1] },
      { error: { code: 'KAFKA_STORAGE_ERROR', effect: 'none' } },
    ]);
  });

  it('a certain failure does not hide a doubtful one', async () => {
    const { runtime, broker } = await failing(({ verb }) =>
      verb === 'update'
        ? { kind: 'loseAnswer', reason: 'timeout' }
        : verb === 'get'
          ? { kind: 'fail', reason: 'unavailable' }
          : undefined,
    );
    const batches = new Uint8Array(
      Buffer.concat([batchOf(['old epoch'], sequence(0, 0)), batchOf(['b'])]),
    );
    const [result] = await runtime.drive(() =>
      broker.produce({ topic, partitions: [{ partition: 0, batches }] }),
    );
    expect(result).toMatchObject({
      baseOffsets: [-1, -1],
      error: { code: 'INVALID_PRODUCER_EPOCH', effect: 'unknown' },
    });
  });
});

it('finds the new topic of the name, with its log append time, for what certainly did not happen', () => {
  const runtime = virtualRuntime(4);
  return runtime.drive(async () => {
    const stores = { items: memoryItems(), blobs: memoryBlobs() };
    const configs = { 'message.timestamp.type': 'LogAppendTime' };
    const [broker, other] = [
      createBroker({ ...stores, runtime }),
      createBroker({ ...stores, runtime }),
    ];
    await broker.createTopic({ name: topic, partitions: 2, configs });
    const produce = () =>
      broker.produce({
        topic,
        partitions: [0, 1].map((partition) => ({ partition, batches: batchOf([`${partition}`]) })),
      });
    await produce();
    await other.deleteTopic(topic);
    await other.createTopic({ name: topic, partitions: 2, configs });
    expect(await produce()).toMatchObject([
      { baseOffsets: [0], logAppendTime: runtime.now() },
      { baseOffsets: [0] },
    ]);
  });
});

it('does not call a partition unknown that it cannot ask for', () => {
  const runtime = virtualRuntime(4);
  return runtime.drive(async () => {
    const stores = { items: memoryItems(), blobs: memoryBlobs() };
    const cable = cutOff();
    const items = faultyItems(stores.items, cable.plan, runtime);
    const broker = createBroker({ ...stores, items, runtime });
    await broker.createTopic({ name: topic, partitions: 1 });
    await broker.topicLimits(topic);
    await createBroker({ ...stores, runtime }).addPartitions({ topic, partitions: 2 });
    cable.cut();
    const partitions = [{ partition: 1, batches: batchOf(['a']) }];
    const [told] = await broker.produce({ topic, partitions });
    expect(told!.error).toMatchObject({ code: 'KAFKA_STORAGE_ERROR', effect: 'none' });
  });
});

it('appends in the order of the requests to a partition that it has not heard of yet', () => {
  const runtime = virtualRuntime(4);
  return runtime.drive(async () => {
    const stores = { items: memoryItems(), blobs: memoryBlobs() };
    // Appends to the old partition are slow.
    const plan: FaultPlan = (call) =>
      call.verb === 'update' && call.keys[0]!.pk.endsWith('#0')
        ? { kind: 'delay', beforeMs: 1_000 }
        : undefined;
    const items = faultyItems(stores.items, plan, runtime);
    const broker = createBroker({ ...stores, items, runtime });
    await broker.createTopic({ name: topic, partitions: 1 });
    await broker.topicLimits(topic);
    await createBroker({ ...stores, runtime }).addPartitions({ topic, partitions: 2 });
    const produce = async (value: string, ...partitions: number[]) => {
      const results = await broker.produce({
        topic,
        partitions: partitions.map((partition) => ({ partition, batches: batchOf([value]) })),
      });
      return results.find(({ partition }) => partition === 1)!.baseOffsets;
    };
    const first = produce('first', 0, 1);
    await runtime.sleep(100);
    expect(await Promise.all([first, produce('second', 1)])).toEqual([[0], [1]]);
  });
});

it('appends in the order of the requests when another look at the topic is faster than the first', () => {
  const runtime = virtualRuntime(4);
  return runtime.drive(async () => {
    const stores = { items: memoryItems(), blobs: memoryBlobs() };
    let looks = 0;
    const plan: FaultPlan = (call) =>
      call.port === 'items' && call.keys[0]?.pk === 'TOPICS' && ++looks === 1
        ? { kind: 'delay', beforeMs: 500 }
        : undefined;
    const broker = createBroker({
      ...stores,
      items: faultyItems(stores.items, plan, runtime),
      runtime,
    });
    await createBroker({ ...stores, runtime }).createTopic({ name: topic, partitions: 1 });
    const produce = async (value: string) => {
      const partitions = [{ partition: 0, batches: batchOf([value]) }];
      return (await broker.produce({ topic, partitions }))[0]!.baseOffsets;
    };
    const first = produce('first');
    await broker.describeTopic(topic);
    expect(await Promise.all([first, produce('second')])).toEqual([[0], [1]]);
  });
});

it('appends in the order of the requests also when only the first asks for what it has not heard of', () => {
  const runtime = virtualRuntime(4);
  return runtime.drive(async () => {
    const stores = { items: memoryItems(), blobs: memoryBlobs() };
    const plan: FaultPlan = (call) =>
      call.port === 'items' && call.keys[0]?.pk === 'TOPICS'
        ? { kind: 'delay', beforeMs: 500 }
        : undefined;
    const items = faultyItems(stores.items, plan, runtime);
    const broker = createBroker({ ...stores, items, runtime });
    const elsewhere = createBroker({ ...stores, runtime });
    await elsewhere.createTopic({ name: topic, partitions: 1 });
    // One look is under way, and does not tell of the partition that is added then.
    const looking = broker.topicLimits(topic);
    await runtime.sleep(600);
    await looking;
    await elsewhere.addPartitions({ topic, partitions: 2 });
    const produce = async (value: string, ...partitions: number[]) => {
      const results = await broker.produce({
        topic,
        partitions: partitions.map((partition) => ({ partition, batches: batchOf([value]) })),
      });
      return results[0]!.baseOffsets;
    };
    const first = produce('first', 0, 1);
    expect(await Promise.all([first, produce('second', 0)])).toEqual([[0], [1]]);
  });
});
