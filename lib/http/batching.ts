/**
 * Records of one request, sorted into partitions and packed into batches.
 *
 * Records keep their order within a partition. What is refused (no such partition, too large) is told
 * for that record and does no harm to the others.
 */
import type { TopicLimits } from '../broker/api.ts';
import { StratalogError } from '../model/errors.ts';
import type { TopicName } from '../model/ids.ts';
import { MAX_BATCH_BYTES, MAX_PARTITIONS_PER_TOPIC } from '../model/limits.ts';
import { type BatchProducer, batchBuilder, loneBatchBytes } from '../record/encode.ts';
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

/**
 * Sorts `records` by partition; calls `refuse` for those that name one no topic can have. Others beyond
 * the topic's own are left to the broker, which asks anew before it says so: the topic may have grown.
 */
export const shareOut = (
  records: readonly AddressedRecord[],
  topic: TopicName,
  partitionFor: Partitioner,
  refuse: Refuse,
): readonly PartitionShare[] => {
  const shares = new Map<number, number[]>();
  for (const [position, record] of records.entries()) {
    const partition = record.partition ?? partitionFor(record.key ?? null);
    if (partition >= MAX_PARTITIONS_PER_TOPIC) {
      refuse(position, partition, noSuchPartition(topic, partition));
      continue;
    }
    const share = shares.get(partition);
    if (share === undefined) shares.set(partition, [position]);
    else share.push(position);
  }
  return [...shares].map(([partition, positions]) => ({ partition, positions }));
};

const noSuchPartition = (topic: TopicName, partition: number): StratalogError =>
  new StratalogError(
    'UNKNOWN_TOPIC_OR_PARTITION',
    `Topic ${topic} has no partition ${partition}: no topic has more than ${MAX_PARTITIONS_PER_TOPIC}, numbered from 0.`,
    { context: { topic, partition } },
  );

/** A record beside its key, its value and its headers, and a batch beside its records, about. */
const AROUND_RECORD_BYTES = 32;
const AROUND_BATCH_BYTES = 64;

/** About what the record takes in a batch; a good guess saves a batch from growing as it is filled. */
const roughBytes = ({ key, value }: RecordInput): number =>
  (key?.length ?? 0) + (value?.length ?? 0) + AROUND_RECORD_BYTES;

/** Sequences are int32 without a sign, and go on with 0 (KIP-98). */
const SEQUENCES = 2 ** 31;

/**
 * Packs a share into batches of at most `maxBatchBytes`; a record that is larger by itself gets a
 * batch of its own, for the broker to judge. Those of a `producer` have consecutive sequences.
 */
export const pack = (
  records: readonly RecordInput[],
  { partition, positions }: PartitionShare,
  maxBatchBytes: number,
  producer?: BatchProducer,
): PackedShare => {
  let sequence = producer?.baseSequence ?? 0;
  const batches: Uint8Array[] = [];
  const packed: (readonly number[])[] = [];
  let leftBytes = positions.reduce((sum, position) => sum + roughBytes(records[position]!), 0);
  const begin = () => batchBuilder(Math.min(leftBytes + AROUND_BATCH_BYTES, maxBatchBytes));
  let builder = begin();
  let current: number[] = [];
  const close = () => {
    const options = producer && { producer: { ...producer, baseSequence: sequence } };
    batches.push(builder.build(options));
    sequence = (sequence + current.length) % SEQUENCES;
    packed.push(current);
  };
  for (const position of positions) {
    const record = records[position]!;
    if (current.length > 0 && builder.sizeWith(record) > maxBatchBytes) {
      close();
      builder = begin();
      current = [];
    }
    builder.append(record);
    current.push(position);
    leftBytes -= roughBytes(record);
  }
  if (current.length > 0) close();
  return { partition, batches, positions: packed };
};

/** What to do with a record that the topic does not take. */
const advice = (sizeBytes: number): string =>
  sizeBytes <= MAX_BATCH_BYTES
    ? 'Make it smaller or raise max.message.bytes.'
    : `That is more than max.message.bytes can allow (${MAX_BATCH_BYTES}): split it, or store it elsewhere and append where it is.`;

const tooLarge = (record: RecordInput, topic: TopicName, { maxBatchBytes }: TopicLimits) => {
  const sizeBytes = loneBatchBytes(record);
  return sizeBytes <= maxBatchBytes
    ? undefined
    : new StratalogError(
        'MESSAGE_TOO_LARGE',
        `The record takes ${sizeBytes} bytes as a batch; topic ${topic} allows ${maxBatchBytes}. ${advice(sizeBytes)}`,
        { context: { topic, sizeBytes, maxBytes: maxBatchBytes } },
      );
};

const tooFarAhead = (
  { timestamp }: RecordInput,
  topic: TopicName,
  { timestampAfterMaxMs }: TopicLimits,
  now: number,
) =>
  timestamp - now <= timestampAfterMaxMs
    ? undefined
    : new StratalogError(
        'INVALID_TIMESTAMP',
        `The record has the timestamp ${timestamp}, ${timestamp - now} ms ahead of now; topic ${topic} allows ${timestampAfterMaxMs} ms (message.timestamp.after.max.ms). Timestamps are milliseconds since 1970.`,
        { context: { topic, timestamp, now, timestampAfterMaxMs } },
      );

/**
 * Splits off the records that would have their whole batch refused, because they are too large for any
 * or have a time that is far ahead; calls `refuse` for each.
 */
export const withoutUnfit = (
  records: readonly RecordInput[],
  share: PartitionShare,
  topic: TopicName,
  limits: TopicLimits,
  now: number,
  refuse: Refuse,
): PartitionShare => ({
  partition: share.partition,
  positions: share.positions.filter((position) => {
    const record = records[position]!;
    const error = tooLarge(record, topic, limits) ?? tooFarAhead(record, topic, limits, now);
    if (error !== undefined) refuse(position, share.partition, error);
    return error === undefined;
  }),
});
