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
import {
  deletedTopicGrows,
  deletedTopicItem,
  readTopic,
  type Topic,
  topicKey,
} from '../../storage/keys/topic.ts';
import { ConditionFailed, type ItemStore } from '../../storage/ports.ts';
import { atRevision } from '../../storage/revise.ts';
import { TOPIC_CONDITIONS } from './conditions.ts';
import { findTopic, headRefs } from './find.ts';
import { deleteHeads } from './heads.ts';

/** The name is free when this resolves. @throws UNKNOWN_TOPIC_OR_PARTITION */
export const deleteTopic = async (
  items: ItemStore,
  runtime: Runtime,
  name: TopicName,
): Promise<void> => {
  const found = await findTopic(items, name);
  const topic = await retire(items, found, runtime.now());
  await deleteHeads(items, headRefs(topic));
};

/**
 * Notes that the topic is to go, then frees its name; again when it grew in between, so that the note
 * covers all its heads. The topic as it went.
 */
export const retire = async (items: ItemStore, topic: Topic, now: number): Promise<Topic> => {
  for (let holder = topic; ; ) {
    await noteDeletion(items, holder, now);
    if (await freeName(items, holder)) return holder;
    const item = await items.get(topicKey(holder.name));
    // Someone else was faster, and has noted the topic as it went.
    if (item?.id !== holder.id) return holder;
    holder = readTopic(item);
  }
};

/** Puts the DELETED item of a topic, unless there is one that covers as much. */
export const noteDeletion = async (items: ItemStore, topic: Topic, now: number): Promise<void> => {
  try {
    await items.put(deletedTopicItem(topic, now), deletedTopicGrows(topic));
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
};

/** Takes the topic's item away, if it is as it was read. Whether this call did. */
export const freeName = async (
  items: ItemStore,
  { name, id, state, revision }: Topic,
): Promise<boolean> => {
  try {
    await items.delete(topicKey(name), {
      [TOPIC_CONDITIONS.sameTopic]: equals('id', id),
      [TOPIC_CONDITIONS.sameState]: equals('state', state),
      [TOPIC_CONDITIONS.sameRevision]: atRevision(revision),
    });
    return true;
  } catch (error) {
    // Someone else was faster, or the topic grew; a newer topic of the name is not ours to touch.
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
};
