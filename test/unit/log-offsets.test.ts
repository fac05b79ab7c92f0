/**
 * List offsets: the two ends, and records by their time, which producers may have written in any order
 * and may have claimed wrongly.
 */
import { describe, expect, it } from 'vitest';
import type { OffsetSpec } from '../../lib/broker/api.ts';
import { createBroker } from '../../lib/broker/broker.ts';
import { crc32c } from '../../lib/bytes/crc32c.ts';
import { setInt16, setInt32, setInt64 } from '../../lib/bytes/integers.ts';
import { topicName } from '../../lib/model/ids.ts';
import { encodeBatch } from '../../lib/record/encode.ts';
import { ATTRIBUTES_AT, CRC_AT, MAX_TIMESTAMP_AT } from '../../lib/record/layout.ts';
import { set } from '../../lib/storage/algebra.ts';
import { faultyBlobs } from '../../lib/storage/faulty/blobs.ts';
import { HEAD, headKey } from '../../lib/storage/keys/head.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import { StoreError } from '../../lib/storage/ports.ts';
import { meteredBlobs, meteredItems, newMeter } from '../support/meter.ts';
import { large, run, setUp, topic } from '../support/two-brokers.ts';
import { virtualRuntime } from '../support/virtual-runtime.ts';

/** A batch of a record for each timestamp; `pad` makes it too large for a head. */
const at = (timestamps: readonly number[], pad = 0): Uint8Array =>
  encodeBatch(
    timestamps.map((timestamp) => ({ key: null, value: Buffer.alloc(pad, 'x'), timestamp })),
  );

const sealed = (batch: Uint8Array): Uint8Array => {
  setInt32(batch, CRC_AT, crc32c(batch.subarray(ATTRIBUTES_AT)) | 0);
  return batch;
};

/** `batch` with another max timestamp in its header. */
const claiming = (batch: Uint8Array, maxTimestamp: number): Uint8Array => {
  setInt64(batch, MAX_TIMESTAMP_AT, maxTimestamp);
  return sealed(batch);
};

/** `batch` as one that says it is gzip, and is not. */
const undecodable = (batch: Uint8Array): Uint8Array => {
  setInt16(batch, ATTRIBUTES_AT, 1);
  return sealed(batch);
};

type Broker = ReturnType<typeof createBroker>;

const find = async (broker: Broker, spec: OffsetSpec) => {
  const [found] = await broker.listOffsets({ partitions: [{ topic, partition: 0, at: spec }] });
  return found!.error ?? [found!.offset, found!.timestamp];
};

const NONE = [-1, -1];

describe('the ends', () => {
  it('are told of every partition asked for, in order, with what is wrong beside them', () =>
    run(
      async ({ broker, produce }) => {
        await produce(at([1, 2, 3]), 1);
        const nowhere = topicName('nowhere');
        const told = await broker.listOffsets({
          partitions: [
            { topic, partition: 1, at: 'latest' },
            { topic, partition: 7, at: 'latest' },
            { topic, partition: 0, at: 'latest' },
            { topic: nowhere, partition: 0, at: 'earliest' },
            { topic, partition: 1, at: 'earliest' },
          ],
        });
        expect(told).toEqual([
          { topic, partition: 1, offset: 3, timestamp: -1 },
          {
            topic,
            partition: 7,
            offset: -1,
            timestamp: -1,
            error: expect.objectContaining({
              code: 'UNKNOWN_TOPIC_OR_PARTITION',
              message: expect.stringContaining('it has 2'),
            }),
          },
          { topic, partition: 0, offset: 0, timestamp: -1 },
          {
            topic: nowhere,
            partition: 0,
            offset: -1,
            timestamp: -1,
            error: expect.objectContaining({ code: 'UNKNOWN_TOPIC_OR_PARTITION' }),
          },
          { topic, partition: 1, offset: 0, timestamp: -1 },
        ]);
      },
      { partitions: 2 },
    ));

  it('are those of the new topic of the same name', () =>
    run(async ({ broker, elsewhere, produce }) => {
      await produce(at([1]));
      expect(await find(elsewhere, 'latest')).toEqual([1, -1]);
      await broker.deleteTopic(topic);
      await broker.createTopic({ name: topic, partitions: 2 });
      expect(await find(elsewhere, 'latest')).toEqual([0, -1]);
    }));

  it('of many partitions cost one call', async () => {
    const runtime = virtualRuntime(3);
    await runtime.drive(async () => {
      const meter = newMeter();
      const items = meteredItems(memoryItems(), () => meter);
      const broker = createBroker({ items, blobs: memoryBlobs(), runtime });
      await broker.createTopic({ name: topic, partitions: 50 });
      await broker.topicLimits(topic);
      for (const verb of Object.keys(meter.calls)) delete meter.calls[verb];
      const partitions = Array.from({ length: 50 }, (_, partition) => ({
        topic,
        partition,
        at: 'latest' as const,
      }));
      expect(await broker.listOffsets({ partitions })).toHaveLength(50);
      expect(meter.calls).toEqual({ get: 1 });
    });
  });
});

describe('by time', () => {
  it('finds the first record, not the first batch, at or after it', () =>
    run(async ({ broker, produce }) => {
      await produce(at([100, 50, 300]));
      await produce(at([200, 400, 400]));
      expect(await find(broker, { timestamp: 0 })).toEqual([0, 100]);
      expect(await find(broker, { timestamp: 100 })).toEqual([0, 100]);
      expect(await find(broker, { timestamp: 101 })).toEqual([2, 300]);
      expect(await find(broker, { timestamp: 301 })).toEqual([4, 400]);
      expect(await find(broker, { timestamp: 401 })).toEqual(NONE);
      expect(await find(broker, 'max-timestamp')).toEqual([4, 400]);
    }));

  it('finds nothing in an empty log, nor where no record has a time', () =>
    run(async ({ broker, produce }) => {
      expect(await find(broker, { timestamp: 0 })).toEqual(NONE);
      expect(await find(broker, 'max-timestamp')).toEqual(NONE);
      await produce(at([-1, -1]));
      expect(await find(broker, { timestamp: 0 })).toEqual(NONE);
      expect(await find(broker, 'max-timestamp')).toEqual(NONE);
    }));

  it('goes on when a batch claims more than it holds', () =>
    run(async ({ broker, produce }) => {
      for (let n = 0; n < 200; n++) await produce(claiming(at([n]), 10_000 + n));
      await produce(at([500]));
      expect(await find(broker, { timestamp: 300 })).toEqual([200, 500]);
      expect(await find(broker, 'max-timestamp')).toEqual([200, 500]);
      expect(await find(broker, { timestamp: 600 })).toEqual(NONE);
    }));

  it('prefers the lower offset among records of one time, whatever their batches claim', () =>
    run(async ({ broker, produce }) => {
      await produce(at([100]));
      await produce(claiming(at([100]), 500));
      expect(await find(broker, 'max-timestamp')).toEqual([0, 100]);
    }));

  it('does not open a batch that claims to be older, as Kafka does not', () =>
    run(async ({ broker, produce }) => {
      await produce(new Uint8Array(Buffer.concat([claiming(at([500]), 100), at([300])])));
      expect(await find(broker, { timestamp: 200 })).toEqual([1, 300]);
    }));

  it('takes the word of a batch whose records cannot be read', () =>
    run(async ({ broker, produce }) => {
      await produce(at([100]));
      await produce(undecodable(at([150, 200])));
      await produce(at([300]));
      expect(await find(broker, { timestamp: 150 })).toEqual([1, 200]);
      expect(await find(broker, { timestamp: 250 })).toEqual([3, 300]);
    }));

  it('does not know records below the log start', () =>
    run(async ({ items, broker, produce, ref }) => {
      await produce(at([900, 100, 200, 300]));
      await produce(undecodable(at([400, 500])));
      await items.update(headKey(ref), { change: [set(HEAD.start, 2)] });
      expect(await find(broker, { timestamp: 0 })).toEqual([2, 200]);
      expect(await find(broker, 'earliest')).toEqual([2, -1]);
      await items.update(headKey(ref), { change: [set(HEAD.start, 5)] });
      expect(await find(broker, { timestamp: 0 })).toEqual([5, 500]);
      expect(await find(broker, 'max-timestamp')).toEqual([5, 500]);
      await produce(new Uint8Array(Buffer.concat([undecodable(at([900])), at([100, 200])])));
      await items.update(headKey(ref), { change: [set(HEAD.start, 7)] });
      expect(await find(broker, { timestamp: 150 })).toEqual([8, 200]);
      expect(await find(broker, 'max-timestamp')).toEqual([8, 200]);
      await items.update(headKey(ref), { change: [set(HEAD.start, 9)] });
      expect(await find(broker, { timestamp: 0 })).toEqual(NONE);
      expect(await find(broker, 'max-timestamp')).toEqual(NONE);
    }));

  it('answers what a look at every record would, whatever was written', () =>
    run(async ({ items, broker, elsewhere, produce, ref, runtime: { random } }) => {
      const upTo = (bound: number): number => Math.floor(random() * bound);
      const log: number[] = [];
      for (let n = 0; n < 150; n++) {
        const shares = Array.from({ length: 1 + upTo(3) }, () => {
          const timestamps = Array.from({ length: 1 + upTo(4) }, () => upTo(200) + n - 1);
          log.push(...timestamps);
          const batch = at(timestamps, random() < 0.3 ? 1_100 : 0);
          return random() < 0.2 ? claiming(batch, Math.max(...timestamps) + upTo(100)) : batch;
        });
        await produce(new Uint8Array(Buffer.concat(shares)));
      }
      for (let start = 0; start < log.length; start += 1 + upTo(40)) {
        await items.update(headKey(ref), { change: [set(HEAD.start, start)] });
        const kept = log.slice(start);
        const first = (wanted: (timestamp: number) => boolean) => {
          const index = kept.findIndex(wanted);
          return index < 0 ? NONE : [start + index, kept[index]];
        };
        const timestamp = upTo(400);
        for (const reader of [broker, elsewhere]) {
          expect(await find(reader, { timestamp })).toEqual(first((one) => one >= timestamp));
          expect(await find(reader, 'max-timestamp')).toEqual(
            first((one) => one === Math.max(...kept)),
          );
        }
      }
    }));

  it('opens only what claims to be new enough', async () => {
    const meter = newMeter();
    await run(
      async ({ elsewhere, produce }) => {
        for (let n = 0; n < 300; n++) await produce(at([1_000 + n], 2_000));
        expect(await find(elsewhere, { timestamp: 1_150 })).toEqual([150, 1_150]);
        expect(meter.calls['blob get']).toBe(1);
        expect(meter.calls.query).toBeLessThanOrEqual(2);
        expect(await find(elsewhere, 'max-timestamp')).toEqual([299, 1_299]);
        expect(meter.calls['blob get']).toBe(2);
        // The rows were at hand.
        expect(meter.calls.query).toBeLessThanOrEqual(2);
      },
      {
        wrap: (blobs) => meteredBlobs(blobs, () => meter),
        wrapItems: (items) => meteredItems(items, () => meter),
      },
    );
  });

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60])('refuses %s', (timestamp) =>
    run(async ({ broker }) => {
      expect(await find(broker, { timestamp })).toMatchObject({
        code: 'INVALID_TIMESTAMP',
        message: expect.stringContaining(`is ${timestamp}; it takes whole milliseconds`),
      });
    }),
  );

  it('refuses what lies further ahead than records may', () =>
    run(async ({ broker, runtime }) => {
      const latest = runtime.now() + 3_600_000;
      expect(await find(broker, { timestamp: latest })).toEqual(NONE);
      expect(await find(broker, { timestamp: latest + 1 })).toMatchObject({
        code: 'INVALID_TIMESTAMP',
        context: { timestamp: latest + 1, latest },
      });
    }));
});

describe('a log that is not as it was', () => {
  it('is read on although it is rolled and deleted meanwhile', () => {
    let meanwhile = async (): Promise<void> => {};
    return run(
      async ({ items, elsewhere, produce, ref }) => {
        for (let n = 0; n < 100; n++) await produce(at([n]));
        meanwhile = async () => {
          // What a sealer does of deleted records, and of their rows.
          const { pk } = headKey(ref);
          await items.update(headKey(ref), {
            change: [set(HEAD.start, 60), set(HEAD.sealed, 48)],
          });
          for (const row of await items.query(pk, 'LOG#', 'LOG#~')) {
            if (row.sk < `LOG#${'48'.padStart(20, '0')}`) await items.delete(row);
          }
        };
        expect(await find(elsewhere, { timestamp: 0 })).toEqual([60, 60]);
        expect(await find(elsewhere, 'max-timestamp')).toEqual([99, 99]);
      },
      {
        wrapItems: (items) => ({
          ...items,
          query: async (...query) => {
            const [then] = [meanwhile];
            meanwhile = async () => {};
            await then();
            return items.query(...query);
          },
        }),
      },
    );
  });

  it('is told as not readable when the store refuses, partition by partition', () => {
    let refuses = false;
    return run(
      async ({ elsewhere, produce }) => {
        await produce(at([1]));
        await elsewhere.topicLimits(topic);
        refuses = true;
        for (const spec of ['latest', { timestamp: 0 }] as const) {
          expect(await find(elsewhere, spec)).toMatchObject({
            code: 'THROTTLING_QUOTA_EXCEEDED',
            effect: 'none',
            retriable: true,
          });
        }
      },
      {
        wrapItems: (items) => ({
          ...items,
          getMany: (keys, options) =>
            refuses
              ? Promise.reject(new StoreError('throttled', 'slow down', { effect: 'none' }))
              : items.getMany(keys, options),
        }),
      },
    );
  });

  it('is told as damaged, never passed over', async () => {
    for (const how of ['missing', 'truncate', 'flip'] as const) {
      const runtime = virtualRuntime(5);
      await runtime.drive(async () => {
        const { elsewhere, produce } = await setUp(runtime, {
          wrap: (blobs) =>
            faultyBlobs(
              blobs,
              ({ verb }) => (verb === 'get' ? { kind: 'damage', how, at: 0.5 } : undefined),
              runtime,
            ),
        });
        await produce(large('0'));
        for (const spec of [{ timestamp: 0 }, 'max-timestamp'] as const) {
          expect(await find(elsewhere, spec)).toMatchObject({
            code: 'CORRUPT_STORE',
            message: expect.stringMatching(/wal\/[0-9a-f]\//),
          });
        }
      });
    }
  });
});
