/**
 * Looks up offsets by time: the record found is of that time or later, and every record before it is of an
 * earlier one.
 */
import { decodeBatch } from '../../../lib/record/decode.ts';
import { type Actor, below, partitionName, pause, type Scene } from '../world/scene.ts';

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
    const reply = await network.call({
      ask: (broker) =>
        broker.listOffsets({ partitions: [{ topic, partition, at: { timestamp } }] }),
    });
    const found = reply.told === 'answer' ? reply.answer[0]! : undefined;
    // That there is none was so then; what came since is of its own time.
    if (found === undefined || found.error || found.offset < 0) continue;
    await requireFirst(scene, partition, timestamp, found);
  }
};

const requireFirst = async (
  scene: Scene,
  partition: number,
  sought: number,
  found: { readonly offset: number; readonly timestamp: number },
): Promise<void> => {
  const { network, topic, recorder } = scene;
  const from = Math.max(0, found.offset - MOST_BEFORE);
  const reply = await network.call({
    ask: (broker) => broker.fetch({ partitions: [{ topic, partition, offset: from }] }),
  });
  const read = reply.told === 'answer' ? reply.answer[0]! : undefined;
  if (read === undefined || read.error) return;
  const name = partitionName(topic, partition);
  for (const batch of read.batches) {
    for (const { offset, timestamp } of decodeBatch(batch).records) {
      const at = Number(timestamp);
      if (offset < found.offset && offset >= read.logStartOffset && at >= sought) {
        recorder.complain(
          name,
          `the first record since ${sought} was told to be ${found.offset}; ${offset} is of ${at}`,
        );
      }
      if (offset === found.offset && (at !== found.timestamp || at < sought)) {
        recorder.complain(
          name,
          `the record since ${sought} was told to be ${offset} of ${found.timestamp}; it is of ${at}`,
        );
      }
    }
  }
};
