/**
 * The id of the installation: one, whoever asks first, and in Kafka's form.
 */
import { describe, expect, it } from 'vitest';
import { createBroker } from '../../lib/broker/broker.ts';
import { CLUSTER_HAS_NO_ID } from '../../lib/broker/cluster.ts';
import { MAX_BATCH_BYTES, MAX_PARTITIONS_PER_TOPIC } from '../../lib/model/limits.ts';
import { faultyItems } from '../../lib/storage/faulty/items.ts';
import { cutOff, randomFaults } from '../../lib/storage/faulty/plans.ts';
import { withoutCondition } from '../../lib/storage/faulty/without-condition.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import { meteredItems, newMeter } from '../support/meter.ts';
import { virtualRuntime } from '../support/virtual-runtime.ts';

/** What brokers of one seed's world are told, each under its own faults. */
const idsTold = (seed: number, without?: string): Promise<readonly string[]> => {
  const runtime = virtualRuntime(seed);
  const items = memoryItems();
  return runtime.drive(async () => {
    const told: string[] = [];
    const ask = async (): Promise<void> => {
      const store = without === undefined ? items : withoutCondition(items, without);
      const rates = { repeat: 0.3, delay: 0.3, late: 0.1, loseAnswer: 0.1, denySuccess: 0.1 };
      const faulty = faultyItems(store, randomFaults(runtime.random, rates), runtime);
      for (let n = 0; n < 3; n++) {
        const broker = createBroker({ items: faulty, blobs: memoryBlobs(), runtime });
        told.push((await broker.describeCluster()).clusterId);
      }
      await faulty.settle();
      const broker = createBroker({ items, blobs: memoryBlobs(), runtime });
      told.push((await broker.describeCluster()).clusterId);
    };
    await Promise.all([ask(), ask(), ask()]);
    return told;
  });
};

describe('describeCluster', () => {
  it('tells an id of 16 bytes and the limits, and asks the store once', async () => {
    const runtime = virtualRuntime(1);
    const meter = newMeter();
    const items = meteredItems(memoryItems(), () => meter);
    await runtime.drive(async () => {
      const broker = createBroker({ items, blobs: memoryBlobs(), runtime });
      const [cluster, again] = await Promise.all([
        broker.describeCluster(),
        broker.describeCluster(),
      ]);
      expect(cluster).toEqual({
        clusterId: expect.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_-]{21}$/),
        maxBatchBytes: MAX_BATCH_BYTES,
        maxPartitionsPerTopic: MAX_PARTITIONS_PER_TOPIC,
      });
      expect(Buffer.from(cluster.clusterId, 'base64url')).toHaveLength(16);
      expect(again).toEqual(cluster);
      expect(meter.calls).toEqual({ get: 2, put: 1 });
    });
  });

  it('asks again after a failure', async () => {
    const runtime = virtualRuntime(1);
    await runtime.drive(async () => {
      const cable = cutOff();
      const items = faultyItems(memoryItems(), cable.plan, runtime);
      const broker = createBroker({ items, blobs: memoryBlobs(), runtime });
      cable.cut();
      await expect(broker.describeCluster()).rejects.toMatchObject({ code: 'KAFKA_STORAGE_ERROR' });
      cable.heal();
      expect((await broker.describeCluster()).clusterId).toHaveLength(22);
    });
  });

  it('tells every broker the same, in 100 worlds under every fault', async () => {
    for (let seed = 0; seed < 100; seed++) {
      expect(new Set(await idsTold(seed)).size, `seed ${seed}`).toBe(1);
    }
  });

  it(`without ${CLUSTER_HAS_NO_ID} it does not`, async () => {
    const sizes = await Promise.all(
      Array.from(
        { length: 20 },
        async (_, seed) => new Set(await idsTold(seed, CLUSTER_HAS_NO_ID)).size,
      ),
    );
    expect(Math.max(...sizes)).toBeGreaterThan(1);
  });
});
