/**
 * Producer ids: in blocks, shared, and never twice, whatever happens to the writes that fetch them.
 */
import { describe, expect, it } from 'vitest';
import { createBroker } from '../../lib/broker/broker.ts';
import { PRODUCER_ID_BLOCK } from '../../lib/model/limits.ts';
import type { FaultPlan } from '../../lib/storage/faulty/fault.ts';
import { faultyItems } from '../../lib/storage/faulty/items.ts';
import { cutOff, randomFaults } from '../../lib/storage/faulty/plans.ts';
import { counterValue, PRODUCER_IDS_KEY } from '../../lib/storage/keys/counter.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import { meteredItems, newMeter } from '../support/meter.ts';
import { type VirtualRuntime, virtualRuntime } from '../support/virtual-runtime.ts';

const brokerOver = (items: ReturnType<typeof memoryItems>, runtime: VirtualRuntime) =>
  createBroker({ items, blobs: memoryBlobs(), runtime });

const idOf = async (broker: ReturnType<typeof createBroker>): Promise<number> =>
  (await broker.initProducer()).producerId;

describe('initProducer', () => {
  it('gives whole numbers from 0 on, at epoch 0, a thousand from one write', async () => {
    const runtime = virtualRuntime(1);
    const meter = newMeter();
    const items = meteredItems(memoryItems(), () => meter);
    await runtime.drive(async () => {
      const broker = brokerOver(items, runtime);
      expect(await broker.initProducer()).toEqual({ producerId: 0, producerEpoch: 0 });
      for (let id = 1; id < PRODUCER_ID_BLOCK; id++) expect(await idOf(broker)).toBe(id);
      expect(meter.calls).toEqual({ update: 1 });
      expect(await idOf(broker)).toBe(PRODUCER_ID_BLOCK);
      expect(meter.calls).toEqual({ update: 2 });
    });
  });

  it('fetches one block for callers that come together, and as many as they need', async () => {
    const runtime = virtualRuntime(1);
    const meter = newMeter();
    const items = meteredItems(memoryItems(), () => meter);
    await runtime.drive(async () => {
      const broker = brokerOver(items, runtime);
      const ids = await Promise.all(Array.from({ length: 2_500 }, () => idOf(broker)));
      expect(new Set(ids).size).toBe(2_500);
      expect(meter.calls).toEqual({ update: 3 });
    });
  });

  it.each(['loseAnswer', 'denySuccess', 'late', 'repeat'] as const)(
    'wastes a block when its write meets %s, and gives no id twice',
    async (kind) => {
      const runtime = virtualRuntime(1);
      const items = memoryItems();
      await runtime.drive(async () => {
        const faults = {
          loseAnswer: { kind: 'loseAnswer', reason: 'timeout' },
          denySuccess: { kind: 'denySuccess' },
          late: { kind: 'late', lateMs: 3_000 },
          repeat: { kind: 'repeat', repeatMs: 3_000 },
        } as const;
        const once: FaultPlan = ({ n }) => (n === 1 ? faults[kind] : undefined);
        const faulty = faultyItems(items, once, runtime);
        const hurt = brokerOver(faulty, runtime);
        const first = await idOf(hurt);
        await faulty.settle();
        expect(faulty.faults[kind]).toBe(1);
        expect(counterValue(await items.get(PRODUCER_IDS_KEY))).toBe(2 * PRODUCER_ID_BLOCK);
        const others = [await idOf(hurt), await idOf(brokerOver(items, runtime))];
        expect(new Set([first, ...others]).size).toBe(3);
      });
    },
  );

  it('says that nothing was given when the store is out of reach, and goes on when it is back', async () => {
    const runtime = virtualRuntime(1);
    await runtime.drive(async () => {
      const cable = cutOff();
      const broker = brokerOver(faultyItems(memoryItems(), cable.plan, runtime), runtime);
      cable.cut();
      const refused = await Promise.all([1, 2].map(() => idOf(broker).catch((error) => error)));
      for (const error of refused) {
        expect(error).toMatchObject({ code: 'KAFKA_STORAGE_ERROR', effect: 'none' });
      }
      cable.heal();
      expect(await idOf(broker)).toBe(0);
    });
  });

  it('never gives one id twice, in 200 worlds of three brokers under every fault', async () => {
    for (let seed = 0; seed < 200; seed++) {
      const runtime = virtualRuntime(seed);
      const items = memoryItems();
      const ids = await runtime.drive(async () => {
        const given: number[] = [];
        const rates = { repeat: 0.2, late: 0.1, loseAnswer: 0.1, denySuccess: 0.1, fail: 0.1 };
        const client = async (): Promise<void> => {
          const plan = randomFaults(runtime.random, { ...rates, refuse: 0.1 });
          const faulty = faultyItems(items, plan, runtime);
          const broker = brokerOver(faulty, runtime);
          for (let n = 0; n < 1_300; n++) {
            await idOf(broker)
              .then((id) => given.push(id))
              .catch(() => undefined);
          }
          await faulty.settle();
        };
        await Promise.all([client(), client(), client()]);
        return given;
      });
      expect(ids.length).toBeGreaterThan(0);
      expect(new Set(ids).size, `seed ${seed}`).toBe(ids.length);
    }
  });
});
