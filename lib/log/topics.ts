/**
 * Topics: create, list, describe, delete.
 *
 *   create    claim the name ── floor ── heads ── floor again ── activate      ← the topic exists
 *   delete    put DELETED/<id> ── free the name ── delete heads                ← appends fail
 *
 * The name is claimed first, so that collection, which raises the floor of the heads of every topic in
 * TOPICS, misses none: a head made before it looked is raised by it, one made later has the new floor.
 *
 * A crash leaves a claim, which counts for nothing after a minute, or a topic that its DELETED item says
 * is to go: garbage for maintenance, never a half topic. A topic deleted and made again has another id,
 * and so other items and objects. A late copy of a write changes no head and brings no topic back: one
 * whose DELETED item is there does not exist, whatever TOPICS says.
 */
import { StratalogError } from '../model/errors.ts';
import { type PartitionRef, partitionCount, type TopicName, topicId } from '../model/ids.ts';
import { ABANDONED_TOPIC_MS } from '../model/limits.ts';
import type { Runtime } from '../model/runtime.ts';
import { absent, atMost, equals, set } from '../storage/algebra.ts';
import { counterValue, FLOOR_KEY } from '../storage/keys/counter.ts';
import { HEAD, type Head, headKey, newHeadItem, readHead } from '../storage/keys/head.ts';
import {
  deletedTopicItem,
  deletedTopicKey,
  readTopic,
  TOPICS,
  type Topic,
  topicItem,
  topicKey,
} from '../storage/keys/topic.ts';
import { ConditionFailed, type ItemStore } from '../storage/ports.ts';
import { type TopicConfigs, validateConfigs } from './configs.ts';
import { inParallel } from './parallel.ts';

/** Items written at a time when a topic is made or deleted. */
const PARALLEL_WRITES = 64;

/** Names of the conditions of making and deleting topics. */
export const TOPIC_CONDITIONS = {
  headIsNew: 'head-is-new',
  nameIsFree: 'name-is-free',
  sameTopic: 'same-topic',
  sameState: 'same-state',
  stillClaimed: 'still-claimed',
  floorOnlyGrows: 'floor-only-grows',
} as const;

/** A topic to be made; `configs` holds only what is to differ from the defaults. */
export interface NewTopic {
  readonly name: TopicName;
  readonly partitions: number;
  readonly configs: TopicConfigs;
}

/** One partition with its head, undefined when it is gone (its topic is being deleted). */
export interface PartitionState {
  readonly partition: number;
  readonly head: Head | undefined;
}

/** All partitions of a topic. */
export const partitionRefs = (topic: Topic): PartitionRef[] =>
  Array.from({ length: topic.partitions }, (_, partition) => ({ topicId: topic.id, partition }));

/** @throws TOPIC_ALREADY_EXISTS, INVALID_PARTITIONS, INVALID_CONFIG */
export const createTopic = async (
  items: ItemStore,
  runtime: Runtime,
  { name, partitions, configs }: NewTopic,
): Promise<Topic> => {
  partitionCount(partitions);
  validateConfigs(configs);
  const topic: Topic = {
    name,
    id: topicId(runtime.uuid()),
    partitions,
    configs,
    createdAt: runtime.now(),
    state: 'creating',
  };
  await claimName(items, topic);
  const floor = await readFloor(items);
  await inParallel(partitionRefs(topic), PARALLEL_WRITES, (ref) => putHead(items, ref, floor));
  await followFloor(items, topic, floor);
  await activate(items, topic);
  return { ...topic, state: 'active' };
};

/** @throws UNKNOWN_TOPIC_OR_PARTITION */
export const findTopic = async (items: ItemStore, name: TopicName): Promise<Topic> => {
  const item = await items.get(topicKey(name));
  const topic = item === undefined ? undefined : readTopic(item);
  if (topic?.state !== 'active' || (await isDeleted(items, topic))) throw unknownTopic(name);
  return topic;
};

/** Up to `limit` topics with names above `after`, in order of name. */
export const listTopics = async (
  items: ItemStore,
  after: string,
  limit: number,
): Promise<readonly Topic[]> => {
  const topics: Topic[] = [];
  for (let last = after; ; ) {
    const wanted = limit - topics.length;
    // '\0' makes the least string above `last`; '~' is above every legal name.
    const found = await items.query(TOPICS, `${last}\0`, '~', { limit: wanted });
    const page = found.map(readTopic);
    const deleted = await items.getMany(page.map(({ id }) => deletedTopicKey(id)));
    topics.push(
      ...page.filter(({ state }, index) => state === 'active' && deleted[index] === undefined),
    );
    if (found.length < wanted || topics.length === limit) return topics;
    last = page.at(-1)!.name;
  }
};

/** The heads of all partitions, by strong reads. */
export const partitionStates = async (
  items: ItemStore,
  topic: Topic,
): Promise<readonly PartitionState[]> => {
  const heads = await items.getMany(partitionRefs(topic).map(headKey));
  return heads.map((item, partition) => ({
    partition,
    head: item === undefined ? undefined : readHead(item),
  }));
};

/** The name is free when this resolves. @throws UNKNOWN_TOPIC_OR_PARTITION */
export const deleteTopic = async (
  items: ItemStore,
  runtime: Runtime,
  name: TopicName,
): Promise<void> => {
  const topic = await findTopic(items, name);
  await items.put(deletedTopicItem(topic, runtime.now()));
  await freeName(items, topic);
  await deleteHeads(items, topic);
};

/** Makes the name this topic's, from nobody or from what only looks like a topic. @throws TOPIC_ALREADY_EXISTS */
const claimName = async (items: ItemStore, topic: Topic): Promise<void> => {
  const found = await items.get(topicKey(topic.name));
  if (found !== undefined) await clearName(items, readTopic(found), topic.createdAt);
  try {
    await items.put(topicItem(topic), { [TOPIC_CONDITIONS.nameIsFree]: absent('id') });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    // An earlier copy of this very put may be what refused it: its id is the mark.
    if (error.item?.id !== topic.id) throw alreadyExists(topic.name);
  }
};

/** Frees a name whose topic was deleted or never came to be. @throws TOPIC_ALREADY_EXISTS when it is in use */
const clearName = async (items: ItemStore, holder: Topic, now: number): Promise<void> => {
  if (await isDeleted(items, holder)) {
    await freeName(items, holder);
    return;
  }
  const abandoned = holder.state === 'creating' && now - holder.createdAt > ABANDONED_TOPIC_MS;
  if (!abandoned) throw alreadyExists(holder.name);
  // In this order: its maker may still come to activate it, and one of the two is refused.
  if (await freeName(items, holder)) await items.put(deletedTopicItem(holder, now));
};

/** The commit of a creation. @throws TOPIC_ALREADY_EXISTS when the claim was taken for abandoned */
const activate = async (items: ItemStore, { name, id }: Topic): Promise<void> => {
  try {
    await items.update(topicKey(name), {
      if: { [TOPIC_CONDITIONS.stillClaimed]: equals('id', id) },
      change: [set('state', 'active')],
    });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    throw alreadyExists(name);
  }
};

/** Whether the topic was deleted: that TOPICS names it is then the doing of a late copy of a write. */
const isDeleted = async (items: ItemStore, { id }: Topic): Promise<boolean> =>
  (await items.get(deletedTopicKey(id))) !== undefined;

/** Takes the topic's item away, if it is as it was read. Whether this call did. */
const freeName = async (items: ItemStore, { name, id, state }: Topic): Promise<boolean> => {
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

const putHead = async (items: ItemStore, ref: PartitionRef, floor: number): Promise<void> => {
  try {
    await items.put(newHeadItem(ref, floor), {
      [TOPIC_CONDITIONS.headIsNew]: absent(HEAD.version),
    });
  } catch (error) {
    // The id is ours alone: an earlier copy of this put was applied.
    if (!(error instanceof ConditionFailed)) throw error;
  }
};

const deleteHeads = (items: ItemStore, topic: Topic): Promise<void> =>
  inParallel(partitionRefs(topic), PARALLEL_WRITES, (ref) => items.delete(headKey(ref)));

const readFloor = async (items: ItemStore): Promise<number> =>
  counterValue(await items.get(FLOOR_KEY));

/** A collection that began meanwhile did not see these heads: take its floor before anyone can append. */
const followFloor = async (items: ItemStore, topic: Topic, floorThen: number): Promise<void> => {
  const floor = await readFloor(items);
  if (floor <= floorThen) return;
  await inParallel(partitionRefs(topic), PARALLEL_WRITES, async (ref) => {
    try {
      await items.update(headKey(ref), {
        if: { [TOPIC_CONDITIONS.floorOnlyGrows]: atMost(HEAD.floor, floor) },
        change: [set(HEAD.floor, floor)],
      });
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
    }
  });
};

const alreadyExists = (name: TopicName): StratalogError =>
  new StratalogError(
    'TOPIC_ALREADY_EXISTS',
    `The topic ${name} exists. Choose another name, or delete it first.`,
    { context: { topic: name } },
  );

const unknownTopic = (name: TopicName): StratalogError =>
  new StratalogError(
    'UNKNOWN_TOPIC_OR_PARTITION',
    `There is no topic ${name}. Create it, or list the topics there are.`,
    { context: { topic: name } },
  );
