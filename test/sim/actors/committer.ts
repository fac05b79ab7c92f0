/**
 * Commits where a group goes on, and reads it back. It is the only one of its group: what it reads is what
 * it was last told is committed, or what nobody could tell it of.
 */
import { groupId } from '../../../lib/model/ids.ts';
import { type Actor, below, partitionName, pause } from '../world/scene.ts';

export const committer: Actor = async (scene) => {
  const { network, topic, recorder } = scene;
  const group = groupId(`group-of-${scene.name.replaceAll(' ', '-')}`);
  /** By partition: what a read may tell; the last one is certain until another is. */
  const possible = new Map<number, Set<number>>();
  /** Commits that may happen later than those after them. */
  const doubtful = new Set<string>();
  let offset = 0;
  while (scene.goesOn()) {
    const partition = below(scene, scene.partitions.count);
    const name = partitionName(topic, partition);
    const known = possible.get(partition) ?? new Set([-1]);
    possible.set(partition, known);
    if (scene.random() < 0.6) {
      offset += 1;
      const committed = offset;
      const reply = await network.call({
        ask: (broker) =>
          broker.commitOffsets({ group, offsets: [{ topic, partition, offset: committed }] }),
      });
      const error = reply.told === 'answer' ? reply.answer[0]!.error : undefined;
      const isDone = reply.told === 'answer' && error === undefined && reply.deliveries === 1;
      const isRefused =
        reply.deliveries === 1 &&
        (reply.told === 'refusal' ? reply.error : error)?.effect === 'none';
      if (isDone) {
        // What was in doubt may yet happen: it was not told to be over.
        for (const one of known) if (!doubtful.has(`${name} ${one}`)) known.delete(one);
        known.add(committed);
      } else if (!isRefused) {
        doubtful.add(`${name} ${committed}`);
        known.add(committed);
      }
    } else {
      // One by name, or all there are: of those, what was never committed is left out.
      const asked = scene.random() < 0.7 ? { partitions: [{ topic, partition }] } : {};
      const reply = await network.call({
        ask: (broker) => broker.fetchOffsets({ group, ...asked }),
      });
      if (reply.told === 'answer') {
        const told = reply.answer.offsets.find((one) => one.partition === partition);
        const at = told?.offset ?? -1;
        if (!told?.error && !known.has(at)) {
          recorder.complain(
            name,
            `${group} was told to go on at ${at}; committed was ${[...known].join(' or ')}`,
          );
        }
      }
    }
    await pause(scene, 400);
  }
};
