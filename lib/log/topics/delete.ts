/**
 * Delete a topic.
 *
 *   put DELETED/<id> ── free the name ── delete heads                          ← appends fail
 *
 * A crash leaves a topic that its DELETED item says is to go: garbage for maintenance. A topic deleted
 * and made again has another id, and so other items and objects. A late copy of a write changes no head
 * and brings no topic back: one whose DELETED item is there does not exist, whatever TOPICS says.
 */
import type { TopicName } from '../../model/ids.ts';
import type { Runtime } from '../../model/runtime.ts';
import { equals } from '../../storage/algebra.ts';
import { deletedTopicItem, type Topic, topicKey } from '../../storage/keys/topic.ts';
import { ConditionFailed, type ItemStore } from '../../storage/ports.ts';
import { TOPIC_CONDITIONS } from './conditions.ts';
import { findTopic, partitionRefs } from './find.ts';
import { deleteHeads } from './heads.ts';

/** The name is free when this resolves. @throws UNKNOWN_TOPIC_OR_PARTITION */
export const deleteTopic = async (
  items: ItemStore,
  runtime: Runtime,
  name: TopicName,
): Promise<void> => {
  const topic = await findTopic(items, name);
  await items.put(deletedTopicItem(topic, runtime.now()));
  await freeName(items, topic);
  await deleteHeads(items, partitionRefs(topic));
};

/** Takes the topic's item away, if it is as it was read. Whether this call did. */
export const freeName = async (items: ItemStore, { name, id, state }: Topic): Promise<boolean> => {
  try {
    await items.delete(topicKey(name), {
      [TOPIC_CONDITIONS.sameTopic]: equals('id', id),
      [TOPIC_CONDITIONS.sameState]: equals('state', state),
    });
    return true;
  } catch (error) {
    // Someone else was faster; a newer topic of the name is not ours to touch.
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
};
