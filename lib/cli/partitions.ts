/** Choosing partitions of a topic. */
import type { PartitionDescription, TopicDescription } from '../client/topics.ts';
import { StratalogError } from '../model/errors.ts';

/** The one with this number, or all. @throws UNKNOWN_TOPIC_OR_PARTITION */
export const chosenPartitions = (
  { name, partitions }: Pick<TopicDescription, 'name' | 'partitions'>,
  partition: number | undefined,
): readonly PartitionDescription[] => {
  if (partition === undefined) return partitions;
  const found = partitions.filter((candidate) => candidate.partition === partition);
  if (found.length > 0) return found;
  throw new StratalogError(
    'UNKNOWN_TOPIC_OR_PARTITION',
    `Topic ${name} has no partition ${partition}; it has ${partitions.length}, numbered from 0.`,
    { context: { topic: name, partition } },
  );
};
