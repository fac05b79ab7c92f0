/**
 * Committed offsets: what is kept, what is refused, what it costs, and what late writes do not do.
 */
import { describe, expect, it } from 'vitest';
import type { OffsetToCommit } from '../../lib/broker/api.ts';
import { createBroker } from '../../lib/broker/broker.ts';
import { findTopic } from '../../lib/log/topics/find.ts';
import { groupId, topicName } from '../../lib/model/ids.ts';
import { MAX_OFFSET_METADATA_BYTES } from '../../lib/model/limits.ts';
import { add, set } from '../../lib/storage/algebra.ts';
import type { Fault, FaultPlan } from '../../lib/storage/faulty/fault.ts';
import { faultyItems } from '../../lib/storage/faulty/items.ts';
import { GROUP_VERSION, groupStateKey } from '../../lib/storage/keys/group.ts';
import { groupOffsetKey } from '../../lib/storage/keys/group-offset.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import type { ItemStore } from '../../lib/storage/ports.ts';
import { type Meter, meteredItems, newMeter } from '../support/meter.ts';
import { type VirtualRuntime, virtualRuntime } from '../support/virtual-runtime.ts';

const orders = topicName('orders');
const other = topicName('other');
const group = groupId('billing / Zürich');

interface Given {
  readonly runtime: VirtualRuntime;
  readonly items: ItemStore;
  readonly broker: ReturnType<typeof createBroker>;
  /** Another process over the same stores, its items seen through something. */
  readonly another: (wrap?: (items: ItemStore) => ItemStore) => ReturnType<typeof createBroker>;
}

const run = (work: (given: Given) => Promise<void>): Promise<void> => {
  const runtime = virtualRuntime(2);
  const stores = { items: memoryItems(), blobs: memoryBlobs() };
  const another: Given['another'] = (wrap = (items) => items) =>
    createBroker({ ...stores, items: wrap(stores.items), runtime });
  const broker = another();
  return runtime.drive(async () => {
    await broker.createTopic({ name: orders, partitions: 12 });
    await work({ runtime, items: stores.items, broker, another });
  });
};

const at = (partition: number, offset: number, more: Partial<OffsetToCommit> = {}) => ({
  topic: orders,
  partition,
  offset,
  ...more,
});

/** What a later release does when members of the group change, and when an owner of `partition` fetches. */
const ownedAt = async (items: ItemStore, epoch: number, partition: number): Promise<void> => {
  await items.put({ ...groupStateKey(group), v: GROUP_VERSION, epoch });
  const ref = { topicId: (await findTopic(items, orders)).id, partition };
  await items.update(groupOffsetKey(group, ref), {
    change: [set('fence', epoch), add('rev', 1), set('marks', [])],
  });
};

const committed = async (broker: Given['broker'], partition: number): Promise<number> => {
  const named = { group, partitions: [{ topic: orders, partition }] };
  return (await broker.fetchOffsets(named)).offsets[0]!.offset;
};

describe('commitOffsets', () => {
  it('keeps what is committed, for all processes', () =>
    run(async ({ broker, another }) => {
      const offsets = [at(0, 5, { metadata: 'müde', leaderEpoch: 0 }), at(11, 0)];
      expect(await broker.commitOffsets({ group, offsets })).toEqual([
        { topic: orders, partition: 0 },
        { topic: orders, partition: 11 },
      ]);
      expect(await another().fetchOffsets({ group })).toEqual({
        epoch: 0,
        offsets: [
          { topic: orders, partition: 0, offset: 5, metadata: 'müde', leaderEpoch: 0 },
          { topic: orders, partition: 11, offset: 0, metadata: '', leaderEpoch: -1 },
        ],
      });
    }));

  it('may go back as well as on', () =>
    run(async ({ broker }) => {
      for (const offset of [5, 9, 2]) {
        await broker.commitOffsets({ group, offsets: [at(0, offset)] });
        expect(await committed(broker, 0)).toBe(offset);
      }
    }));

  it('answers each partition by itself', () =>
    run(async ({ broker }) => {
      const offsets = [
        at(0, 1),
        at(12, 1),
        at(1, -1),
        at(2, 1.5),
        at(3, 1, { leaderEpoch: -2 }),
        at(4, 1, { metadata: 'ü'.repeat(MAX_OFFSET_METADATA_BYTES / 2) }),
        at(5, 1, { metadata: `ü${'x'.repeat(MAX_OFFSET_METADATA_BYTES - 1)}` }),
        at(0, 1, { topic: other }),
        at(6, 1, { metadata: 'half of \ud83d' }),
      ];
      const results = await broker.commitOffsets({ group, offsets });
      expect(results.map(({ error }) => error?.code)).toEqual([
        undefined,
        'UNKNOWN_TOPIC_OR_PARTITION',
        'INVALID_REQUEST',
        'INVALID_REQUEST',
        'INVALID_REQUEST',
        undefined,
        'OFFSET_METADATA_TOO_LARGE',
        'UNKNOWN_TOPIC_OR_PARTITION',
        'INVALID_REQUEST',
      ]);
      for (const { error } of results) expect(error?.effect ?? 'none').toBe('none');
      expect(results[6]!.error!.message).toMatch(/has 4097 bytes, more than 4096/);
      const { offsets: kept } = await broker.fetchOffsets({ group });
      expect(kept.map(({ partition }) => partition)).toEqual([0, 4]);
    }));

  it.each([
    { offsets: [at(0, 1), at(1, 1), at(0, 2)], says: /Partition 0 of orders is named twice/ },
    { offsets: [at(0, 1)], epoch: -1, says: /epoch is -1/ },
    { offsets: [at(0, 1)], epoch: 0.5, says: /epoch is 0\.5/ },
  ])('refuses a request: $says', ({ says, ...request }) =>
    run(async ({ broker }) => {
      await expect(broker.commitOffsets({ group, ...request })).rejects.toMatchObject({
        code: 'INVALID_REQUEST',
        effect: 'none',
        message: expect.stringMatching(says),
      });
      expect((await broker.fetchOffsets({ group })).offsets).toEqual([]);
    }),
  );

  it('knows a partition that was added elsewhere', () =>
    run(async ({ broker, another }) => {
      await broker.commitOffsets({ group, offsets: [at(0, 1)] });
      await another().addPartitions({ topic: orders, partitions: 13 });
      expect(await broker.commitOffsets({ group, offsets: [at(12, 7)] })).toEqual([
        { topic: orders, partition: 12 },
      ]);
    }));

  it('keeps groups apart, whatever their names', () =>
    run(async ({ broker }) => {
      const names = ['a', 'a#b', 'OFFSET#', 'é', '日本'].map(groupId);
      for (const [n, name] of names.entries()) {
        await broker.commitOffsets({ group: name, offsets: [at(0, n)] });
      }
      for (const [n, name] of names.entries()) {
        expect((await broker.fetchOffsets({ group: name })).offsets).toMatchObject([{ offset: n }]);
      }
    }));

  it('costs one update a partition and no read when this process committed last', () =>
    run(async ({ another }) => {
      let meter: Meter = newMeter();
      const broker = another((items) => meteredItems(items, () => meter));
      const commit = async (offset: number, epoch?: number) => {
        const offsets = Array.from({ length: 5 }, (_, partition) => at(partition, offset));
        meter = newMeter();
        await broker.commitOffsets({ group, offsets, ...(epoch === undefined ? {} : { epoch }) });
        return meter;
      };
      await commit(1);
      for (let n = 0; n < 10; n++) {
        const { calls, writeUnits } = await commit(n, 0);
        expect({ calls, writeUnits }).toEqual({ calls: { update: 5 }, writeUnits: 5 });
      }
      // Whoever does not know the epoch asks for it once a request, and for the topic.
      expect((await commit(1)).calls).toEqual({ get: 3, update: 5 });
    }));

  it('without an epoch is for the topic that has the name now, also where another is believed', () =>
    run(async ({ broker, another }) => {
      const elsewhere = another();
      await elsewhere.commitOffsets({ group, offsets: [at(0, 5)] });
      await broker.deleteTopic(orders);
      await broker.createTopic({ name: orders, partitions: 1 });
      await elsewhere.commitOffsets({ group, offsets: [at(0, 3)] });
      expect((await broker.fetchOffsets({ group })).offsets).toMatchObject([{ offset: 3 }]);
    }));

  it('of a process that does not know what others committed is made all the same', () =>
    run(async ({ broker, another }) => {
      const elsewhere = another();
      await broker.commitOffsets({ group, offsets: [at(0, 1)] });
      for (let n = 0; n < 20; n++) await elsewhere.commitOffsets({ group, offsets: [at(0, n)] });
      expect(await broker.commitOffsets({ group, offsets: [at(0, 70)] })).toEqual([
        { topic: orders, partition: 0 },
      ]);
      expect(await committed(elsewhere, 0)).toBe(70);
    }));

  it.each<Fault>([
    { kind: 'loseAnswer', reason: 'timeout' },
    { kind: 'denySuccess' },
    { kind: 'late', lateMs: 5_000 },
    { kind: 'repeat', repeatMs: 5_000 },
    { kind: 'fail', reason: 'unavailable' },
    { kind: 'refuse', reason: 'throttled' },
  ])('under %o is made once, and a late copy moves nothing back', (fault) =>
    run(async ({ runtime, items, broker, another }) => {
      for (const first of [1, 2]) {
        let seen = 0;
        const plan: FaultPlan = ({ verb }) =>
          verb === 'update' && ++seen === first ? fault : undefined;
        const faulty = faultyItems(items, plan, runtime);
        const hurt = another(() => faulty);
        for (const offset of [10, 20, 30]) {
          const [told] = await hurt.commitOffsets({ group, offsets: [at(first, offset)] });
          expect(told!.error).toBeUndefined();
        }
        expect(await committed(broker, first)).toBe(30);
        await faulty.settle();
        expect(faulty.faults[fault.kind]).toBe(1);
        expect(await committed(broker, first)).toBe(30);
      }
    }),
  );

  it('tells a store at its limit as such', () =>
    run(async ({ runtime, another }) => {
      const plan: FaultPlan = ({ verb }) =>
        verb === 'update' ? { kind: 'refuse', reason: 'throttled' } : undefined;
      const broker = another((items) => faultyItems(items, plan, runtime));
      const [told] = await broker.commitOffsets({ group, offsets: [at(0, 1)] });
      expect(told!.error).toMatchObject({ code: 'THROTTLING_QUOTA_EXCEEDED', effect: 'none' });
    }));
});

describe('a fence', () => {
  it('refuses commits of an epoch below it, also of a process that does not know it yet', () =>
    run(async ({ items, broker, another }) => {
      await broker.commitOffsets({ group, epoch: 4, offsets: [at(0, 1)] });
      await ownedAt(items, 5, 0);
      for (const process of [broker, another()]) {
        const [told] = await process.commitOffsets({ group, epoch: 4, offsets: [at(0, 2)] });
        expect(told!.error).toMatchObject({
          code: 'STALE_MEMBER_EPOCH',
          effect: 'none',
          context: { epoch: 4, fence: 5, partition: 0 },
        });
      }
      expect(await committed(broker, 0)).toBe(1);
      for (const epoch of [5, 6]) {
        const [told] = await broker.commitOffsets({ group, epoch, offsets: [at(0, epoch)] });
        expect(told!.error).toBeUndefined();
      }
      expect(await committed(broker, 0)).toBe(6);
    }));

  it('is of one partition', () =>
    run(async ({ items, broker }) => {
      await broker.commitOffsets({ group, epoch: 4, offsets: [at(0, 1), at(1, 1)] });
      await ownedAt(items, 5, 0);
      const results = await broker.commitOffsets({
        group,
        epoch: 4,
        offsets: [at(0, 2), at(1, 2)],
      });
      expect(results.map(({ error }) => error?.code)).toEqual(['STALE_MEMBER_EPOCH', undefined]);
    }));

  it('lets a commit pass that carries no epoch: it takes the one the group has', () =>
    run(async ({ items, broker }) => {
      await broker.commitOffsets({ group, offsets: [at(0, 1)] });
      await ownedAt(items, 7, 0);
      expect(await broker.commitOffsets({ group, offsets: [at(0, 2)] })).toEqual([
        { topic: orders, partition: 0 },
      ]);
      expect(await broker.fetchOffsets({ group })).toMatchObject({
        epoch: 7,
        offsets: [{ offset: 2 }],
      });
    }));

  it('holds against a commit that is judged while it is raised', () =>
    run(async ({ items, broker, another }) => {
      await broker.commitOffsets({ group, offsets: [at(0, 1)] });
      const overtaken = another((store) => ({
        ...store,
        update: async (key, update) => {
          await ownedAt(items, 9, 0);
          return store.update(key, update);
        },
      }));
      const [told] = await overtaken.commitOffsets({ group, epoch: 8, offsets: [at(0, 2)] });
      expect(told!.error).toMatchObject({ code: 'STALE_MEMBER_EPOCH' });
      expect(await committed(broker, 0)).toBe(1);
    }));
});

describe('fetchOffsets', () => {
  it('tells −1 where nothing was committed, and why where nothing can be', () =>
    run(async ({ broker }) => {
      await broker.commitOffsets({ group, offsets: [at(3, 8)] });
      const partitions = [
        { topic: orders, partition: 2 },
        { topic: orders, partition: 3 },
        { topic: orders, partition: 12 },
        { topic: other, partition: 0 },
      ];
      const { offsets } = await broker.fetchOffsets({ group, partitions });
      expect(offsets.map(({ offset, error }) => [offset, error?.code])).toEqual([
        [-1, undefined],
        [8, undefined],
        [-1, 'UNKNOWN_TOPIC_OR_PARTITION'],
        [-1, 'UNKNOWN_TOPIC_OR_PARTITION'],
      ]);
      expect(await broker.fetchOffsets({ group: groupId('none') })).toEqual({
        epoch: 0,
        offsets: [],
      });
    }));

  it('tells all in order of topic and partition', () =>
    run(async ({ broker }) => {
      await broker.createTopic({ name: other, partitions: 1 });
      await broker.commitOffsets({
        group,
        offsets: [at(0, 1, { topic: other }), at(10, 2), at(9, 3), at(1, 4)],
      });
      const { offsets } = await broker.fetchOffsets({ group });
      expect(offsets.map(({ topic, partition }) => `${topic} ${partition}`)).toEqual([
        'orders 1',
        'orders 9',
        'orders 10',
        'other 0',
      ]);
    }));

  it('tells nothing of a topic that was deleted, or made again, also elsewhere', () =>
    run(async ({ broker, another }) => {
      const elsewhere = another();
      await elsewhere.commitOffsets({ group, offsets: [at(0, 5)] });
      await broker.deleteTopic(orders);
      expect((await elsewhere.fetchOffsets({ group })).offsets).toEqual([]);
      await broker.createTopic({ name: orders, partitions: 1 });
      expect((await elsewhere.fetchOffsets({ group })).offsets).toEqual([]);
      expect(await committed(elsewhere, 0)).toBe(-1);
      await elsewhere.commitOffsets({ group, offsets: [at(0, 2)] });
      expect((await another().fetchOffsets({ group })).offsets).toMatchObject([{ offset: 2 }]);
    }));
});
