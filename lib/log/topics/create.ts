/**
 * Create a topic.
 *
 *   claim the name ── floor ── heads ── floor again ── activate                ← the topic exists
 *
 * The name is claimed first, so that collection, which raises the floor of the heads of every topic in
 * TOPICS, misses none: a head made before it looked is raised by it, one made later has the new floor.
 *
 * A crash leaves a claim, never a half topic. After a minute whoever wants the name may take it over:
 *
 *   creating ── abandoned ── deleted as any topic is
 *       └────── active           one of the two: each asks for `creating`
 */
import { StratalogError } from '../../model/errors.ts';
import { partitionCount, type TopicName, topicId } from '../../model/ids.ts';
import { ABANDONED_TOPIC_MS } from '../../model/limits.ts';
import type { Runtime } from '../../model/runtime.ts';
import { absent, equals, set, type Update } from '../../storage/algebra.ts';
import { readTopic, type Topic, topicItem, topicKey } from '../../storage/keys/topic.ts';
import { insisting } from '../../storage/patience.ts';
import { ConditionFailed, type ItemStore } from '../../storage/ports.ts';
import { type TopicConfigs, validateConfigs } from '../configs.ts';
import { TOPIC_CONDITIONS } from './conditions.ts';
import { retire } from './delete.ts';
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
  await claimName(items, runtime, topic);
  await makeHeads(items, runtime, partitionRefs(topic));
  await activate(items, runtime, topic);
  return { ...topic, state: 'active' };
};

/** Makes the name this topic's, from nobody or from what only looks like a topic. @throws TOPIC_ALREADY_EXISTS */
const claimName = async (items: ItemStore, runtime: Runtime, topic: Topic): Promise<void> => {
  const found = await items.get(topicKey(topic.name));
  if (found !== undefined) await clearName(items, runtime, readTopic(found), topic.createdAt);
  try {
    await insisting(runtime, () =>
      items.put(topicItem(topic), { [TOPIC_CONDITIONS.nameIsFree]: absent('id') }),
    );
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    // An earlier copy of this very put may be what refused it: its id is the mark.
    if (error.item?.id !== topic.id) throw alreadyExists(topic.name);
  }
};

/** Frees a name whose topic was deleted or never came to be. @throws TOPIC_ALREADY_EXISTS when it is in use */
const clearName = async (
  items: ItemStore,
  runtime: Runtime,
  holder: Topic,
  now: number,
): Promise<void> => {
  if (!(await isDeleted(items, holder))) {
    const isOld = now - holder.createdAt > ABANDONED_TOPIC_MS;
    if (holder.state === 'active') throw alreadyExists(holder.name);
    if (holder.state === 'creating' && !isOld) throw beingMade(holder.name);
    if (!(await moveOn(items, runtime, holder, 'abandoned'))) throw alreadyExists(holder.name);
  }
  await retire(items, runtime, holder, now);
};

/** The commit of a creation. @throws TOPIC_ALREADY_EXISTS when the claim was taken for abandoned */
const activate = async (items: ItemStore, runtime: Runtime, topic: Topic): Promise<void> => {
  if (!(await moveOn(items, runtime, topic, 'active'))) throw alreadyExists(topic.name);
};

/** Ends the creation of a topic one way or the other. Whether it ended so, by whom does not matter. */
const moveOn = async (
  items: ItemStore,
  runtime: Runtime,
  { name, id }: Topic,
  state: 'active' | 'abandoned',
): Promise<boolean> => {
  const update: Update = {
    if: {
      [TOPIC_CONDITIONS.stillClaimed]: equals('id', id),
      [TOPIC_CONDITIONS.stillCreating]: equals('state', 'creating'),
    },
    change: [set('state', state)],
  };
  try {
    await insisting(runtime, () => items.update(topicKey(name), update));
    return true;
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    // An earlier copy of this very update may be what refused it.
    return error.item?.id === id && error.item.state === state;
  }
};

const beingMade = (name: TopicName): StratalogError =>
  new StratalogError(
    'TOPIC_ALREADY_EXISTS',
    `The topic ${name} is being made. If whoever makes it gave up, the name is free ${ABANDONED_TOPIC_MS / 1000} seconds after they began; until then choose another one.`,
    { context: { topic: name } },
  );

const alreadyExists = (name: TopicName): StratalogError =>
  new StratalogError(
    'TOPIC_ALREADY_EXISTS',
    `The topic ${name} exists. Choose another name, or delete it first.`,
    { context: { topic: name } },
  );
