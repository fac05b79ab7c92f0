/**
 * Partitions by the names that callers use, and what to do when a topic is not what it was.
 *
 * A belief about a topic may be old: it was made again, or grew. A verb answers by what is believed; what
 * comes back as unknown is asked once more without the belief.
 */
import { storageFailure } from '../log/storage-errors.ts';
import { StratalogError } from '../model/errors.ts';
import type { PartitionRef, TopicName } from '../model/ids.ts';
import type { Topic } from '../storage/keys/topic.ts';
import type { TopicCache } from './topic-cache.ts';

/** A partition as callers name it. */
export interface NamedPartition {
  readonly topic: TopicName;
  readonly partition: number;
}

/** A partition that its topic has. */
export interface FoundPartition {
  readonly topic: Topic;
  readonly ref: PartitionRef;
}

/** The answer of a verb for one partition, as far as it matters here. */
interface Answer {
  readonly error?: StratalogError;
}

/** The partition, or why there is none: UNKNOWN_TOPIC_OR_PARTITION, or a failure of the store. */
export const findPartition = async (
  topics: TopicCache,
  { topic: name, partition }: NamedPartition,
): Promise<FoundPartition | StratalogError> => {
  try {
    const topic = await topics.find(name);
    if (!hasPartition(topic, partition)) return noSuchPartition(topic, partition);
    return { topic, ref: { topicId: topic.id, partition } };
  } catch (error) {
    return storageFailure(error, 'The topic could not be looked up', 'none');
  }
};

/** Whether `partition` is one of the topic's. */
export const hasPartition = ({ partitions }: Topic, partition: number): boolean =>
  Number.isInteger(partition) && partition >= 0 && partition < partitions;

/** UNKNOWN_TOPIC_OR_PARTITION, telling which there are. */
export const noSuchPartition = ({ name, partitions }: Topic, partition: number): StratalogError =>
  new StratalogError(
    'UNKNOWN_TOPIC_OR_PARTITION',
    `Topic ${name} has no partition ${partition}; it has ${partitions}, numbered from 0.`,
    { context: { topic: name, partition } },
  );

/**
 * Which of the answers, one for each of `wanted`, know no such partition and did nothing. What is believed
 * of their topics is dropped.
 */
export const dropStale = (
  topics: TopicCache,
  wanted: readonly NamedPartition[],
  answers: readonly Answer[],
): readonly number[] => {
  const stale = [...answers.keys()].filter((index) => {
    const { error } = answers[index]!;
    return error?.code === 'UNKNOWN_TOPIC_OR_PARTITION' && error.effect === 'none';
  });
  for (const name of new Set(stale.map((index) => wanted[index]!.topic))) topics.drop(name);
  return stale;
};

/** What `ask` answers, one for each of `wanted`; those with an old belief of their topic are asked twice. */
export const askingAgain = async <Wanted extends NamedPartition, Told extends Answer>(
  topics: TopicCache,
  wanted: readonly Wanted[],
  ask: (wanted: readonly Wanted[]) => Promise<readonly Told[]>,
): Promise<readonly Told[]> => {
  const answers = [...(await ask(wanted))];
  const stale = dropStale(topics, wanted, answers);
  if (stale.length === 0) return answers;
  const again = await ask(stale.map((index) => wanted[index]!));
  stale.forEach((index, at) => {
    answers[index] = again[at]!;
  });
  return answers;
};
