/**
 * Topics: what is made, told and left behind, also when calls are doubted or a process dies half way.
 */
import { describe, expect, it } from 'vitest';
import { createBroker } from '../../lib/broker/broker.ts';
import { createTopic } from '../../lib/log/topics/create.ts';
import { deleteTopic } from '../../lib/log/topics/delete.ts';
import { findTopic, partitionRefs } from '../../lib/log/topics/find.ts';
import { topicName } from '../../lib/model/ids.ts';
import { ABANDONED_TOPIC_MS } from '../../lib/model/limits.ts';
import { decodeBatch } from '../../lib/record/decode.ts';
import { set } from '../../lib/storage/algebra.ts';
import { Crashed } from '../../lib/storage/faulty/fault.ts';
import { faultyItems } from '../../lib/storage/faulty/items.ts';
import { stopAt } from '../../lib/storage/faulty/plans.ts';
import { FLOOR_KEY } from '../../lib/storage/keys/counter.ts';
import { headKey, ifHead, readHead } from '../../lib/storage/keys/head.ts';
import { DELETE_TOPIC_DUTY } from '../../lib/storage/keys/topic.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import { batchOf } from '../support/log.ts';
import { virtualRuntime } from '../support/virtual-runtime.ts';

const orders = topicName('orders');

const setUp = () => {
  const runtime = virtualRuntime(2);
  const items = memoryItems();
  const broker = createBroker({ items, blobs: memoryBlobs(), runtime });
  return { runtime, items, broker };
};

describe('topics', () => {
  it('are described with their configs, where these come from, and their offsets', async () => {
    const { runtime, broker } = setUp();
    await runtime.drive(async () => {
      await broker.createTopic({
        name: orders,
        partitions: 3,
        configs: { 'max.message.bytes': '2000' },
      });
      await broker.produce({
        topic: orders,
        partitions: [{ partition: 1, batches: batchOf(['a', 'b']) }],
      });
      const described = await broker.describeTopic(orders);
      expect(described).toMatchObject({
        name: 'orders',
        createdAt: expect.any(Number),
        partitions: [
          { partition: 0, logStartOffset: 0, logEndOffset: 0, sizeBytes: 0 },
          { partition: 1, logEndOffset: 2, sizeBytes: batchOf(['a', 'b']).length },
          { partition: 2, logEndOffset: 0 },
        ],
      });
      expect(described.configs.map(({ name, value, source }) => [name, value, source])).toEqual([
        ['max.message.bytes', '2000', 'DYNAMIC_TOPIC_CONFIG'],
        ['message.timestamp.after.max.ms', '3600000', 'DEFAULT_CONFIG'],
        ['message.timestamp.type', 'CreateTime', 'DEFAULT_CONFIG'],
        ['retention.ms', '604800000', 'DEFAULT_CONFIG'],
      ]);
    });
  });

  it('are listed in order of name, a page at a time', async () => {
    const { runtime, broker } = setUp();
    await runtime.drive(async () => {
      for (const name of ['b', 'a', 'c-1', 'c.2', 'Z']) {
        await broker.createTopic({ name: topicName(name), partitions: 1 });
      }
      const names: string[] = [];
      let after: string | undefined;
      do {
        const page = await broker.listTopics({
          limit: 2,
          ...(after === undefined ? {} : { after }),
        });
        expect(page.topics.length).toBeLessThanOrEqual(2);
        names.push(...page.topics.map(({ name }) => name));
        after = page.next;
      } while (after !== undefined);
      expect(names).toEqual(['Z', 'a', 'b', 'c-1', 'c.2']);
    });
  });

  it('are refused with a name taken, no partitions, and configs that nothing acts on', async () => {
    const { runtime, broker } = setUp();
    await runtime.drive(async () => {
      await broker.createTopic({ name: orders, partitions: 1 });
      const refused = async (
        request: Parameters<typeof broker.createTopic>[0],
        code: string,
        says: RegExp,
      ) =>
        expect(await broker.createTopic(request).catch((error) => error)).toMatchObject({
          code,
          effect: 'none',
          message: expect.stringMatching(says),
        });
      const name = topicName('other');
      await refused({ name: orders, partitions: 1 }, 'TOPIC_ALREADY_EXISTS', /orders exists/);
      await refused({ name, partitions: 0 }, 'INVALID_PARTITIONS', /1 to 10000/);
      await refused({ name, partitions: 1.5 }, 'INVALID_PARTITIONS', /1\.5/);
      await refused(
        { name, partitions: 1, configs: { 'no.such': '1' } },
        'INVALID_CONFIG',
        /no\.such/,
      );
      await refused(
        { name, partitions: 1, configs: { 'max.message.bytes': 'ten' } },
        'INVALID_CONFIG',
        /"ten"; it takes a whole number from/,
      );
    });
  });

  it('two made at once under one name are one', async () => {
    const { runtime, items } = setUp();
    await runtime.drive(async () => {
      const make = () => createTopic(items, runtime, { name: orders, partitions: 4, configs: {} });
      const results = await Promise.allSettled([make(), make(), make()]);
      const made = results.filter(({ status }) => status === 'fulfilled');
      expect(made).toHaveLength(1);
      const topic = await findTopic(items, orders);
      expect((made[0] as PromiseFulfilledResult<typeof topic>).value).toEqual(topic);
    });
  });

  it('take the floor from the counter, also when it rises while they are made', async () => {
    const { runtime, items } = setUp();
    await runtime.drive(async () => {
      await items.put({ ...FLOOR_KEY, value: 700 });
      let heads = 0;
      const meanwhile = {
        ...items,
        put: async (...args: Parameters<typeof items.put>) => {
          await items.put(...args);
          if (args[0].sk === 'HEAD' && ++heads === 2) {
            await items.update(FLOOR_KEY, { change: [set('value', 900)] });
          }
        },
      };
      const topic = await createTopic(meanwhile, runtime, {
        name: orders,
        partitions: 3,
        configs: {},
      });
      for (const ref of partitionRefs(topic)) {
        expect(readHead((await items.get(headKey(ref)))!).floor).toBe(900);
      }
    });
  });

  it('deleted leave the name free, no head, and the rest as a duty', async () => {
    const { runtime, items, broker } = setUp();
    await runtime.drive(async () => {
      await broker.createTopic({ name: orders, partitions: 2 });
      const topic = await findTopic(items, orders);
      await broker.deleteTopic(orders);
      for (const ref of partitionRefs(topic))
        expect(ifHead(await items.get(headKey(ref)))).toBeUndefined();
      expect(await items.due(DELETE_TOPIC_DUTY, runtime.now())).toMatchObject([
        { sk: topic.id, name: 'orders', partitions: 2 },
      ]);
      await expect(broker.describeTopic(orders)).rejects.toMatchObject({
        code: 'UNKNOWN_TOPIC_OR_PARTITION',
      });
      await expect(broker.deleteTopic(orders)).rejects.toMatchObject({
        code: 'UNKNOWN_TOPIC_OR_PARTITION',
      });
      await broker.createTopic({ name: orders, partitions: 5 });
      expect((await findTopic(items, orders)).id).not.toBe(topic.id);
    });
  });

  it('are not changed by a late copy of any write that made or deleted them', async () => {
    const { runtime, items } = setUp();
    await runtime.drive(async () => {
      const late = faultyItems(
        items,
        ({ verb }) => (verb === 'put' ? { kind: 'repeat', repeatMs: 1_000 } : undefined),
        runtime,
      );
      const blobs = memoryBlobs();
      const broker = createBroker({ items: late, blobs, runtime });
      await broker.createTopic({ name: orders, partitions: 2 });
      const produce = (batch: Uint8Array) =>
        broker.produce({ topic: orders, partitions: [{ partition: 0, batches: batch }] });
      await produce(batchOf(['a']));
      await late.settle();
      expect(await produce(batchOf(['b']))).toMatchObject([{ baseOffsets: [1] }]);

      await broker.deleteTopic(orders);
      await broker.createTopic({ name: orders, partitions: 1 });
      await broker.deleteTopic(orders);
      await late.settle();
      const fresh = createBroker({ items, blobs, runtime });
      await expect(fresh.describeTopic(orders)).rejects.toMatchObject({
        code: 'UNKNOWN_TOPIC_OR_PARTITION',
      });
      expect((await fresh.listTopics()).topics).toEqual([]);
      await fresh.createTopic({ name: orders, partitions: 3 });
      expect((await fresh.listTopics()).topics).toMatchObject([{ name: 'orders', partitions: 3 }]);
    });
  });

  it('are there or not, never half, wherever a process dies while it makes or deletes one', async () => {
    for (let n = 1; n <= 12; n++) {
      const { runtime, items } = setUp();
      await runtime.drive(async () => {
        const dying = faultyItems(items, stopAt(n), runtime);
        const made = await createTopic(dying, runtime, { name: orders, partitions: 3, configs: {} })
          .then(() => deleteTopic(dying, runtime, orders))
          .catch((error) => error);
        if (made !== undefined) expect(made).toBeInstanceOf(Crashed);
        const topic = await findTopic(items, orders).catch(() => undefined);
        if (topic !== undefined) {
          for (const ref of partitionRefs(topic))
            expect(ifHead(await items.get(headKey(ref)))).toBeDefined();
          await deleteTopic(items, runtime, orders);
        }
        await runtime.sleep(ABANDONED_TOPIC_MS + 1);
        await createTopic(items, runtime, { name: orders, partitions: 1, configs: {} });
      });
    }
  });
});

describe('message.timestamp.type', () => {
  it('LogAppendTime gives records the time of the append', async () => {
    const { runtime, broker } = setUp();
    await runtime.drive(async () => {
      await broker.createTopic({
        name: orders,
        partitions: 1,
        configs: { 'message.timestamp.type': 'LogAppendTime' },
      });
      await runtime.sleep(5_000);
      const [result] = await broker.produce({
        topic: orders,
        partitions: [{ partition: 0, batches: batchOf(['a']) }],
      });
      expect(result!.logAppendTime).toBe(runtime.now());
      const [fetched] = await broker.fetch({
        partitions: [{ topic: orders, partition: 0, offset: 0 }],
      });
      const { header, records } = decodeBatch(fetched!.batches[0]!);
      expect(header.timestampType).toBe('LogAppendTime');
      expect(records[0]!.timestamp).toBe(runtime.now());
    });
  });
});
