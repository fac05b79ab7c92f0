/** Which partition a message goes to: as it says, as the program's own function says, or by its key. */
import { StratalogError } from '../../model/errors.ts';
import { partitionForKey } from '../../record/partitioner.ts';
import type { MessageHeaders } from '../headers.ts';
import type { Prepared } from './message.ts';

/** What a custom partitioner is told. */
export interface PartitionerInput {
  readonly topic: string;
  /** How many there are. */
  readonly partitions: number;
  /** As it will be written. */
  readonly key: Uint8Array | null;
  readonly headers: MessageHeaders;
}

/** A partition from 0 to `partitions` − 1; `undefined`: as if there were no custom partitioner. */
export type Partitioner = (input: PartitionerInput) => number | undefined;

const asked = (
  partitioner: Partitioner | undefined,
  input: PartitionerInput,
): number | undefined => {
  try {
    return partitioner?.(input);
  } catch (cause) {
    const { topic } = input;
    const problem = `The partitioner has failed for a message for ${topic}: ${String(cause)}`;
    throw new StratalogError('INVALID_REQUEST', problem, { context: { topic }, cause });
  }
};

/**
 * The partition of a message, or undefined: any will do. By default the murmur2 hash of its key, as
 * Kafka's Java client and kafkajs choose.
 * @throws UNKNOWN_TOPIC_OR_PARTITION for one that is not there; INVALID_REQUEST when the partitioner throws
 */
export const partitionOf = (
  topic: string,
  { record, partition, headers = {} }: Prepared,
  partitions: number,
  partitioner: Partitioner | undefined,
): number | undefined => {
  const { key = null } = record;
  const chosen = partition ?? asked(partitioner, { topic, partitions, key, headers });
  if (chosen === undefined) {
    return key === null ? undefined : partitionForKey(key, partitions);
  }
  if (Number.isInteger(chosen) && chosen >= 0 && chosen < partitions) return chosen;
  throw new StratalogError(
    'UNKNOWN_TOPIC_OR_PARTITION',
    `Topic ${topic} has no partition ${chosen}; it has ${partitions}, numbered from 0.`,
    { context: { topic, partition: String(chosen), partitions } },
  );
};
