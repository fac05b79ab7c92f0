/**
 * Looks up offsets by time: the record found is of that time or later, and every record before it is of an
 * earlier one. Where none is found, all that were there are of earlier ones.
 */
import { decodeBatch } from '../../../lib/record/decode.ts';
import { type Actor, below, partitionName, pause, type Scene } from '../world/scene.ts';
import { askBounds } from './ends.ts';

/** How far back it looks, ms. */
const LONGEST_AGO_MS = 120_000;
/** Records before the one found that are looked at. */
const MOST_BEFORE = 40;

export const timeSeeker: Actor = async (scene) => {
  const { network, topic, runtime } = scene;
  while (scene.goesOn()) {
    await pause(scene, 1_500);
    const partition = below(scene, scene.partitions.count);
    const timestamp = runtime.now() - Math.floor(scene.random() ** 3 * LONGEST_AGO_MS);
    // Asked before: what is appended while the time is looked up may be found or not.
    const [bounds] = await askBounds(scene, [partition]);
    const reply = await network.call({
      ask: (broker) =>
        broker.listOffsets({ partitions: [{ topic, partition, at: { timestamp } }] }),
    });
    const found = reply.told === 'answer' ? reply.answer[0]! : undefined;
    if (found === undefined || found.error) continue;
    if (found.offset >= 0) await requireFirst(scene, partition, timestamp, found);
    else if (bounds) await requireNone(scene, partition, timestamp, bounds.logEnd);
  }
};

const requireFirst = async (
  scene: Scene,
  partition: number,
  sought: number,
  found: { readonly offset: number; readonly timestamp: number },
): Promise<void> => {
  const name = partitionName(scene.topic, partition);
  for (const { offset, timestamp: at } of await recordsAround(scene, partition, found.offset)) {
    if (offset < found.offset && at >= sought) {
      scene.recorder.complain(
        name,
        `the first record since ${sought} was told to be ${found.offset}; ${offset} is of ${at}`,
      );
    }
    if (offset === found.offset && (at !== found.timestamp || at < sought)) {
      scene.recorder.complain(
        name,
        `the record since ${sought} was told to be ${offset} of ${found.timestamp}; it is of ${at}`,
      );
    }
  }
};

/** `logEnd`: where the log ended before it was asked. */
const requireNone = async (
  scene: Scene,
  partition: number,
  sought: number,
  logEnd: number,
): Promise<void> => {
  for (const { offset, timestamp } of await recordsAround(scene, partition, logEnd)) {
    if (offset >= logEnd || timestamp < sought) continue;
    scene.recorder.complain(
      partitionName(scene.topic, partition),
      `no record since ${sought} was told to be there; ${offset} is of ${timestamp}`,
    );
  }
};

/** Records from some way before `offset` on; none where they cannot be read. */
const recordsAround = async (
  { network, topic }: Scene,
  partition: number,
  offset: number,
): Promise<readonly { readonly offset: number; readonly timestamp: number }[]> => {
  const from = Math.max(0, offset - MOST_BEFORE);
  const reply = await network.call({
    ask: (broker) => broker.fetch({ partitions: [{ topic, partition, offset: from }] }),
  });
  const read = reply.told === 'answer' ? reply.answer[0]! : undefined;
  if (read === undefined || read.error) return [];
  return read.batches
    .flatMap((batch) => decodeBatch(batch).records)
    .filter((record) => record.offset >= read.logStartOffset);
};
