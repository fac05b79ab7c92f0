/**
 * TOPICS: what a topic is. The item holds the name; once it is active the topic exists.
 *
 *   pk  TOPICS      sk  <name>            written by topic creation (first as `creating`, then active or abandoned);
 *                                         changed by alter and by adding partitions, a revision each
 *                                         (`lib/storage/revise.ts`)
 *   pk  DELETED     sk  <topic id>        written by deletion before heads and the item above go; carries the
 *                                         duty to delete what is left (heads, the name, rows, objects)
 *
 *   partitions   0 … partitions−1 | … reserved−1 |
 *                can be written    heads that may be there: someone is adding them, or gave up
 */
import { StratalogError } from '../../model/errors.ts';
import { type TopicId, type TopicName, topicId } from '../../model/ids.ts';
import { MAX_PARTITIONS_PER_TOPIC } from '../../model/limits.ts';
import { absent, anyOf, type Conditions, type Item, type ItemKey, lessThan } from '../algebra.ts';
import { damaged, name, texts, wholeNumber } from '../attributes.ts';
import { revisionOf } from '../revise.ts';

/** Migration: readers upgrade older versions on read; the next alter writes the newest. */
export const TOPIC_VERSION = 1;

export const TOPICS = 'TOPICS';
export const DELETED = 'DELETED';
/** The duty of a deleted topic. */
export const DELETE_TOPIC_DUTY = 'delete-topic';

export interface Topic {
  readonly name: TopicName;
  readonly id: TopicId;
  readonly partitions: number;
  /** ≥ `partitions`: no head is at or above it. */
  readonly reserved: number;
  /** Only what was set; defaults are in `lib/log/configs.ts`. */
  readonly configs: Readonly<Record<string, string>>;
  /** ms since the epoch. */
  readonly createdAt: number;
  /** Other than `active`: being made, or given up before that was done; only collection, which raises floors, looks at it. */
  readonly state: TopicState;
  /** How often it was altered. */
  readonly revision: number;
}

const STATES = ['creating', 'active', 'abandoned'] as const;
export type TopicState = (typeof STATES)[number];

export const topicKey = (name: TopicName): ItemKey => ({ pk: TOPICS, sk: name });

export const deletedTopicKey = (id: TopicId): ItemKey => ({ pk: DELETED, sk: id });

/** The item that makes a topic exist. */
export const topicItem = (topic: Topic): Item => ({
  ...topicKey(topic.name),
  v: TOPIC_VERSION,
  id: topic.id,
  partitions: topic.partitions,
  reserved: topic.reserved,
  configs: topic.configs,
  createdAt: topic.createdAt,
  state: topic.state,
});

/** The item that says a topic is to go, with the duty due at `now` (ms). */
export const deletedTopicItem = (topic: Topic, now: number): Item => ({
  ...topicItem(topic),
  ...deletedTopicKey(topic.id),
  name: topic.name,
  duty: DELETE_TOPIC_DUTY,
  dueAt: now,
});

/** A late copy, and one who read the topic before it grew, must not make the duty smaller. */
export const deletedTopicGrows = (topic: Pick<Topic, 'reserved'>): Conditions => ({
  'deleted-topic-grows': anyOf(absent('id'), lessThan('reserved', topic.reserved)),
});

/** @throws CORRUPT_STORE when the item is not a topic of a version that this code reads, or is damaged. */
export const readTopic = (item: Item): Topic => {
  if (item.v !== TOPIC_VERSION) {
    throw new StratalogError(
      'CORRUPT_STORE',
      `The topic ${item.sk} has version ${String(item.v)}; this release reads ${TOPIC_VERSION}. Upgrade it.`,
      { context: { topic: item.sk } },
    );
  }
  const partitions = wholeNumber(item, 'partitions', 1);
  const reserved = item.reserved === undefined ? partitions : wholeNumber(item, 'reserved');
  if (reserved < partitions || reserved > MAX_PARTITIONS_PER_TOPIC) {
    throw damaged(item, `it has ${partitions} partitions, and ${reserved} reserved`);
  }
  return {
    name: item.sk as TopicName,
    id: topicId(name(item, 'id')),
    partitions,
    reserved,
    configs: texts(item, 'configs'),
    createdAt: wholeNumber(item, 'createdAt'),
    state: stateOf(item),
    revision: revisionOf(item),
  };
};

const stateOf = (item: Item): TopicState => {
  const state = STATES.find((one) => one === item.state);
  if (state === undefined) throw damaged(item, `its state is none of ${STATES.join(', ')}`);
  return state;
};
