/** Sends without sequences, and so never a second time; several requests to one environment at once. */
import type { ProducePartitionResult } from '../../../lib/broker/api.ts';
import { concatBytes } from '../../../lib/bytes/concat.ts';
import type { Reply, Request } from '../world/network.ts';
import { type Actor, below, partitionName, pause, placeName, type Scene } from '../world/scene.ts';
import {
  batchWith,
  drawCount,
  fateOf,
  recordBatch,
  refusalOf,
  requireKnown,
  valuesOf,
} from './sending.ts';

const MOST_AT_ONCE = 3;
const MOST_BATCHES = 2;

/** Where a batch was told to be. */
interface Landing {
  readonly partition: number;
  readonly offset: number;
}

export const producer: Actor = async (scene) => {
  const newValues = valuesOf(scene);
  while (scene.goesOn()) {
    const near = scene.random() < 0.5 ? scene.network.pick() : undefined;
    // One that does one thing at a time is not given more.
    const to = near?.plan.kind === 'server' ? near : undefined;
    const inOrder = to !== undefined && scene.random() < 0.5;
    const underWay: Promise<readonly Landing[]>[] = [];
    for (let left = 1 + below(scene, MOST_AT_ONCE); left > 0; left--) {
      underWay.push(sendOne(scene, newValues, { inOrder, ...(to && { to }) }));
      await pause(scene, 15);
    }
    const landings = (await Promise.all(underWay)).flat();
    if (inOrder) requireOrder(scene, landings);
    await pause(scene, 120);
  }
};

/** What one process gets one after the other, it appends one after the other. */
const requireOrder = ({ recorder, topic, name }: Scene, landings: readonly Landing[]): void => {
  for (const [partition, ofOne] of Map.groupBy(landings, (landing) => landing.partition)) {
    const offsets = ofOne.map(({ offset }) => offset);
    if (offsets.every((offset, index) => index === 0 || offset > offsets[index - 1]!)) continue;
    recorder.complain(
      partitionName(topic, partition),
      `what ${name} sent over one connection landed at ${offsets.join(', ')}`,
    );
  }
};

/** When `count` records from a landing on were told to have been appended, where the topic gives them that time. */
const noteTimes = (
  { topic, appendTimes }: Scene,
  reply: Reply<readonly ProducePartitionResult[]>,
  { partition, offset }: Landing,
  count: number,
): void => {
  if (reply.told !== 'answer') return;
  const { logAppendTime } = reply.answer.find((one) => one.partition === partition)!;
  if (logAppendTime < 0) return;
  for (let index = 0; index < count; index++) {
    appendTimes.set(placeName(topic, partition, offset + index), logAppendTime);
  }
};

const sendOne = async (
  scene: Scene,
  newValues: ReturnType<typeof valuesOf>,
  way: Pick<Request<unknown>, 'to' | 'inOrder'>,
): Promise<readonly Landing[]> => {
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
    ...way,
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
  const landings: Landing[] = [];
  for (const { partition, batches } of shares) {
    requireKnown(scene, partition, refusalOf(reply, partition));
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
      if (fate.offset === undefined) continue;
      landings.push({ partition, offset: fate.offset });
      noteTimes(scene, reply, { partition, offset: fate.offset }, values.length);
    }
  }
  return landings;
};
