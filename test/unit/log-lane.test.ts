/**
 * One process's appends to one partition when the store is slow, full, broken or moving.
 */
import { describe, expect, it } from 'vitest';
import type { AppenderOptions } from '../../lib/log/append/appender.ts';
import type { RunOutcome } from '../../lib/log/append/run.ts';
import { deleteTopic } from '../../lib/log/topics/delete.ts';
import { topicName } from '../../lib/model/ids.ts';
import {
  APPEND_TIMEOUT_MS,
  MAX_INLINE_BYTES,
  MAX_TAIL_BYTES,
  MIN_COMMIT_TIMEOUT_MS,
} from '../../lib/model/limits.ts';
import { set } from '../../lib/storage/algebra.ts';
import type { FaultPlan } from '../../lib/storage/faulty/fault.ts';
import { faultyItems } from '../../lib/storage/faulty/items.ts';
import { cutOff } from '../../lib/storage/faulty/plans.ts';
import { HEAD, headKey, readHead } from '../../lib/storage/keys/head.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import { type ItemStore, StoreError } from '../../lib/storage/ports.ts';
import { appending, batchOf, newPartition, readAll } from '../support/log.ts';
import { meteredBlobs, meteredItems, newMeter } from '../support/meter.ts';
import { type VirtualRuntime, virtualRuntime } from '../support/virtual-runtime.ts';

const setUp = async (
  runtime: VirtualRuntime,
  wrap: (items: ItemStore) => ItemStore = (items) => items,
  options: Partial<AppenderOptions> = {},
) => {
  const meter = newMeter();
  const plain = { items: memoryItems(), blobs: memoryBlobs() };
  const stores = {
    items: wrap(meteredItems(plain.items, () => meter)),
    blobs: meteredBlobs(plain.blobs, () => meter),
  };
  const ref = await newPartition(plain.items, runtime);
  const { append, appender } = appending(stores, runtime, options);
  const head = async () => readHead((await plain.items.get(headKey(ref)))!);
  return { meter, plain, ref, appender, head, append: (batch: Uint8Array) => append(ref, batch) };
};

const run = (
  work: (world: Awaited<ReturnType<typeof setUp>> & { runtime: VirtualRuntime }) => Promise<void>,
  wrap?: (items: ItemStore, runtime: VirtualRuntime) => ItemStore,
  options?: Partial<AppenderOptions>,
): Promise<void> => {
  const runtime = virtualRuntime(9);
  return runtime.drive(async () =>
    work({
      ...(await setUp(runtime, wrap && ((items) => wrap(items, runtime)), options)),
      runtime,
    }),
  );
};

const small = (text: string): Uint8Array => batchOf([text]);
const large = (text: string): Uint8Array => batchOf([text + 'x'.repeat(3_000)]);
const failed = (outcome: RunOutcome) => ('error' in outcome ? outcome.error : undefined);

/** Loses the answer of the first update that follows `arm()`. */
const loseOne = () => {
  let armed = false;
  const plan: FaultPlan = ({ verb }) => {
    if (!armed || verb !== 'update') return undefined;
    armed = false;
    return { kind: 'loseAnswer', reason: 'timeout' };
  };
  return {
    plan,
    arm: () => {
      armed = true;
    },
  };
};

describe('deadlines', () => {
  it('every append is told in time while the store refuses, and that nothing happened', () => {
    const throttled: FaultPlan = ({ verb }) =>
      verb === 'update' ? { kind: 'refuse', reason: 'throttled' } : undefined;
    return run(
      async ({ append, runtime, head }) => {
        const told = await Promise.all(
          Array.from({ length: 60 }, async (_, n) => {
            await runtime.sleep(n * 20);
            const start = runtime.monotonicMs();
            const error = failed(await append(large(`${n}`)));
            return { ms: runtime.monotonicMs() - start, error };
          }),
        );
        for (const { ms, error } of told) {
          expect(ms).toBeLessThanOrEqual(APPEND_TIMEOUT_MS + MIN_COMMIT_TIMEOUT_MS + 1_000);
          expect(error).toMatchObject({ effect: 'none', retriable: true });
        }
        expect((await head()).end).toBe(0);
      },
      (items, runtime) => faultyItems(items, throttled, runtime),
    );
  });
});

describe('a full tail', () => {
  it('makes appends wait, and goes on when rolls get through again', () => {
    let rolls = false;
    return run(
      async ({ append, runtime, head }) => {
        let fitting = 0;
        for (; (await head()).tailBytes < MAX_TAIL_BYTES; fitting++) {
          expect(await append(large(`${fitting}`))).toHaveProperty('baseOffset');
        }
        const waiting = Promise.all(Array.from({ length: 6 }, () => append(large('waits'))));
        await runtime.sleep(3_000);
        expect((await head()).end).toBe(fitting);
        rolls = true;
        for (const outcome of await waiting) expect(outcome).toHaveProperty('baseOffset');
        expect((await head()).tail.length).toBeLessThan(30);
      },
      (items) => ({
        ...items,
        put: async (item, conditions) => {
          if (item.sk.startsWith('LOG#') && !rolls) throw new StoreError('unavailable', 'no rolls');
          return items.put(item, conditions);
        },
      }),
    );
  });
});

describe('a process that freezes when it has answered', () => {
  it('has nothing under way then', () => {
    let calls = 0;
    return run(
      async ({ append, runtime, head }) => {
        for (let n = 0; n < 60; n++) {
          await append(large(`${n}`));
          const then = calls;
          await runtime.sleep(1_000);
          expect(calls).toBe(then);
        }
        expect((await head()).tailStart).toBeGreaterThan(0);
      },
      (items, runtime) =>
        faultyItems(
          items,
          () => {
            calls++;
            return { kind: 'delay', beforeMs: 5, afterMs: 5 };
          },
          runtime,
        ),
      { answerAfterRoll: true },
    );
  });
});

describe('an object below the floor', () => {
  it('is written anew, also when this clock is behind the floor', () =>
    run(async ({ append, plain, ref, runtime, meter }) => {
      await append(large('0'));
      await plain.items.update(headKey(ref), {
        change: [set(HEAD.floor, runtime.now() + 60_000)],
      });
      expect(await append(large('1'))).toMatchObject({ baseOffset: 1 });
      expect(meter.calls['blob put']).toBe(3);
      expect(await readAll(plain, runtime, ref)).toHaveLength(2);
    }));
});

describe('a doubted update', () => {
  it('of a topic that is gone is told as unknown', () => {
    const lost = loseOne();
    return run(
      async ({ append, plain, runtime }) => {
        await append(small('0'));
        lost.arm();
        const told = append(small('1'));
        await deleteTopic(plain.items, runtime, topicName('orders'));
        expect(failed(await told)).toMatchObject({
          code: 'UNKNOWN_TOPIC_OR_PARTITION',
          effect: 'unknown',
        });
      },
      (items, runtime) => faultyItems(items, lost.plan, runtime),
    );
  });

  it('whose rows were sealed meanwhile is told as unknown', () => {
    const lost = loseOne();
    return run(
      async ({ append, plain, ref }) => {
        await append(small('0'));
        lost.arm();
        const told = append(small('1'));
        // What a roll and a seal of everything would leave.
        await Promise.resolve();
        await plain.items.update(headKey(ref), {
          change: [
            set(HEAD.tail, []),
            set(HEAD.tailBytes, 0),
            set(HEAD.tailStart, 50),
            set(HEAD.sealed, 50),
            set(HEAD.end, 50),
          ],
        });
        const outcome = await told;
        expect(failed(outcome) ?? outcome).toMatchObject({
          code: 'REQUEST_TIMED_OUT',
          effect: 'unknown',
        });
      },
      (items, runtime) =>
        faultyItems(
          items,
          (call) =>
            lost.plan(call) ?? (call.verb === 'get' ? { kind: 'delay', beforeMs: 5 } : undefined),
          runtime,
        ),
    );
  });
});

describe('small appends behind a slow update', () => {
  it('wait for it together, and share updates that stay small', () => {
    const inlineBytes: number[] = [];
    return run(
      async ({ append, runtime }) => {
        await append(small('first'));
        inlineBytes.length = 0;
        const told = await Promise.all(
          Array.from({ length: 100 }, async (_, n) => {
            await runtime.sleep(n / 2);
            return append(small('x'.repeat(130)));
          }),
        );
        for (const outcome of told) expect(outcome).toHaveProperty('baseOffset');
        expect(inlineBytes.length).toBeLessThanOrEqual(12);
        // What has become more than a head should hold meanwhile goes to an object.
        expect(Math.max(...inlineBytes)).toBeLessThanOrEqual(MAX_INLINE_BYTES + 100);
      },
      (items, runtime) =>
        faultyItems(
          items,
          (call) => {
            if (call.port !== 'items' || call.verb !== 'update') return undefined;
            for (const change of call.update!.change) {
              if (change.op !== 'append') continue;
              inlineBytes.push(
                (change.values as Uint8Array[]).reduce((sum, { length }) => sum + length, 0),
              );
            }
            return { kind: 'delay', beforeMs: 10, afterMs: 10 };
          },
          runtime,
        ),
    );
  });
});

describe('many idempotent producers at once', () => {
  it('cost one look at each, not one for every update on the way', () => {
    let looks = 0;
    return run(
      async ({ append }) => {
        const outcomes = await Promise.all(
          Array.from({ length: 600 }, (_, producerId) =>
            append(batchOf(['x'], { producerId, producerEpoch: 0, baseSequence: 0 })),
          ),
        );
        for (const outcome of outcomes) expect(outcome).toHaveProperty('baseOffset');
        expect(looks).toBeLessThanOrEqual(600 * 1.2);
      },
      (items) => ({
        ...items,
        getMany: (keys, options) => {
          looks += keys.length;
          return items.getMany(keys, options);
        },
      }),
    );
  });

  it('a repeat behind its original in one burst gets the same offset', () =>
    run(async ({ append }) => {
      const of = (producerId: number, baseSequence: number, count = 1) =>
        batchOf(Array(count).fill('x'), { producerId, producerEpoch: 0, baseSequence });
      const told = await Promise.all([of(1, 0), of(2, 0), of(1, 0), of(1, 1)].map(append));
      expect(told.map((outcome) => 'baseOffset' in outcome && outcome.baseOffset)).toEqual([
        0, 1, 0, 2,
      ]);
      // Sent again in another cut, it has no one offset.
      expect(failed(await append(of(1, 0, 2)))).toMatchObject({
        code: 'DUPLICATE_SEQUENCE_NUMBER',
        effect: 'unknown',
      });
    }));
});

describe('what must not happen', () => {
  it('a listener that fails takes no answer away', () =>
    run(
      async ({ append }) => {
        expect(await append(small('0'))).toMatchObject({ baseOffset: 0 });
        expect(await append(small('1'))).toMatchObject({ baseOffset: 1 });
      },
      undefined,
      {
        committed: () => {
          throw new Error('a bug in a reader');
        },
      },
    ));

  it('a roll that fails in an unheard-of way takes no answer away', () =>
    run(
      async ({ append }) => {
        for (let n = 0; n < 40; n++) {
          expect(await append(large(`${n}`))).toMatchObject({ baseOffset: n });
        }
      },
      (items) => ({
        ...items,
        put: async (item, conditions) => {
          if (item.sk.startsWith('LOG#')) throw new TypeError('socket hang up');
          return items.put(item, conditions);
        },
      }),
      { answerAfterRoll: true },
    ));

  it('a store cut off and back again leaves no lane behind', () => {
    const cable = cutOff();
    return run(
      async ({ append, runtime }) => {
        await append(small('0'));
        cable.cut();
        const during = append(small('1'));
        await runtime.sleep(40_000);
        cable.heal();
        expect(failed(await during)).toMatchObject({ effect: 'unknown' });
        expect(await append(small('2'))).toHaveProperty('baseOffset');
      },
      (items, runtime) => faultyItems(items, cable.plan, runtime),
    );
  });
});
