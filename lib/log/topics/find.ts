/**
 * Topics as they are: found by name, listed, with the heads of their partitions.
 *
 * A topic whose DELETED item is there does not exist: that TOPICS names it is the doing of a late copy
 * of a write.
 */
import { StratalogError } from '../../model/errors.ts';
import type { PartitionRef, TopicName } from '../../model/ids.ts';
import { type Head, headKey, ifHead, readHead } from '../../storage/keys/head.ts';
import {
  deletedTopicKey,
  readTopic,
  TOPICS,
  type Topic,
  topicKey,
} from '../../storage/keys/topic.ts';
import type { ItemStore } from '../../storage/ports.ts';

/** One partition with its head, undefined when it is gone (its topic is being deleted). */
export interface PartitionState {
  readonly partition: number;
  readonly head: Head | undefined;
}

/** All partitions of a topic. */
export const partitionRefs = (topic: Topic): PartitionRef[] => refsOf(topic, 0, topic.partitions);

/** Where the topic has heads, or may have them because someone is adding partitions. */
export const headRefs = (topic: Topic): PartitionRef[] => refsOf(topic, 0, topic.reserved);

/** The topic's partitions from `from` to before `to`. */
export const refsOf = ({ id }: Topic, from: number, to: number): PartitionRef[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, index) => ({
    topicId: id,
    partition: from + index,
  }));

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
  return heads.map((item, partition) => {
    const head = ifHead(item);
    return { partition, head: head === undefined ? undefined : readHead(head) };
  });
};

/** Whether the topic was deleted. */
export const isDeleted = async (items: ItemStore, { id }: Topic): Promise<boolean> =>
  (await items.get(deletedTopicKey(id))) !== undefined;

/** There is no topic of this name. */
export const unknownTopic = (name: TopicName): StratalogError =>
  new StratalogError(
    'UNKNOWN_TOPIC_OR_PARTITION',
    `There is no topic ${name}. Create it, or list the topics there are.`,
    { context: { topic: name } },
  );
