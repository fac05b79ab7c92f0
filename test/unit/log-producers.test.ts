/**
 * Idempotent producers, over several processes: order, duplicates, eviction from the head and back.
 */
import { describe, expect, it } from 'vitest';
import { MAX_HEAD_PRODUCERS } from '../../lib/model/limits.ts';
import { headKey, partitionKey, readHead } from '../../lib/storage/keys/head.ts';
import { producerKey } from '../../lib/storage/keys/producer.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import { appending, batchOf, newPartition, readAll } from '../support/log.ts';
import { virtualRuntime } from '../support/virtual-runtime.ts';

const run = (work: (set: Awaited<ReturnType<typeof setUp>>) => Promise<void>): Promise<void> => {
  const runtime = virtualRuntime(11);
  return runtime.drive(async () => work(await setUp(runtime)));
};

const setUp = async (runtime: ReturnType<typeof virtualRuntime>) => {
  const stores = { items: memoryItems(), blobs: memoryBlobs() };
  const ref = await newPartition(stores.items, runtime);
  const process = () => {
    const { append, appender } = appending(stores, runtime);
    return {
      appender,
      /** Values at this sequence of a producer; `size` pads them so that they go to an object. */
      send: (producerId: number, baseSequence: number, count = 1, producerEpoch = 0) =>
        append(
          ref,
          batchOf(
            Array.from(
              { length: count },
              (_, n) => `${producerId}/${producerEpoch}:${baseSequence + n}`,
            ),
            { producerId, producerEpoch, baseSequence },
          ),
        ),
    };
  };
  const head = async () => readHead((await stores.items.get(headKey(ref)))!);
  return { runtime, stores, ref, process, head };
};

const code = (outcome: object): string | undefined =>
  'error' in outcome ? (outcome.error as { code: string }).code : undefined;

describe('an idempotent producer', () => {
  it('gets the first offset again for what it sends again', () =>
    run(async ({ process, stores, runtime, ref }) => {
      const { send } = process();
      expect(await send(1, 0, 3)).toMatchObject({ baseOffset: 0 });
      expect(await send(2, 0)).toMatchObject({ baseOffset: 3 });
      expect(await send(1, 3, 2)).toMatchObject({ baseOffset: 4 });
      expect(await send(1, 0, 3)).toMatchObject({ baseOffset: 0 });
      expect(await send(1, 3, 2)).toMatchObject({ baseOffset: 4 });
      expect(await send(1, 1, 2)).toMatchObject({ baseOffset: 1 });
      expect(await readAll(stores, runtime, ref)).toHaveLength(6);
    }));

  it('is refused ahead of its turn, with an old epoch, and when nobody knows it', () =>
    run(async ({ process }) => {
      const { send } = process();
      await send(1, 0);
      expect(code(await send(1, 2))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
      expect(code(await send(1, 0, 2))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
      expect(code(await send(9, 5))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
      expect(await send(1, 0, 1, 4)).toMatchObject({ baseOffset: 1 });
      expect(code(await send(1, 1))).toBe('INVALID_PRODUCER_EPOCH');
    }));

  it('may move from process to process with every batch', () =>
    run(async ({ process }) => {
      const processes = Array.from({ length: 5 }, process);
      for (let n = 0; n < 200; n++) {
        expect(await processes[(n * 7) % 5]!.send(1, n)).toMatchObject({ baseOffset: n });
      }
      for (const { send } of processes)
        expect(await send(1, 199)).toMatchObject({ baseOffset: 199 });
    }));

  it('keeps its order when it has many batches under way', () =>
    run(async ({ process, stores, runtime, ref }) => {
      const { send } = process();
      const outcomes = await Promise.all(Array.from({ length: 100 }, (_, n) => send(1, n)));
      expect(outcomes.map((outcome) => 'baseOffset' in outcome && outcome.baseOffset)).toEqual(
        Array.from({ length: 100 }, (_, n) => n),
      );
      expect((await readAll(stores, runtime, ref)).map(({ value }) => value)).toEqual(
        Array.from({ length: 100 }, (_, n) => `1/0:${n}`),
      );
    }));

  it('sent twice at once lands once', () =>
    run(async ({ process }) => {
      const [one, other] = [process(), process()];
      const outcomes = await Promise.all([one.send(1, 0), one.send(1, 0), other.send(1, 0)]);
      expect(outcomes.map((outcome) => 'baseOffset' in outcome && outcome.baseOffset)).toEqual([
        0, 0, 0,
      ]);
    }));

  it('leaves the head when many others write, and comes back where it stood', () =>
    run(async ({ process, head, stores, ref }) => {
      const { send, appender } = process();
      const producers = MAX_HEAD_PRODUCERS * 3;
      for (let round = 0; round < 3; round++) {
        for (let id = 0; id < producers; id++) {
          expect(await send(id, round)).toMatchObject({ baseOffset: round * producers + id });
        }
        await appender.settled();
      }
      expect(Object.keys((await head()).producers).length).toBeLessThan(producers);
      expect(await stores.items.get(producerKey(partitionKey(ref), '0'))).toBeDefined();
      // Sent again, far back: known as a duplicate although its offset is no longer at hand.
      expect(code(await send(0, 0))).toBe('DUPLICATE_SEQUENCE_NUMBER');
      expect(code(await send(0, 4))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
      expect(await send(0, 3)).toMatchObject({ baseOffset: 3 * producers });
    }));

  it('finds the offset of a duplicate that was rolled out of the tail', () =>
    run(async ({ process, head }) => {
      const { send, appender } = process();
      await send(1, 0, 2);
      for (let n = 0; n < 40; n++) await send(2, n);
      await appender.settled();
      expect((await head()).tailStart).toBeGreaterThan(2);
      expect(await send(1, 0, 2)).toMatchObject({ baseOffset: 0 });
    }));

  it('finds the offset of a duplicate also where its view is older than what is repeated', () =>
    run(async ({ process, head }) => {
      const [here, elsewhere] = [process(), process()];
      await here.send(1, 0);
      expect(await elsewhere.send(7, 0)).toMatchObject({ baseOffset: 1 });
      for (let id = 100; id < 100 + 2 * MAX_HEAD_PRODUCERS; id++) await elsewhere.send(id, 0);
      await elsewhere.appender.settled();
      expect((await head()).producers['7']).toBeUndefined();
      expect(await here.send(7, 0)).toMatchObject({ baseOffset: 1 });
    }));
});
