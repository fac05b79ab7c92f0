/**
 * Altering configs and adding partitions: what is refused, what others see, and what a crash leaves.
 */
import { describe, expect, it } from 'vitest';
import { createBroker } from '../../lib/broker/broker.ts';
import { addPartitions } from '../../lib/log/topics/add-partitions.ts';
import { alterConfigs } from '../../lib/log/topics/alter.ts';
import { deleteTopic } from '../../lib/log/topics/delete.ts';
import { findTopic, partitionRefs } from '../../lib/log/topics/find.ts';
import { topicName } from '../../lib/model/ids.ts';
import { set } from '../../lib/storage/algebra.ts';
import { Crashed, type Fault, type FaultPlan } from '../../lib/storage/faulty/fault.ts';
import { faultyItems } from '../../lib/storage/faulty/items.ts';
import { stopAt } from '../../lib/storage/faulty/plans.ts';
import { FLOOR_KEY } from '../../lib/storage/keys/counter.ts';
import { headKey, ifHead, readHead } from '../../lib/storage/keys/head.ts';
import { deletedTopicKey, TOPICS, topicKey } from '../../lib/storage/keys/topic.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import { type ItemStore, StoreError } from '../../lib/storage/ports.ts';
import { batchOf } from '../support/log.ts';
import { type VirtualRuntime, virtualRuntime } from '../support/virtual-runtime.ts';

const orders = topicName('orders');

const run = (
  work: (given: {
    runtime: VirtualRuntime;
    items: ItemStore;
    broker: ReturnType<typeof createBroker>;
    elsewhere: ReturnType<typeof createBroker>;
    /** A process that sees its items through something. */
    another: (seen: ItemStore) => ReturnType<typeof createBroker>;
  }) => Promise<void>,
): Promise<void> => {
  const runtime = virtualRuntime(2);
  const stores = { items: memoryItems(), blobs: memoryBlobs() };
  const another = (items: ItemStore) => createBroker({ ...stores, items, runtime });
  const broker = another(stores.items);
  const elsewhere = another(stores.items);
  return runtime.drive(async () => {
    await broker.createTopic({ name: orders, partitions: 2 });
    await work({ runtime, items: stores.items, broker, elsewhere, another });
  });
};

const refusal = (told: Promise<unknown>) => told.catch((error) => error);

/** Every kind of fault, for the first update of the topic's item. */
const FAULTS: readonly Fault[] = [
  { kind: 'loseAnswer', reason: 'timeout' },
  { kind: 'denySuccess' },
  { kind: 'late', lateMs: 5_000 },
  { kind: 'repeat', repeatMs: 5_000 },
  { kind: 'refuse', reason: 'throttled' },
];

const onFirstUpdate = (items: ItemStore, runtime: VirtualRuntime, fault: Fault) => {
  let seen = 0;
  const plan: FaultPlan = (call) =>
    call.port === 'items' && call.verb === 'update' && call.keys[0]!.pk === TOPICS && ++seen === 1
      ? fault
      : undefined;
  return faultyItems(items, plan, runtime);
};

describe('alterConfigs', () => {
  it('sets and resets in one change, and tells the topic as it is then', () =>
    run(async ({ broker }) => {
      await broker.alterConfigs({
        topic: orders,
        set: { 'max.message.bytes': '2000', 'message.timestamp.type': 'LogAppendTime' },
      });
      const altered = await broker.alterConfigs({
        topic: orders,
        set: { 'max.message.bytes': '3000' },
        reset: ['message.timestamp.type', 'message.timestamp.after.max.ms'],
      });
      const told = Object.fromEntries(
        altered.configs.map(({ name, value, source }) => [name, [value, source]]),
      );
      expect(told).toMatchObject({
        'max.message.bytes': ['3000', 'DYNAMIC_TOPIC_CONFIG'],
        'message.timestamp.type': ['CreateTime', 'DEFAULT_CONFIG'],
      });
      expect(await broker.describeTopic(orders)).toEqual(altered);
    }));

  it('is heeded by the next call of this process', () =>
    run(async ({ broker }) => {
      expect((await broker.topicLimits(orders)).maxBatchBytes).toBeGreaterThan(2_000);
      await broker.alterConfigs({ topic: orders, set: { 'max.message.bytes': '2000' } });
      expect((await broker.topicLimits(orders)).maxBatchBytes).toBe(2_000);
    }));

  it('loses none of two that are made at once', () =>
    run(async ({ items, broker, elsewhere }) => {
      await Promise.all([
        broker.alterConfigs({ topic: orders, set: { 'max.message.bytes': '2000' } }),
        elsewhere.alterConfigs({
          topic: orders,
          set: { 'message.timestamp.type': 'LogAppendTime' },
        }),
        broker.addPartitions({ topic: orders, partitions: 5 }),
      ]);
      expect(await findTopic(items, orders)).toMatchObject({
        configs: { 'max.message.bytes': '2000', 'message.timestamp.type': 'LogAppendTime' },
        partitions: 5,
      });
    }));

  it.each([
    { request: {}, code: 'INVALID_REQUEST', says: /names no config/ },
    { request: { set: {}, reset: [] }, code: 'INVALID_REQUEST', says: /names no config/ },
    {
      request: { set: { 'max.message.bytes': '2000' }, reset: ['max.message.bytes'] },
      code: 'INVALID_REQUEST',
      says: /max\.message\.bytes is both/,
    },
    { request: { set: { 'no.such': '1' } }, code: 'INVALID_CONFIG', says: /"no\.such"/ },
    { request: { reset: ['no.such'] }, code: 'INVALID_CONFIG', says: /"no\.such"/ },
    { request: { reset: ['toString'] }, code: 'INVALID_CONFIG', says: /"toString"/ },
    { request: { set: { 'retention.ms': '-2' } }, code: 'INVALID_CONFIG', says: /-1, for ever/ },
    {
      request: { set: { 'message.timestamp.type': 'LogAppendTime', 'max.message.bytes': '-1' } },
      code: 'INVALID_CONFIG',
      says: /"-1"; it takes/,
    },
  ])('refuses $request with $code, and changes nothing', ({ request, code, says }) =>
    run(async ({ items, broker }) => {
      const before = await items.get(topicKey(orders));
      expect(await refusal(broker.alterConfigs({ topic: orders, ...request }))).toMatchObject({
        code,
        effect: 'none',
        message: expect.stringMatching(says),
      });
      expect(await items.get(topicKey(orders))).toEqual(before);
    }),
  );

  it('knows no topic that is not there', () =>
    run(async ({ broker }) => {
      const missing = { topic: topicName('other'), set: { 'max.message.bytes': '2000' } };
      expect(await refusal(broker.alterConfigs(missing))).toMatchObject({
        code: 'UNKNOWN_TOPIC_OR_PARTITION',
        effect: 'none',
      });
    }));

  it.each(FAULTS)('happens once under %o, and never comes back', (fault) =>
    run(async ({ runtime, items }) => {
      const hurt = onFirstUpdate(items, runtime, fault);
      const size = (bytes: string) => ({ set: { 'max.message.bytes': bytes }, reset: [] });
      await alterConfigs(hurt, runtime, orders, size('2000'));
      await alterConfigs(items, runtime, orders, size('3000'));
      await hurt.settle();
      expect(hurt.faults[fault.kind]).toBe(1);
      const { configs, revision } = await findTopic(items, orders);
      expect({ configs, revision }).toEqual({ configs: size('3000').set, revision: 2 });
    }),
  );

  it('does not reach a topic that was made again under the name', () =>
    run(async ({ runtime, items, broker }) => {
      const hurt = onFirstUpdate(items, runtime, { kind: 'late', lateMs: 5_000 });
      const gone: ItemStore = {
        ...hurt,
        update: async (key, update) => {
          const told = hurt.update(key, update);
          await broker.deleteTopic(orders);
          await broker.createTopic({ name: orders, partitions: 1 });
          return told;
        },
      };
      const changes = { set: { 'max.message.bytes': '2000' }, reset: [] };
      expect(await refusal(alterConfigs(gone, runtime, orders, changes))).toMatchObject({
        code: 'UNKNOWN_TOPIC_OR_PARTITION',
        effect: 'unknown',
      });
      await hurt.settle();
      expect((await findTopic(items, orders)).configs).toEqual({});
    }));

  it('takes topics that were stored before they had revisions', () =>
    run(async ({ runtime, items, broker }) => {
      const { reserved: _, ...old } = (await items.get(topicKey(orders)))!;
      await items.put(old as typeof old & { pk: string; sk: string });
      await broker.alterConfigs({ topic: orders, set: { 'max.message.bytes': '2000' } });
      await broker.addPartitions({ topic: orders, partitions: 3 });
      await deleteTopic(items, runtime, orders);
      expect(await items.get(topicKey(orders))).toBeUndefined();
    }));
});

describe('addPartitions', () => {
  it('tells the topic with the new ones, which take records at once, also elsewhere', () =>
    run(async ({ broker, elsewhere }) => {
      await elsewhere.topicLimits(orders);
      const grown = await broker.addPartitions({ topic: orders, partitions: 4 });
      expect(grown.partitions.map(({ partition }) => partition)).toEqual([0, 1, 2, 3]);
      const [produced] = await elsewhere.produce({
        topic: orders,
        partitions: [{ partition: 3, batches: batchOf(['a']) }],
      });
      expect(produced).toMatchObject({ baseOffsets: [0] });
      expect((await elsewhere.topicLimits(orders)).partitions).toBe(4);
    }));

  it('lets a reader elsewhere find them', () =>
    run(async ({ broker, elsewhere }) => {
      await elsewhere.topicLimits(orders);
      await broker.addPartitions({ topic: orders, partitions: 3 });
      const [fetched] = await elsewhere.fetch({
        partitions: [{ topic: orders, partition: 2, offset: 0 }],
      });
      expect(fetched).toMatchObject({ highWatermark: 0 });
      expect(fetched!.error).toBeUndefined();
    }));

  it.each([
    { partitions: 2, says: /orders has 2 partitions, and 2 in all/ },
    { partitions: 1, says: /orders has 2 partitions, and 1 in all/ },
    { partitions: 0, says: /1 to 10000/ },
    { partitions: 2.5, says: /2\.5/ },
    { partitions: 10_001, says: /1 to 10000/ },
  ])('refuses $partitions in all', ({ partitions, says }) =>
    run(async ({ items, broker }) => {
      const before = await items.get(topicKey(orders));
      expect(await refusal(broker.addPartitions({ topic: orders, partitions }))).toMatchObject({
        code: 'INVALID_PARTITIONS',
        effect: 'none',
        message: expect.stringMatching(says),
      });
      expect(await items.get(topicKey(orders))).toEqual(before);
    }),
  );

  it('knows no topic that is not there', () =>
    run(async ({ broker }) => {
      const other = { topic: topicName('other'), partitions: 3 };
      expect(await refusal(broker.addPartitions(other))).toMatchObject({
        code: 'UNKNOWN_TOPIC_OR_PARTITION',
      });
    }));

  it.each(FAULTS)('happens once under %o', (fault) =>
    run(async ({ runtime, items, broker }) => {
      const hurt = onFirstUpdate(items, runtime, fault);
      await addPartitions(hurt, runtime, orders, 3);
      await broker.addPartitions({ topic: orders, partitions: 6 });
      await hurt.settle();
      expect(hurt.faults[fault.kind]).toBe(1);
      expect((await broker.describeTopic(orders)).partitions).toHaveLength(6);
    }),
  );

  it.each([
    { first: 1, effect: 'none', says: /none were added/ },
    { first: 2, effect: 'unknown', says: /^Whether the addition/ },
  ])('says whether it may have happened when update $first is never answered', (expected) =>
    run(async ({ runtime, items, broker, another }) => {
      let seen = 0;
      const plan: FaultPlan = ({ verb }) =>
        verb === 'update' && ++seen >= expected.first
          ? { kind: 'loseAnswer', reason: 'timeout' }
          : undefined;
      const lost: ItemStore = {
        ...faultyItems(items, plan, runtime),
        // What was written is not seen either.
        get: async (key, options) => {
          if (seen < expected.first) return items.get(key, options);
          throw new StoreError('unavailable', 'out of reach');
        },
      };
      const told = await refusal(another(lost).addPartitions({ topic: orders, partitions: 4 }));
      expect(told).toMatchObject({
        code: 'KAFKA_STORAGE_ERROR',
        effect: expected.effect,
        message: expect.stringMatching(expected.says),
      });
      const { length } = (await broker.describeTopic(orders)).partitions;
      expect(length).toBe(expected.effect === 'none' ? 2 : 4);
    }),
  );

  it('of two that are asked for at once, both have their way when the larger comes last', () =>
    run(async ({ broker, elsewhere }) => {
      const told = await Promise.allSettled([
        broker.addPartitions({ topic: orders, partitions: 4 }),
        elsewhere.addPartitions({ topic: orders, partitions: 7 }),
      ]);
      expect(told[1]!.status).toBe('fulfilled');
      expect((await broker.describeTopic(orders)).partitions).toHaveLength(7);
    }));

  it('gives new heads the floor, also those that an earlier attempt left', () =>
    run(async ({ runtime, items }) => {
      await items.put({ ...FLOOR_KEY, value: 700 });
      const dying = faultyItems(items, stopAt(8), runtime);
      expect(await refusal(addPartitions(dying, runtime, orders, 4))).toBeInstanceOf(Crashed);
      const head = async (partition: number) => {
        const ref = { topicId: (await findTopic(items, orders)).id, partition };
        const item = ifHead(await items.get(headKey(ref)));
        return item === undefined ? undefined : readHead(item).floor;
      };
      expect(await head(2)).toBe(700);
      await items.update(FLOOR_KEY, { change: [set('value', 900)] });
      await addPartitions(items, runtime, orders, 4);
      expect([await head(2), await head(3)]).toEqual([900, 900]);
    }));

  it('is done or not, never half, wherever a process dies, and the next attempt works', async () => {
    for (let n = 1; n <= 14; n++) {
      await run(async ({ runtime, items, broker }) => {
        const dying = faultyItems(items, stopAt(n), runtime);
        const told = await refusal(addPartitions(dying, runtime, orders, 4));
        if (n < 10) expect(told).toBeInstanceOf(Crashed);
        expect([2, 4]).toContain((await broker.describeTopic(orders)).partitions.length);
        const grown = await broker.addPartitions({ topic: orders, partitions: 5 });
        expect(grown.partitions).toHaveLength(5);
      });
    }
  });

  it('leaves no head behind when the topic is deleted meanwhile, whoever is first', async () => {
    for (let at = 1; at <= 14; at++) {
      await run(async ({ runtime, items }) => {
        const topic = await findTopic(items, orders);
        let call = 0;
        const plan: FaultPlan = () => {
          // A slow process: everything else happens before its next call.
          return ++call === at ? { kind: 'delay', beforeMs: 1_000 } : undefined;
        };
        const adding = refusal(
          addPartitions(faultyItems(items, plan, runtime), runtime, orders, 4),
        );
        await runtime.sleep(500);
        await deleteTopic(items, runtime, orders);
        await adding;
        for (const ref of partitionRefs({ ...topic, partitions: 4 })) {
          expect(
            ifHead(await items.get(headKey(ref))),
            `head ${ref.partition}, call ${at}`,
          ).toBeUndefined();
        }
      });
    }
  });

  it('that happens while the topic is deleted is noted for those who clean up', async () => {
    for (let at = 1; at <= 6; at++) {
      await run(async ({ runtime, items }) => {
        const topic = await findTopic(items, orders);
        let call = 0;
        const plan: FaultPlan = () =>
          ++call === at ? { kind: 'delay', beforeMs: 1_000 } : undefined;
        const deleting = deleteTopic(faultyItems(items, plan, runtime), runtime, orders);
        await runtime.sleep(500);
        const grown = await addPartitions(items, runtime, orders, 4).catch(() => undefined);
        await deleting;
        if (grown === undefined) return;
        expect(await items.get(deletedTopicKey(topic.id))).toMatchObject({ reserved: 4 });
        for (const ref of partitionRefs(grown))
          expect(ifHead(await items.get(headKey(ref)))).toBeUndefined();
      });
    }
  });
});
