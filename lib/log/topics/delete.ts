/**
 * Delete a topic.
 *
 *   put DELETED/<id> ── tombstones for heads ── free the name
 *        └ it does not exist   └ appends fail, now and after late copies of the puts of the heads
 *
 * A topic whose DELETED item is there does not exist, whatever TOPICS says: that it still holds its name is
 * the doing of a deleter that died, or of a late copy of its claim. Whoever wants the name goes on with the
 * deletion first. So a name is never free while somebody who has not heard of it can still append to the
 * topic that had it: what they were told is in the log would be in none.
 *
 * A topic deleted and made again has another id, and so other items and objects.
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
import { insisting } from '../../storage/patience.ts';
import { ConditionFailed, type ItemStore } from '../../storage/ports.ts';
import { atRevision } from '../../storage/revise.ts';
import { TOPIC_CONDITIONS } from './conditions.ts';
import { headRefs, unknownTopic } from './find.ts';
import { deleteHeads } from './heads.ts';

/**
 * The name is free when this resolves. A deletion that somebody began is gone on with: the topic is none any
 * more, and may still be appended to.
 * @throws UNKNOWN_TOPIC_OR_PARTITION
 */
export const deleteTopic = async (
  items: ItemStore,
  runtime: Runtime,
  name: TopicName,
): Promise<void> => {
  const item = await items.get(topicKey(name));
  const topic = item === undefined ? undefined : readTopic(item);
  if (topic?.state !== 'active') throw unknownTopic(name);
  await retire(items, runtime, topic, runtime.now());
};

/**
 * Notes that a topic is to go, deletes its heads and frees its name; again when it grew in between, so that
 * none of its heads is missed. Nobody may activate it any more.
 */
export const retire = async (
  items: ItemStore,
  runtime: Runtime,
  topic: Topic,
  now: number,
): Promise<void> => {
  for (let holder = topic; ; ) {
    await noteDeletion(items, runtime, holder, now);
    await deleteHeads(items, runtime, headRefs(holder), now);
    if (await freeName(items, runtime, holder)) return;
    const item = await items.get(topicKey(holder.name));
    // Someone else was faster, and has been through all of this.
    if (item?.id !== holder.id) return;
    holder = readTopic(item);
  }
};

/** Puts the DELETED item of a topic, unless there is one that covers as much. */
const noteDeletion = async (
  items: ItemStore,
  runtime: Runtime,
  topic: Topic,
  now: number,
): Promise<void> => {
  try {
    await insisting(runtime, () =>
      items.put(deletedTopicItem(topic, now), deletedTopicGrows(topic)),
    );
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
};

/** Takes the topic's item away, if it has not grown. Whether this call did. */
const freeName = async (
  items: ItemStore,
  runtime: Runtime,
  { name, id, revision }: Topic,
): Promise<boolean> => {
  try {
    await insisting(runtime, () =>
      items.delete(topicKey(name), {
        [TOPIC_CONDITIONS.sameTopic]: equals('id', id),
        [TOPIC_CONDITIONS.sameRevision]: atRevision(revision),
      }),
    );
    return true;
  } catch (error) {
    // Someone else was faster, or the topic grew; a newer topic of the name is not ours to touch.
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
};
