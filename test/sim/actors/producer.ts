/** Sends without sequences, and so never a second time; several requests to one environment at once. */
import { concatBytes } from '../../../lib/bytes/concat.ts';
import { type Actor, below, partitionName, pause, type Scene } from '../world/scene.ts';
import { batchWith, drawCount, fateOf, recordBatch, valuesOf } from './sending.ts';

const MOST_AT_ONCE = 3;
const MOST_BATCHES = 2;

export const producer: Actor = async (scene) => {
  const newValues = valuesOf(scene);
  while (scene.goesOn()) {
    const near = scene.random() < 0.5 ? scene.network.pick() : undefined;
    // One that does one thing at a time is not given more.
    const to = near?.plan.kind === 'server' ? near : undefined;
    const underWay: Promise<void>[] = [];
    for (let left = 1 + below(scene, MOST_AT_ONCE); left > 0; left--) {
      underWay.push(sendOne(scene, newValues, to && { to }));
      await pause(scene, 15);
    }
    await Promise.all(underWay);
    await pause(scene, 120);
  }
};

const sendOne = async (
  scene: Scene,
  newValues: ReturnType<typeof valuesOf>,
  to: Pick<Parameters<Scene['network']['call']>[0], 'to'> = {},
): Promise<void> => {
  const { topic, recorder, network, partitions } = scene;
  const first = below(scene, partitions.count);
  const both = partitions.count > 1 && scene.random() < 0.2;
  const shares = [first, ...(both ? [(first + 1) % partitions.count] : [])].map((partition) => {
    const batches = Array.from({ length: 1 + below(scene, MOST_BATCHES) }, () => {
      const values = newValues(drawCount(scene));
      return { values, bytes: batchWith(scene, values) };
    });
    return { partition, batches };
  });
  const invokedAt = recorder.moment();
  const reply = await network.call({
    ...to,
    ask: (broker) =>
      broker.produce({
        topic,
        partitions: shares.map(({ partition, batches }) => ({
          partition,
          batches: concatBytes(batches.map(({ bytes }) => bytes)),
        })),
      }),
  });
  const completedAt = recorder.moment();
  for (const { partition, batches } of shares) {
    for (const [index, { values }] of batches.entries()) {
      const fate = fateOf(reply, partition, index);
      // That one delivery was refused says nothing of the other.
      const isOpen = fate.outcome === 'fail' && reply.deliveries > 1;
      recordBatch(scene, values, {
        process: scene.name,
        invokedAt,
        completedAt,
        partition: partitionName(topic, partition),
        producer: 'plain',
        attempts: reply.deliveries,
        ...fate,
        ...(isOpen && { outcome: 'info' }),
      });
    }
  }
};
