/**
 * Add partitions to a topic. They are never taken away.
 *
 *   reserve ── floor ── heads ── floor again ── count                   ← the partitions exist
 *
 * As the name of a new topic is claimed before its heads are made, so are the partitions: `reserved` says
 * where heads may be. Collection raises the floor of all of them, and deletion notes and deletes all of
 * them. A crash leaves heads that nobody can write to; whoever adds partitions next takes them over.
 */
import { StratalogError, withEffect } from '../../model/errors.ts';
import { partitionCount, type TopicName } from '../../model/ids.ts';
import type { Runtime } from '../../model/runtime.ts';
import { set } from '../../storage/algebra.ts';
import { readTopic, type Topic } from '../../storage/keys/topic.ts';
import type { ItemStore } from '../../storage/ports.ts';
import { changeTopic } from './alter.ts';
import { findTopic, refsOf } from './find.ts';
import { deleteHeads, makeHeads } from './heads.ts';

/**
 * Makes it `count` partitions in all. The topic afterwards.
 * @throws INVALID_PARTITIONS when there are as many, telling how many; UNKNOWN_TOPIC_OR_PARTITION
 */
export const addPartitions = async (
  items: ItemStore,
  runtime: Runtime,
  name: TopicName,
  count: number,
): Promise<Topic> => {
  partitionCount(count);
  const topic = await findTopic(items, name);
  requireFewer(topic, count);
  const claimed = await changeTopic(items, runtime, topic, 'the claim of partitions', (now) => {
    requireFewer(now, count);
    return set('reserved', Math.max(now.reserved, count));
  }).catch((error) => {
    throw withoutEffect(error);
  });
  const added = refsOf(topic, readTopic(claimed).partitions, count);
  await makeHeads(items, runtime, added);
  try {
    const grown = await changeTopic(items, runtime, topic, 'the addition of partitions', (now) => {
      requireFewer(now, count);
      return set('partitions', count);
    });
    return readTopic(grown);
  } catch (error) {
    // Whoever deleted the topic meanwhile may have passed before a head was made.
    if (error instanceof StratalogError && error.code === 'UNKNOWN_TOPIC_OR_PARTITION') {
      await deleteHeads(items, runtime, added, runtime.now());
    }
    throw error;
  }
};

/** A claim adds nothing, whatever became of it. */
const withoutEffect = (error: unknown): unknown => {
  if (!(error instanceof StratalogError) || error.effect === 'none') return error;
  return error.code === 'UNKNOWN_TOPIC_OR_PARTITION'
    ? withEffect(error, 'none')
    : withEffect(
        error,
        'none',
        'The partitions could not be reserved in time; none were added. Ask for them again.',
      );
};

const requireFewer = ({ name, partitions }: Topic, count: number): void => {
  if (partitions < count) return;
  throw new StratalogError(
    'INVALID_PARTITIONS',
    `The topic ${name} has ${partitions} ${partitions === 1 ? 'partition' : 'partitions'}, and ${count} in all were asked for; partitions are only ever added.`,
    { context: { topic: name, partitions } },
  );
};
