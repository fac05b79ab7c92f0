/**
 * Create a topic.
 *
 *   claim the name ── floor ── heads ── floor again ── activate                ← the topic exists
 *
 * The name is claimed first, so that collection, which raises the floor of the heads of every topic in
 * TOPICS, misses none: a head made before it looked is raised by it, one made later has the new floor.
 *
 * A crash leaves a claim, which counts for nothing after a minute: garbage for maintenance, never a
 * half topic.
 */
import { StratalogError } from '../../model/errors.ts';
import { partitionCount, type TopicName, topicId } from '../../model/ids.ts';
import { ABANDONED_TOPIC_MS } from '../../model/limits.ts';
import type { Runtime } from '../../model/runtime.ts';
import { absent, equals, set } from '../../storage/algebra.ts';
import { readTopic, type Topic, topicItem, topicKey } from '../../storage/keys/topic.ts';
import { ConditionFailed, type ItemStore } from '../../storage/ports.ts';
import { type TopicConfigs, validateConfigs } from '../configs.ts';
import { TOPIC_CONDITIONS } from './conditions.ts';
import { freeName, noteDeletion, retire } from './delete.ts';
import { isDeleted, partitionRefs } from './find.ts';
import { makeHeads } from './heads.ts';

/** A topic to be made; `configs` holds only what is to differ from the defaults. */
export interface NewTopic {
  readonly name: TopicName;
  readonly partitions: number;
  readonly configs: TopicConfigs;
}

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
    reserved: partitions,
    configs,
    createdAt: runtime.now(),
    state: 'creating',
    revision: 0,
  };
  await claimName(items, topic);
  await makeHeads(items, partitionRefs(topic));
  await activate(items, topic);
  return { ...topic, state: 'active' };
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
    await retire(items, holder, now);
    return;
  }
  const abandoned = holder.state === 'creating' && now - holder.createdAt > ABANDONED_TOPIC_MS;
  if (!abandoned) throw alreadyExists(holder.name);
  // In this order: its maker may still come to activate it, and one of the two is refused.
  if (await freeName(items, holder)) await noteDeletion(items, holder, now);
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

const alreadyExists = (name: TopicName): StratalogError =>
  new StratalogError(
    'TOPIC_ALREADY_EXISTS',
    `The topic ${name} exists. Choose another name, or delete it first.`,
    { context: { topic: name } },
  );
