/**
 * Delete records: where a log begins afterwards, what it weighs, what can still be read, and what is told
 * when the store is not what it should be.
 */
import { describe, expect, it } from 'vitest';
import type { createBroker } from '../../lib/broker/broker.ts';
import { topicName } from '../../lib/model/ids.ts';
import type { Fault, FaultPlan } from '../../lib/storage/faulty/fault.ts';
import { faultyItems } from '../../lib/storage/faulty/items.ts';
import type { ItemStore } from '../../lib/storage/ports.ts';
import { batchOf } from '../support/log.ts';
import { meteredItems, newMeter } from '../support/meter.ts';
import { large, one, run, setUp, topic } from '../support/two-brokers.ts';
import { virtualRuntime } from '../support/virtual-runtime.ts';

type Broker = ReturnType<typeof createBroker>;

/** The new start, or the error. */
const cut = async (broker: Broker, before: number | 'latest') => {
  const [result] = await broker.deleteRecords({ partitions: [{ topic, partition: 0, before }] });
  return result!.error ?? result!.logStartOffset;
};

const state = async (broker: Broker) => (await broker.describeTopic(topic)).partitions[0]!;

describe('a log whose records are deleted', () => {
  it('begins there, weighs what is left, and tells both ends to who reads below', () =>
    run(async ({ broker, elsewhere, produce }) => {
      for (let n = 0; n < 60; n++) await produce(large(`${n}`));
      const { length } = large('10');
      await one(elsewhere, 20);
      expect(await cut(elsewhere, 30)).toBe(30);
      expect(await state(broker)).toMatchObject({
        logStartOffset: 30,
        logEndOffset: 60,
        sizeBytes: 30 * length,
      });
      // Both have the batches below in memory.
      for (const reader of [broker, elsewhere]) {
        expect(await one(reader, 29)).toMatchObject({
          batches: [],
          error: { code: 'OFFSET_OUT_OF_RANGE', context: { logStartOffset: 30, logEndOffset: 60 } },
        });
        expect(await one(reader, 'earliest', { maxBytes: 1 })).toMatchObject({ nextOffset: 31 });
      }
      expect(await cut(broker, 'latest')).toBe(60);
      expect(await state(broker)).toMatchObject({ logStartOffset: 60, sizeBytes: 0 });
      expect(await produce(large('60'))).toMatchObject({ baseOffsets: [60], logStartOffset: 60 });
      expect(await state(broker)).toMatchObject({ sizeBytes: length });
    }));

  it('weighs an entry as long as one of its records is left', () =>
    run(async ({ broker, produce }) => {
      const [first, second] = [batchOf(['a', 'b', 'c']), batchOf(['d'])];
      const sizes = [first.length, second.length] as const;
      await produce(first);
      await produce(second);
      expect(await cut(broker, 2)).toBe(2);
      expect(await state(broker)).toMatchObject({ sizeBytes: sizes[0] + sizes[1] });
      expect(await cut(broker, 3)).toBe(3);
      expect(await state(broker)).toMatchObject({ sizeBytes: sizes[1] });
      expect(await cut(broker, 4)).toBe(4);
      expect(await state(broker)).toMatchObject({ sizeBytes: 0 });
    }));

  it('stays as it is when it begins there already, or later', () => {
    const meter = newMeter();
    return run(
      async ({ elsewhere, produce }) => {
        expect(await cut(elsewhere, 'latest')).toBe(0);
        for (let n = 0; n < 4; n++) await produce(large(`${n}`));
        expect(await cut(elsewhere, 3)).toBe(3);
        const { update } = meter.calls;
        for (const before of [3, 0]) expect(await cut(elsewhere, before)).toBe(3);
        expect(meter.calls.update).toBe(update);
      },
      { wrapItems: (items) => meteredItems(items, () => meter) },
    );
  });

  it('refuses what lies beyond its end, and what is no offset', () =>
    run(async ({ broker, produce }) => {
      await produce(batchOf(['a', 'b']));
      expect(await cut(broker, 3)).toMatchObject({
        code: 'OFFSET_OUT_OF_RANGE',
        message: expect.stringContaining('goes from 0 to 2'),
        context: { offset: 3, logStartOffset: 0, logEndOffset: 2 },
      });
      for (const before of [-1, 0.5, Number.NaN, 2 ** 60]) {
        expect(await cut(broker, before)).toMatchObject({
          code: 'INVALID_REQUEST',
          message: expect.stringContaining(`offset ${before};`),
        });
      }
      expect(await state(broker)).toMatchObject({ logStartOffset: 0 });
    }));

  it('still knows the offset of a repeated batch, and a tail is rolled as ever', () =>
    run(async ({ broker, produce }) => {
      const of = (baseSequence: number) =>
        batchOf([`${baseSequence}`], { producerId: 7, producerEpoch: 0, baseSequence });
      for (let n = 0; n < 20; n++) await produce(of(n));
      expect(await cut(broker, 'latest')).toBe(20);
      expect(await produce(of(19))).toMatchObject({ baseOffsets: [19] });
      for (let n = 20; n < 80; n++) {
        expect(await produce(of(n))).toMatchObject({ baseOffsets: [n] });
      }
      expect((await one(broker, 'earliest')).batches).toHaveLength(60);
    }));

  it('leaves other partitions alone, and tells what is wrong with one', () =>
    run(
      async ({ broker, elsewhere, produce }) => {
        await produce(batchOf(['a']), 1);
        const nowhere = topicName('nowhere');
        const ask = [
          { topic, partition: 1, before: 'latest' as const },
          { topic, partition: 2, before: 0 },
          { topic: nowhere, partition: 0, before: 0 },
          { topic, partition: 0, before: 0 },
        ];
        const unknown = expect.objectContaining({ code: 'UNKNOWN_TOPIC_OR_PARTITION' });
        expect(await elsewhere.deleteRecords({ partitions: ask })).toEqual([
          { topic, partition: 1, logStartOffset: 1 },
          { topic, partition: 2, logStartOffset: -1, error: unknown },
          { topic: nowhere, partition: 0, logStartOffset: -1, error: unknown },
          { topic, partition: 0, logStartOffset: 0 },
        ]);
        await broker.deleteTopic(topic);
        await broker.createTopic({ name: topic, partitions: 1 });
        await produce(batchOf(['a']));
        expect(await cut(elsewhere, 'latest')).toBe(1);
      },
      { partitions: 2 },
    ));
});

describe('what it costs', () => {
  it('is one read and one update for all there is, and rows of the shorter side else', async () => {
    const meter = newMeter();
    const reset = (): void => {
      for (const verb of Object.keys(meter.calls)) delete meter.calls[verb];
    };
    await run(
      async ({ elsewhere, produce }) => {
        for (let n = 0; n < 1_800; n++) await produce(batchOf([`${n}`]));
        await elsewhere.topicLimits(topic);
        // From the first row on, one and then many; from the row that is cut to the tail, that row alone.
        for (const [before, query] of [
          [20, 2],
          [1_780, 1],
        ] as const) {
          reset();
          expect(await cut(elsewhere, before)).toBe(before);
          expect(meter.calls).toEqual({ get: 1, query, update: 1 });
        }
        reset();
        expect(await cut(elsewhere, 'latest')).toBe(1_800);
        expect(meter.calls).toEqual({ get: 1, update: 1 });
        expect(await state(elsewhere)).toMatchObject({ sizeBytes: 0 });
      },
      { wrapItems: (items) => meteredItems(items, () => meter) },
    );
  });
});

describe('beside others', () => {
  it('deletes and appends at once leave what they say', () =>
    run(async ({ broker, elsewhere, produce, runtime }) => {
      const told: unknown[] = [];
      const { length } = batchOf(['x']);
      const deleting = [broker, elsewhere, broker].map(async (by, index) => {
        for (let n = 0; n < 30; n++) {
          await runtime.sleep(3 + index);
          const { logEndOffset } = await state(by);
          told.push(await cut(by, Math.max(0, logEndOffset - 5 - index)));
        }
      });
      for (let n = 0; n < 150; n++) {
        await produce(batchOf(['x']));
        await runtime.sleep(1);
      }
      await Promise.all(deleting);
      for (const start of told) expect(start).toEqual(expect.any(Number));
      const { logStartOffset, logEndOffset, sizeBytes } = await state(broker);
      expect(logStartOffset).toBe(Math.max(...(told as number[])));
      expect(logEndOffset).toBe(150);
      expect(sizeBytes).toBe((logEndOffset - logStartOffset) * length);
    }));
});

describe('a store that fails', () => {
  /** A broker elsewhere whose updates have these faults, in turn. */
  const failing = async (
    faults: readonly (Fault | undefined)[],
    work: (world: Awaited<ReturnType<typeof setUp>>, settle: () => Promise<void>) => Promise<void>,
  ) => {
    const runtime = virtualRuntime(5);
    let next = 0;
    const plan: FaultPlan = ({ verb }) =>
      verb === 'update' ? faults[Math.min(next++, faults.length - 1)] : undefined;
    let settle = async (): Promise<void> => {};
    await runtime.drive(async () => {
      const world = await setUp(runtime, {
        wrapItems: (items: ItemStore) => {
          const faulty = faultyItems(items, plan, runtime);
          settle = faulty.settle;
          return faulty;
        },
      });
      for (let n = 0; n < 8; n++) await world.produce(batchOf([`${n}`]));
      await work(world, settle);
    });
  };
  const size = batchOf(['0']).length;

  it.each([
    { kind: 'loseAnswer', reason: 'timeout' },
    { kind: 'denySuccess' },
    { kind: 'fail', reason: 'unavailable' },
    { kind: 'refuse', reason: 'throttled' },
  ] as const)('$kind: it is done all the same, once', (fault) =>
    failing([fault, undefined], async ({ elsewhere }) => {
      expect(await cut(elsewhere, 3)).toBe(3);
      expect(await state(elsewhere)).toMatchObject({ logStartOffset: 3, sizeBytes: 5 * size });
    }),
  );

  it.each([
    { kind: 'repeat', repeatMs: 5_000 },
    { kind: 'late', lateMs: 5_000 },
  ] as const)('$kind: a late copy changes nothing', (fault) =>
    failing([fault, undefined], async ({ broker, elsewhere }, settle) => {
      expect(await cut(elsewhere, 3)).toBe(3);
      expect(await cut(broker, 5)).toBe(5);
      await settle();
      expect(await state(broker)).toMatchObject({ logStartOffset: 5, sizeBytes: 3 * size });
    }),
  );

  it('that refuses: told that nothing happened', () =>
    failing([{ kind: 'refuse', reason: 'throttled' }], async ({ broker, elsewhere }) => {
      expect(await cut(elsewhere, 3)).toMatchObject({
        code: 'THROTTLING_QUOTA_EXCEEDED',
        effect: 'none',
      });
      expect(await state(broker)).toMatchObject({ logStartOffset: 0 });
    }));

  it('that refuses once another has moved the start: nothing of ours is under way any more', () =>
    failing(
      [
        { kind: 'fail', reason: 'timeout', afterMs: 50 },
        { kind: 'refuse', reason: 'throttled' },
      ],
      async ({ broker, elsewhere }) => {
        await elsewhere.topicLimits(topic);
        const told = cut(elsewhere, 3);
        expect(await cut(broker, 2)).toBe(2);
        expect(await told).toMatchObject({ code: 'THROTTLING_QUOTA_EXCEEDED', effect: 'none' });
      },
    ));

  it('that does not answer: told that nobody knows', () =>
    failing([{ kind: 'fail', reason: 'timeout' }], async ({ elsewhere }) => {
      expect(await cut(elsewhere, 3)).toMatchObject({ effect: 'unknown', retriable: true });
    }));

  it('and a topic that goes meanwhile: told as unknown', () =>
    failing([{ kind: 'fail', reason: 'timeout', afterMs: 50 }], async ({ broker, elsewhere }) => {
      await elsewhere.topicLimits(topic);
      const told = cut(elsewhere, 3);
      await broker.deleteTopic(topic);
      expect(await told).toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION', effect: 'unknown' });
    }));
});
