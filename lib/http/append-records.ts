/**
 * Appends the records of one request and tells for each where it lies or why it does not.
 *
 *   records → shares by partition → without what no batch can hold → batches → broker.produce
 */
import type { Broker, ProducePartitionResult } from '../broker/api.ts';
import type { StratalogError } from '../model/errors.ts';
import type { TopicName } from '../model/ids.ts';
import { DEFAULT_MAX_BATCH_BYTES } from '../model/limits.ts';
import type { Runtime } from '../model/runtime.ts';
import { partitionForKey, stickyPartitioner } from '../record/partitioner.ts';
import { type PackedShare, pack, type Refuse, shareOut, withoutOversized } from './batching.ts';
import type { AddressedRecord } from './json-records.ts';

/** What became of one record. */
export interface RecordOutcome {
  readonly partition: number;
  /** Meaningless when `error` is there. */
  readonly offset: number;
  readonly error?: StratalogError;
}

/**
 * One outcome per record, in order.
 * @throws UNKNOWN_TOPIC_OR_PARTITION when the topic does not exist
 */
export const appendRecords = async (
  broker: Broker,
  runtime: Runtime,
  topic: TopicName,
  records: readonly AddressedRecord[],
): Promise<readonly RecordOutcome[]> => {
  const outcomes: RecordOutcome[] = new Array(records.length);
  const refuse: Refuse = (position, partition, error) => {
    outcomes[position] = { partition, offset: -1, error };
  };
  const { partitions, maxBatchBytes } = await broker.topicLimits(topic);
  const sticky = stickyPartitioner(runtime);
  const partitionFor = (key: Uint8Array | null) =>
    key === null ? sticky.current(partitions) : partitionForKey(key, partitions);

  const packed = shareOut(records, topic, partitions, partitionFor, refuse)
    .map((share) => withoutOversized(records, share, topic, maxBatchBytes, refuse))
    .filter(({ positions }) => positions.length > 0)
    .map((share) => pack(records, share, Math.min(maxBatchBytes, DEFAULT_MAX_BATCH_BYTES)));
  const results = packed.length === 0 ? [] : await produce(broker, topic, packed);
  for (const [i, { partition, positions }] of packed.entries()) {
    const { baseOffsets, error } = results[i]!;
    for (const [b, inBatch] of positions.entries()) {
      for (const [k, position] of inBatch.entries()) {
        if (error !== undefined) refuse(position, partition, error);
        else outcomes[position] = { partition, offset: baseOffsets[b]! + k };
      }
    }
  }
  return outcomes;
};

const produce = (
  broker: Broker,
  topic: TopicName,
  packed: readonly PackedShare[],
): Promise<readonly ProducePartitionResult[]> =>
  broker.produce({
    topic,
    partitions: packed.map(({ partition, batches }) => ({
      partition,
      batches: batches.length === 1 ? batches[0]! : Buffer.concat(batches),
    })),
  });
