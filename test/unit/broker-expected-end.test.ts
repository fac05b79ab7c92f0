/**
 * Produce at an expected end: the share lands there whole, or nothing of it does, and the caller is told
 * where the log ends.
 */
import { describe, expect, it } from 'vitest';
import type { ProducePartitionResult } from '../../lib/broker/api.ts';
import type { createBroker } from '../../lib/broker/broker.ts';
import { decodeBatch } from '../../lib/record/decode.ts';
import { set } from '../../lib/storage/algebra.ts';
import type { Fault, FaultPlan } from '../../lib/storage/faulty/fault.ts';
import { faultyItems } from '../../lib/storage/faulty/items.ts';
import { HEAD, headKey } from '../../lib/storage/keys/head.ts';
import { batchOf } from '../support/log.ts';
import { meteredItems, newMeter } from '../support/meter.ts';
import { large, one, run, setUp, topic } from '../support/two-brokers.ts';
import { virtualRuntime } from '../support/virtual-runtime.ts';

type Broker = ReturnType<typeof createBroker>;

const join = (...batches: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(batches));

/** Appends at `expectedEnd`, anywhere when there is none. */
const send = async (
  broker: Broker,
  batches: Uint8Array,
  expectedEnd?: number,
): Promise<ProducePartitionResult> => {
  const share = { partition: 0, batches: new Uint8Array(batches) };
  const [result] = await broker.produce({
    topic,
    partitions: [expectedEnd === undefined ? share : { ...share, expectedEnd }],
  });
  return result!;
};

const valuesIn = async (broker: Broker): Promise<string[]> =>
  (await one(broker, 'earliest', { maxBytes: 1 << 20 })).batches.flatMap((batch) =>
    decodeBatch(batch).records.map(({ value }) => Buffer.from(value!).toString().slice(0, 12)),
  );

const sequence = (baseSequence: number, producerEpoch = 0) => ({
  producerId: 7,
  producerEpoch,
  baseSequence,
});

describe('an append at an expected end', () => {
  it('lands there, and nowhere else', () =>
    run(async ({ broker, elsewhere, produce }) => {
      expect(await send(broker, batchOf(['a', 'b']), 0)).toMatchObject({ baseOffsets: [0] });
      await produce(batchOf(['c']));
      for (const [by, expectedEnd] of [
        [broker, 2],
        [broker, 4],
        [elsewhere, 0],
        [elsewhere, 99],
      ] as const) {
        expect(await send(by, batchOf(['x']), expectedEnd)).toMatchObject({
          baseOffsets: [-1],
          error: {
            code: 'UNEXPECTED_LOG_END',
            effect: 'none',
            retriable: false,
            context: { partition: 0, expectedEnd, logEndOffset: 3 },
            message: expect.stringContaining(`ends at 3, not at the expected ${expectedEnd}`),
          },
        });
      }
      expect(await send(elsewhere, large('d'), 3)).toMatchObject({ baseOffsets: [3] });
      expect(await send(broker, batchOf(['e']), 4)).toMatchObject({ baseOffsets: [4] });
      expect((await valuesIn(broker)).map((value) => value[0])).toEqual(['a', 'b', 'c', 'd', 'e']);
    }));

  it('is told where the log ends now, not where this process last saw it end', () =>
    run(async ({ broker, elsewhere }) => {
      await send(broker, batchOf(['a', 'b']));
      await send(elsewhere, batchOf(['c']));
      // Refused by what the process knows already, and still not by that alone.
      expect(await send(broker, batchOf(['x']), 0)).toMatchObject({
        error: { code: 'UNEXPECTED_LOG_END', context: { logEndOffset: 3 } },
      });
    }));

  it('is whole: all batches one after the other, or none', () =>
    run(async ({ broker, elsewhere }) => {
      const share = join(batchOf(['a', 'b']), batchOf(['c']), large('d'));
      expect(await send(broker, share, 0)).toMatchObject({ baseOffsets: [0, 2, 3] });
      expect(await send(elsewhere, share, 3)).toMatchObject({
        baseOffsets: [-1, -1, -1],
        error: { code: 'UNEXPECTED_LOG_END', effect: 'none' },
      });
      expect(await valuesIn(broker)).toHaveLength(4);
    }));

  it.each([-1, 0.5, Number.NaN, 2 ** 53])('refuses %s as no offset', (expectedEnd) =>
    run(async ({ broker }) => {
      expect(await send(broker, batchOf(['a']), expectedEnd)).toMatchObject({
        error: {
          code: 'INVALID_REQUEST',
          effect: 'none',
          message: expect.stringContaining(`expectedEnd is ${expectedEnd};`),
        },
      });
    }),
  );

  it('of two with the same, exactly one wins, in one process and in two', () =>
    run(async ({ broker, elsewhere }) => {
      for (let round = 0; round < 40; round++) {
        const rival = round % 2 === 0 ? elsewhere : broker;
        const told = await Promise.all([
          send(broker, batchOf([`a${round}`]), round),
          send(rival, round % 3 === 0 ? large('b') : batchOf([`b${round}`]), round),
        ]);
        const won = told.filter(({ error }) => error === undefined);
        expect(won).toHaveLength(1);
        expect(won[0]!.baseOffsets).toEqual([round]);
      }
      expect(await valuesIn(broker)).toHaveLength(40);
    }));

  it('adds up to a counter that many count, each by what it read', () =>
    run(async ({ broker, elsewhere, runtime }) => {
      const counting = async (by: Broker): Promise<void> => {
        for (let counted = 0; counted < 15; ) {
          const { highWatermark } = await one(by, 'latest');
          const result = await send(by, batchOf([`${highWatermark}`]), highWatermark);
          if (result.error === undefined) counted++;
          else expect(result.error.code).toBe('UNEXPECTED_LOG_END');
          await runtime.sleep(runtime.random() * 3);
        }
      };
      await Promise.all([broker, elsewhere, broker, elsewhere].map(counting));
      expect(await valuesIn(broker)).toEqual(Array.from({ length: 60 }, (_, n) => `${n}`));
    }));

  it('sent behind others in one burst lands behind them, with more behind it', () =>
    run(async ({ broker }) => {
      const told = await Promise.all([
        send(broker, batchOf(['a'])),
        send(broker, batchOf(['b']), 1),
        send(broker, batchOf(['c'])),
        send(broker, batchOf(['d']), 2),
        send(broker, batchOf(['e']), 3),
      ]);
      expect(told.map(({ baseOffsets }) => baseOffsets[0])).toEqual([0, 1, 2, -1, 3]);
    }));
});

describe('an idempotent producer', () => {
  it('is told the first offset of what it repeats, wherever the log ends now', () =>
    run(async ({ broker, elsewhere, produce }) => {
      const share = join(batchOf(['a', 'b'], sequence(0)), batchOf(['c'], sequence(2)));
      expect(await send(broker, share, 0)).toMatchObject({ baseOffsets: [0, 2] });
      await produce(batchOf(['between']));
      for (const by of [broker, elsewhere]) {
        expect(await send(by, share, 0)).toMatchObject({ baseOffsets: [0, 2] });
      }
      // What was refused keeps its sequence.
      const next = batchOf(['d'], sequence(3));
      expect(await send(elsewhere, next, 3)).toMatchObject({
        error: { code: 'UNEXPECTED_LOG_END' },
      });
      expect(await send(elsewhere, next, 4)).toMatchObject({ baseOffsets: [4] });
      expect(await send(broker, batchOf(['f'], sequence(5)), 5)).toMatchObject({
        error: { code: 'OUT_OF_ORDER_SEQUENCE_NUMBER', context: { expectedSequence: 4 } },
      });
    }));

  it('is told it also when much has been appended since', () =>
    run(async ({ broker, elsewhere, produce }) => {
      const of = (n: number) =>
        join(batchOf(['a'], sequence(2 * n)), batchOf(['b'], sequence(2 * n + 1)));
      const ends: number[] = [];
      for (let n = 0; n < 20; n++) {
        ends.push(22 * n);
        expect(await send(broker, of(n), 22 * n)).toMatchObject({
          baseOffsets: [22 * n, 22 * n + 1],
        });
        for (let between = 0; between < 20; between++) await produce(batchOf(['x']));
      }
      for (const [n, end] of ends.entries()) {
        expect(await send(elsewhere, of(n), end)).toMatchObject({ baseOffsets: [end, end + 1] });
      }
      // Without it, that is too far back to be looked for.
      expect(await send(elsewhere, batchOf(['a'], sequence(0)))).toMatchObject({
        error: { code: 'DUPLICATE_SEQUENCE_NUMBER' },
      });
    }));

  it.each([
    ['a gap', [batchOf(['a'], sequence(0)), batchOf(['b'], sequence(2))]],
    ['another epoch', [batchOf(['a'], sequence(0)), batchOf(['b'], sequence(1, 1))]],
    ['none behind one', [batchOf(['a'], sequence(0)), batchOf(['b'])]],
    ['one behind none', [batchOf(['a']), batchOf(['b'], sequence(0))]],
  ])('does not send what cannot stand as one: %s', (_, batches) =>
    run(async ({ broker }) => {
      expect(await send(broker, join(...batches), 0)).toMatchObject({
        error: {
          code: 'INVALID_REQUEST',
          effect: 'none',
          message: expect.stringContaining('batch 2 of 2'),
        },
      });
      expect(await valuesIn(broker)).toEqual([]);
    }),
  );
});

describe('what it costs', () => {
  it('is what every append costs, and a lost race is one update that was refused', async () => {
    const meter = newMeter();
    const cost = async (work: () => Promise<unknown>) => {
      for (const verb of Object.keys(meter.calls)) delete meter.calls[verb];
      await work();
      return { ...meter.calls };
    };
    await run(
      async ({ elsewhere, produce }) => {
        await elsewhere.topicLimits(topic);
        expect(await cost(() => send(elsewhere, batchOf(['a']), 0))).toEqual({ get: 1, update: 1 });
        expect(await cost(() => send(elsewhere, batchOf(['b']), 1))).toEqual({ update: 1 });
        await produce(batchOf(['by another']));
        expect(await cost(() => send(elsewhere, batchOf(['c']), 2))).toEqual({ update: 1 });
        // What was learned by that saves the update; where the log ends now is read.
        expect(await cost(() => send(elsewhere, batchOf(['c']), 2))).toEqual({ get: 1 });
        expect(await cost(() => send(elsewhere, batchOf(['c']), 3))).toEqual({ update: 1 });
        await produce(batchOf(['by another']));
        // Whoever has read further than this process has to be believed, or not.
        expect(await cost(() => send(elsewhere, batchOf(['d']), 5))).toEqual({ get: 1, update: 1 });
        expect(await cost(() => send(elsewhere, batchOf(['d']), 99))).toEqual({ get: 1 });
      },
      { wrapItems: (items) => meteredItems(items, () => meter) },
    );
  });
});

describe('a store that fails', () => {
  /** A broker elsewhere whose updates have these faults, in turn; the last for all that follow. */
  const failing = (
    faults: readonly (Fault | undefined)[],
    work: (world: Awaited<ReturnType<typeof setUp>>, settle: () => Promise<void>) => Promise<void>,
  ): Promise<void> => {
    const runtime = virtualRuntime(5);
    let next = 0;
    const plan: FaultPlan = ({ verb }) =>
      verb === 'update' ? faults[Math.min(next++, faults.length - 1)] : undefined;
    let settle = async (): Promise<void> => {};
    return runtime.drive(async () => {
      const world = await setUp(runtime, {
        wrapItems: (items) => {
          const faulty = faultyItems(items, plan, runtime);
          settle = faulty.settle;
          return faulty;
        },
      });
      await work(world, () => settle());
    });
  };

  it.each([
    { kind: 'loseAnswer', reason: 'timeout' },
    { kind: 'denySuccess' },
    { kind: 'fail', reason: 'unavailable' },
    { kind: 'refuse', reason: 'throttled' },
    { kind: 'repeat', repeatMs: 3_000 },
    { kind: 'late', lateMs: 3_000 },
  ] as const)('$kind: it lands once all the same', (fault) =>
    failing([fault, undefined], async ({ broker, elsewhere }, settle) => {
      expect(await send(elsewhere, batchOf(['a', 'b']), 0)).toMatchObject({ baseOffsets: [0] });
      await settle();
      expect(await valuesIn(broker)).toEqual(['a', 'b']);
    }),
  );

  it('and a rival: the loser is told that nothing happened', () =>
    failing(
      [{ kind: 'late', lateMs: 5_000, afterMs: 100 }, undefined],
      async ({ broker, elsewhere, produce }, settle) => {
        const losing = send(elsewhere, batchOf(['late']), 0);
        expect(await produce(batchOf(['first']))).toMatchObject({ baseOffsets: [0] });
        expect(await losing).toMatchObject({
          error: { code: 'UNEXPECTED_LOG_END', effect: 'none', context: { logEndOffset: 1 } },
        });
        await settle();
        expect(await valuesIn(broker)).toEqual(['first']);
      },
    ));

  it('and does not come back: told as unknown', () =>
    failing([{ kind: 'fail', reason: 'timeout' }], async ({ elsewhere }) => {
      expect(await send(elsewhere, batchOf(['a']), 0)).toMatchObject({
        error: { code: 'REQUEST_TIMED_OUT', effect: 'unknown' },
      });
    }));

  it('an object below the floor is written anew for the same end', () =>
    run(async ({ items, broker, produce, ref, runtime }) => {
      await produce(large('a'));
      await items.update(headKey(ref), { change: [set(HEAD.floor, runtime.now() + 60_000)] });
      expect(await send(broker, large('b'), 1)).toMatchObject({ baseOffsets: [1] });
    }));
});
