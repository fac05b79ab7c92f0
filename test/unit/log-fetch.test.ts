/**
 * Reads: limits, waiting, moving heads, and stores that are not what they were.
 */
import { describe, expect, it } from 'vitest';
import { topicName } from '../../lib/model/ids.ts';
import { decodeBatch } from '../../lib/record/decode.ts';
import { set } from '../../lib/storage/algebra.ts';
import { faultyBlobs } from '../../lib/storage/faulty/blobs.ts';
import { HEAD, headKey } from '../../lib/storage/keys/head.ts';
import { batchOf } from '../support/log.ts';
import { large, one, run, setUp, topic } from '../support/two-brokers.ts';
import { virtualRuntime } from '../support/virtual-runtime.ts';

describe('limits', () => {
  it('returns whole batches up to maxBytes, and one even when it is larger', () =>
    run(async ({ broker, produce }) => {
      const sizeBytes = large('0').length;
      for (let n = 0; n < 10; n++) await produce(large(`${n}`));
      expect((await one(broker, 0, { maxBytes: 3 * sizeBytes })).batches).toHaveLength(3);
      expect((await one(broker, 0, { maxBytes: 3 * sizeBytes - 1 })).batches).toHaveLength(2);
      expect((await one(broker, 0, { maxBytes: 1 })).batches).toHaveLength(1);
      expect((await one(broker, 9, { maxBytes: 1 })).nextOffset).toBe(10);
    }));

  it('shares maxBytes between partitions, in their order', () =>
    run(
      async ({ broker, produce }) => {
        for (let n = 0; n < 30; n++) await produce(large(`${n}`), n % 3);
        const results = await broker.fetch({
          partitions: [0, 1, 2].map((partition) => ({
            topic,
            partition,
            offset: 0,
            maxBytes: 2 * large('0').length,
          })),
          maxBytes: 3 * large('0').length,
        });
        expect(results.map(({ batches }) => batches.length)).toEqual([2, 1, 0]);
        expect(results.map(({ nextOffset }) => nextOffset)).toEqual([2, 1, 0]);
      },
      { partitions: 3 },
    ));

  it('begins with the batch that holds the offset, in the middle of an entry too', () =>
    run(async ({ broker, elsewhere, produce }) => {
      // What arrives together shares an entry.
      await Promise.all(Array.from({ length: 6 }, (_, n) => produce(large(`${n}`))));
      for (const reader of [broker, elsewhere]) {
        const { batches } = await one(reader, 4, { maxBytes: 1 });
        expect(batches.map((batch) => decodeBatch(batch).header.baseOffset)).toEqual([4]);
        const rest = await one(reader, 3);
        expect(rest.batches.map((batch) => decodeBatch(batch).header.baseOffset)).toEqual([
          3, 4, 5,
        ]);
      }
    }));

  it('tells both ends when the offset is outside', () =>
    run(async ({ broker, produce }) => {
      await produce(large('0'));
      for (const offset of [2, 99]) {
        expect(await one(broker, offset)).toMatchObject({
          error: { code: 'OFFSET_OUT_OF_RANGE', message: expect.stringContaining('from 0 to 1') },
          logStartOffset: 0,
          highWatermark: 1,
        });
      }
      expect(await one(broker, 'latest')).toMatchObject({ batches: [], nextOffset: 1 });
      expect((await one(broker, 'earliest')).batches).toHaveLength(1);
    }));

  it('does not let a bad partition harm a good one', () =>
    run(async ({ broker, produce }) => {
      await produce(large('0'));
      const results = await broker.fetch({
        partitions: [
          { topic, partition: 7, offset: 0 },
          { topic, partition: 0, offset: 0 },
          { topic: topicName('nowhere'), partition: 0, offset: 0 },
        ],
        maxWaitMs: 5_000,
      });
      expect(results.map(({ error }) => error?.code)).toEqual([
        'UNKNOWN_TOPIC_OR_PARTITION',
        undefined,
        'UNKNOWN_TOPIC_OR_PARTITION',
      ]);
      expect(results[1]!.batches).toHaveLength(1);
    }));
});

describe('waiting', () => {
  it('ends at once when this process appends, soon when another does', () =>
    run(async ({ broker, elsewhere, produce, runtime }) => {
      for (const [reader, mostMs] of [
        [broker, 0],
        [elsewhere, 500],
      ] as const) {
        const waiting = one(reader, 'latest', { maxWaitMs: 60_000 });
        await runtime.sleep(10_000);
        const sentMs = runtime.monotonicMs();
        await produce(large('now'));
        const { batches } = await waiting;
        expect(batches).toHaveLength(1);
        expect(runtime.monotonicMs() - sentMs).toBeLessThanOrEqual(mostMs);
      }
    }));

  it('ends when the time is up, or the caller leaves', () =>
    run(async ({ broker, runtime }) => {
      const start = runtime.monotonicMs();
      expect((await one(broker, 0, { maxWaitMs: 1_500 })).batches).toEqual([]);
      expect(runtime.monotonicMs() - start).toBe(1_500);
      const leaving = new AbortController();
      const waiting = one(broker, 0, { maxWaitMs: 60_000, signal: leaving.signal });
      await runtime.sleep(100);
      leaving.abort();
      await waiting;
      expect(runtime.monotonicMs() - start).toBeLessThan(1_700);
    }));

  it('waits for minBytes', () =>
    run(async ({ broker, produce, runtime }) => {
      const waiting = one(broker, 0, { maxWaitMs: 10_000, minBytes: 7_000 });
      for (let n = 0; n < 3; n++) {
        await runtime.sleep(100);
        await produce(large(`${n}`));
      }
      expect((await waiting).batches).toHaveLength(3);
    }));
});

describe('what is not as it was', () => {
  it('names the object that is missing, cut or flipped, and serves what is whole', async () => {
    for (const how of ['missing', 'truncate', 'flip'] as const) {
      let broken = true;
      const runtime = virtualRuntime(5);
      await runtime.drive(async () => {
        const { elsewhere, produce } = await setUp(runtime, {
          wrap: (blobs) =>
            faultyBlobs(
              blobs,
              ({ verb }) =>
                broken && verb === 'get' ? { kind: 'damage', how, at: 0.5 } : undefined,
              runtime,
            ),
        });
        await produce(large('0'));
        expect(await one(elsewhere, 0)).toMatchObject({
          batches: [],
          error: { code: 'CORRUPT_STORE', message: expect.stringMatching(/wal\/[0-9a-f]\//) },
        });
        broken = false;
        expect((await one(elsewhere, 0)).batches).toHaveLength(1);
      });
    }
  });

  it('never skips over a row that is not there', () =>
    run(async ({ items, elsewhere, produce, ref }) => {
      for (let n = 0; n < 60; n++) await produce(large(`${n}`));
      const rows = await items.query(`P#${ref.topicId}#0`, 'LOG#', 'LOG#~');
      expect(rows.length).toBeGreaterThan(1);
      await items.delete(rows[1]!);
      const [gap] = await elsewhere.fetch({
        partitions: [{ topic, partition: 0, offset: 0 }],
        maxBytes: 10_000_000,
      });
      expect(gap).toMatchObject({ error: { code: 'CORRUPT_STORE' } });
    }));

  it('tells an offset that was deleted meanwhile as out of range', () =>
    run(async ({ items, elsewhere, produce, ref }) => {
      for (let n = 0; n < 5; n++) await produce(large(`${n}`));
      await items.update(headKey(ref), { change: [set(HEAD.start, 3)] });
      expect((await one(elsewhere, 2)).error?.code).toBe('OFFSET_OUT_OF_RANGE');
      expect((await one(elsewhere, 'earliest')).batches).toHaveLength(2);
    }));

  it('finds the new topic of the same name', () =>
    run(async ({ broker, elsewhere, produce }) => {
      await produce(large('old'));
      expect((await one(elsewhere, 0)).batches).toHaveLength(1);
      await broker.deleteTopic(topic);
      expect((await one(elsewhere, 0)).error?.code).toBe('UNKNOWN_TOPIC_OR_PARTITION');
      await broker.createTopic({ name: topic, partitions: 1 });
      expect(await one(elsewhere, 0)).toMatchObject({ batches: [], highWatermark: 0 });
      expect(await produce(large('new'))).toMatchObject({ baseOffsets: [0] });
      const [result] = await elsewhere.produce({
        topic,
        partitions: [{ partition: 0, batches: large('newer') }],
      });
      expect(result).toMatchObject({ baseOffsets: [1] });
    }));

  it('reads while rolls go on', () =>
    run(async ({ broker, produce }) => {
      const values: string[] = [];
      const reading = (async () => {
        for (let offset = 0; offset < 300; ) {
          const result = await one(broker, offset, { maxWaitMs: 1_000, maxBytes: 9_000 });
          if (result.error) throw result.error;
          for (const batch of result.batches) {
            for (const { offset: at, value } of decodeBatch(batch).records) {
              if (at >= offset) values.push(Buffer.from(value!).toString().replace(/x+$/, ''));
            }
          }
          offset = result.nextOffset;
        }
      })();
      for (let n = 0; n < 300; n++) await produce(n % 2 === 0 ? large(`${n}`) : batchOf([`${n}`]));
      await reading;
      expect(values).toEqual(Array.from({ length: 300 }, (_, n) => `${n}`));
    }));
});
