/**
 * Topics whose makers and deleters die half way: no append is lost with them, no head is
 * forgotten, and what is told of them is so.
 */
import { describe, expect, it } from 'vitest';
import { createBroker } from '../../lib/broker/broker.ts';
import { createTopic } from '../../lib/log/topics/create.ts';
import { deleteTopic } from '../../lib/log/topics/delete.ts';
import { findTopic } from '../../lib/log/topics/find.ts';
import { type TopicId, topicName } from '../../lib/model/ids.ts';
import { ABANDONED_TOPIC_MS } from '../../lib/model/limits.ts';
import type { Fault, FaultPlan } from '../../lib/storage/faulty/fault.ts';
import { faultyItems } from '../../lib/storage/faulty/items.ts';
import { stopAt } from '../../lib/storage/faulty/plans.ts';
import { headKey, ifHead } from '../../lib/storage/keys/head.ts';
import { deletedTopicKey } from '../../lib/storage/keys/topic.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import type { ItemStore } from '../../lib/storage/ports.ts';
import { batchOf, readAll } from '../support/log.ts';
import { virtualRuntime } from '../support/virtual-runtime.ts';

const orders = topicName('orders');
const PARTITIONS = 2;

const setUp = () => {
  const runtime = virtualRuntime(4);
  const items = memoryItems();
  const make = (store: ItemStore = items) =>
    createTopic(store, runtime, { name: orders, partitions: PARTITIONS, configs: {} });
  return { runtime, items, make };
};

/** Every place at which a process can die, before the call there is made or after it was applied. */
const DEATHS = Array.from({ length: 10 }, (_, at) =>
  [false, true].map((applied) => ({ at: at + 1, applied })),
).flat();

describe('a topic', () => {
  it.each(DEATHS)(
    'made again when its deleter died at call $at (applied: $applied) gets what others append by what they believed',
    async ({ at, applied }) => {
      const { runtime, items, make } = setUp();
      const blobs = memoryBlobs();
      await runtime.drive(async () => {
        await make();
        const elsewhere = createBroker({ items, blobs, runtime });
        const produce = async (value: string) => {
          const partitions = [{ partition: 0, batches: batchOf([value]) }];
          const [result] = await elsewhere.produce({ topic: orders, partitions });
          return result!.error;
        };
        await produce('old');
        const dying = faultyItems(items, stopAt(at, { applied }), runtime);
        await deleteTopic(dying, runtime, orders).catch(() => undefined);
        const made = await make().catch(() => undefined);
        if (made === undefined) return;
        expect(await produce('new')).toBeUndefined();
        const log = await readAll({ items, blobs }, runtime, { topicId: made.id, partition: 0 });
        expect(log.map(({ value }) => value)).toEqual(['new']);
      });
    },
  );

  it.each(DEATHS)(
    'whose deleter died at call $at (applied: $applied) takes nothing more once whoever tries again was answered',
    async ({ at, applied }) => {
      const { runtime, items, make } = setUp();
      await runtime.drive(async () => {
        await make();
        const elsewhere = createBroker({ items, blobs: memoryBlobs(), runtime });
        const produce = async () => {
          const partitions = [{ partition: 0, batches: batchOf(['a']) }];
          return (await elsewhere.produce({ topic: orders, partitions }))[0]!.error;
        };
        expect(await produce()).toBeUndefined();
        const dying = faultyItems(items, stopAt(at, { applied }), runtime);
        await deleteTopic(dying, runtime, orders).catch(() => undefined);
        await deleteTopic(items, runtime, orders).catch((error) => {
          expect(error).toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION' });
        });
        expect(await produce()).toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION' });
      });
    },
  );

  it.each(DEATHS)(
    'given up is noted with its heads, also when who takes its name over dies at call $at (applied: $applied)',
    async ({ at, applied }) => {
      const { runtime, items, make } = setUp();
      await runtime.drive(async () => {
        const ids = new Set<TopicId>();
        const noting: ItemStore = {
          ...items,
          put: async (item, conditions) => {
            if (item.sk === orders) ids.add(item.id as TopicId);
            await items.put(item, conditions);
          },
        };
        const asleep: FaultPlan = (call) =>
          call.verb === 'update' ? { kind: 'stop', answer: 'crashed', applied: false } : undefined;
        await make(faultyItems(noting, asleep, runtime)).catch(() => undefined);
        await runtime.sleep(ABANDONED_TOPIC_MS + 1);
        await make(faultyItems(noting, stopAt(at, { applied }), runtime)).catch(() => undefined);
        await runtime.sleep(ABANDONED_TOPIC_MS + 1);
        await make(noting).catch(() => undefined);
        const { id: holder } = await findTopic(items, orders);
        for (const id of ids) {
          const deleted = await items.get(deletedTopicKey(id));
          const covered = id === holder ? PARTITIONS : ((deleted?.reserved as number) ?? 0);
          for (let partition = covered; partition < PARTITIONS; partition++) {
            expect(ifHead(await items.get(headKey({ topicId: id, partition })))).toBeUndefined();
          }
        }
      });
    },
  );

  it.each(['put', 'update', 'delete'] as const)(
    'is made, and deleted, when each %s under a condition is said to be refused though it was applied',
    async (verb) => {
      const { runtime, items, make } = setUp();
      await runtime.drive(async () => {
        const denied: FaultPlan = (call) =>
          call.port === 'items' && call.verb === verb && (call.update ?? call.conditions)
            ? { kind: 'denySuccess' }
            : undefined;
        const doubted = faultyItems(items, denied, runtime);
        const { id } = await make(doubted);
        expect((await findTopic(items, orders)).id).toBe(id);
        await deleteTopic(doubted, runtime, orders);
        expect((await make()).id).not.toBe(id);
      });
    },
  );

  it.each<Fault>([
    { kind: 'refuse', reason: 'throttled' },
    { kind: 'fail', reason: 'unavailable' },
    { kind: 'loseAnswer', reason: 'timeout' },
  ])(
    'is made, grows and is deleted although of each item the first write meets: $kind',
    async (fault) => {
      const { runtime, items } = setUp();
      await runtime.drive(async () => {
        const met = new Set<string>();
        const once: FaultPlan = ({ port, verb, keys }) => {
          const name = `${verb} ${JSON.stringify(keys)}`;
          const isWrite = ['put', 'update', 'delete'].includes(verb);
          if (port !== 'items' || !isWrite || met.has(name)) return undefined;
          met.add(name);
          return fault;
        };
        const busy = faultyItems(items, once, runtime);
        const broker = createBroker({ items: busy, blobs: memoryBlobs(), runtime });
        await broker.createTopic({ name: orders, partitions: 3 });
        await broker.addPartitions({ topic: orders, partitions: 5 });
        expect(await findTopic(items, orders)).toMatchObject({ partitions: 5, state: 'active' });
        await broker.deleteTopic(orders);
        await expect(findTopic(items, orders)).rejects.toThrow();
        // Of the topic its item, of which it also is freed; what tells of its deletion; five heads.
        expect([...met].filter((name) => name.startsWith('put')).length).toBeGreaterThanOrEqual(7);
        expect([...met].filter((name) => name.startsWith('delete'))).toHaveLength(1);
      });
    },
  );

  it('that was made or changed is not told to be as before when it cannot be described', async () => {
    const { runtime, items } = setUp();
    await runtime.drive(async () => {
      const newer: ItemStore = {
        ...items,
        getMany: async (keys, options) =>
          (await items.getMany(keys, options)).map((item) => item && { ...item, v: 99 }),
      };
      const broker = createBroker({ items: newer, blobs: memoryBlobs(), runtime });
      const changes = [
        () => broker.createTopic({ name: orders, partitions: 1 }),
        () => broker.alterConfigs({ topic: orders, set: { 'max.message.bytes': '5000' } }),
        () => broker.addPartitions({ topic: orders, partitions: 2 }),
      ];
      for (const change of changes) {
        await expect(change()).rejects.toMatchObject({ code: 'CORRUPT_STORE', effect: 'unknown' });
      }
      expect(await findTopic(items, orders)).toMatchObject({
        partitions: 2,
        configs: { 'max.message.bytes': '5000' },
      });
      const refused = broker.addPartitions({ topic: orders, partitions: 2 });
      await expect(refused).rejects.toMatchObject({ code: 'INVALID_PARTITIONS', effect: 'none' });
    });
  });
});
