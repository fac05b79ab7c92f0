/**
 * Records of one request, sorted into partitions and packed into batches.
 *
 * Records keep their order within a partition. What is refused (no such partition, too large) is told
 * for that record and does no harm to the others.
 */
import { StratalogError } from '../model/errors.ts';
import type { TopicName } from '../model/ids.ts';
import { batchBuilder } from '../record/encode.ts';
import type { RecordInput } from '../record/record.ts';
import type { AddressedRecord } from './json-records.ts';

/** Positions in the request of the records for one partition. */
export interface PartitionShare {
  readonly partition: number;
  readonly positions: readonly number[];
}

/** The batches for one partition; batch b holds the records at `positions[b]`. */
export interface PackedShare {
  readonly partition: number;
  readonly batches: readonly Uint8Array[];
  readonly positions: readonly (readonly number[])[];
}

/** Where a record without a partition goes. */
export type Partitioner = (key: Uint8Array | null) => number;

/** Refuses one record of the request. */
export type Refuse = (position: number, partition: number, error: StratalogError) => void;

/** Sorts `records` by partition; calls `refuse` for those that name a partition the topic does not have. */
export const shareOut = (
  records: readonly AddressedRecord[],
  topic: TopicName,
  partitionCount: number,
  partitionFor: Partitioner,
  refuse: Refuse,
): readonly PartitionShare[] => {
  const shares = new Map<number, number[]>();
  for (const [position, record] of records.entries()) {
    const partition = record.partition ?? partitionFor(record.key ?? null);
    if (partition >= partitionCount) {
      refuse(position, partition, noSuchPartition(topic, partition, partitionCount));
      continue;
    }
    const share = shares.get(partition);
    if (share === undefined) shares.set(partition, [position]);
    else share.push(position);
  }
  return [...shares].map(([partition, positions]) => ({ partition, positions }));
};

const noSuchPartition = (topic: TopicName, partition: number, partitions: number): StratalogError =>
  new StratalogError(
    'UNKNOWN_TOPIC_OR_PARTITION',
    `Topic ${topic} has no partition ${partition}; it has ${partitions}, numbered from 0.`,
    { context: { topic, partition, partitions } },
  );

/** First allocation for a batch: most requests are small. */
const FIRST_CAPACITY_BYTES = 4096;

/**
 * Packs a share into batches of at most `maxBatchBytes`; a record that is larger by itself gets a
 * batch of its own, for the broker to judge.
 */
export const pack = (
  records: readonly RecordInput[],
  { partition, positions }: PartitionShare,
  maxBatchBytes: number,
): PackedShare => {
  const batches: Uint8Array[] = [];
  const packed: (readonly number[])[] = [];
  let builder = batchBuilder(FIRST_CAPACITY_BYTES);
  let current: number[] = [];
  const close = () => {
    batches.push(builder.build());
    packed.push(current);
  };
  for (const position of positions) {
    const record = records[position]!;
    if (current.length > 0 && builder.sizeWith(record) > maxBatchBytes) {
      close();
      builder = batchBuilder(FIRST_CAPACITY_BYTES);
      current = [];
    }
    builder.append(record);
    current.push(position);
  }
  if (current.length > 0) close();
  return { partition, batches, positions: packed };
};

/** Splits off the records that no batch of `maxBatchBytes` can hold, calling `refuse` for each. */
export const withoutOversized = (
  records: readonly RecordInput[],
  share: PartitionShare,
  topic: TopicName,
  maxBatchBytes: number,
  refuse: Refuse,
): PartitionShare => ({
  partition: share.partition,
  positions: share.positions.filter((position) => {
    const sizeBytes = batchBuilder(0).sizeWith(records[position]!);
    if (sizeBytes <= maxBatchBytes) return true;
    refuse(
      position,
      share.partition,
      new StratalogError(
        'MESSAGE_TOO_LARGE',
        `The record takes ${sizeBytes} bytes as a batch; topic ${topic} allows ${maxBatchBytes}. Make it smaller or raise max.message.bytes.`,
        { context: { topic, partition: share.partition, sizeBytes, maxBytes: maxBatchBytes } },
      ),
    );
    return false;
  }),
});
