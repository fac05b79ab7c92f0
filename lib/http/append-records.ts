/**
 * Appends the records of one request and tells for each where it lies or why it does not.
 *
 *   records → shares by partition → without what no batch may hold → batches → broker.produce
 *
 * With an expected end or a producer the records are one share that is appended whole or not at all:
 * then what one record may not, none may.
 */
import type { Broker, ProducePartitionResult } from '../broker/api.ts';
import { StratalogError } from '../model/errors.ts';
import type { TopicName } from '../model/ids.ts';
import { DEFAULT_MAX_BATCH_BYTES } from '../model/limits.ts';
import type { Runtime } from '../model/runtime.ts';
import { partitionForKey, stickyPartitioner } from '../record/partitioner.ts';
import { type PackedShare, pack, type Refuse, shareOut, withoutUnfit } from './batching.ts';
import type { AddressedRecord } from './json-records.ts';
import type { Placement } from './placement.ts';

/** What became of one record. */
export interface RecordOutcome {
  readonly partition: number;
  /** Meaningless when `error` is there. */
  readonly offset: number;
  readonly error?: StratalogError;
}

/** The records with the partition of the query. @throws INVALID_REQUEST for one that names another */
const placed = (
  records: readonly AddressedRecord[],
  partition: number | undefined,
): readonly AddressedRecord[] => {
  if (partition === undefined) return records;
  const astray = records.findIndex(
    (record) => record.partition !== undefined && record.partition !== partition,
  );
  if (astray < 0) return records.map((record) => ({ ...record, partition }));
  throw new StratalogError(
    'INVALID_REQUEST',
    `Record ${astray}, counted from 0, names partition ${records[astray]!.partition} and the query names ${partition}; leave out one of them.`,
    { context: { field: 'partition', position: astray } },
  );
};

const refuseWhole: Refuse = (position, _partition, error) => {
  throw new StratalogError(
    error.code,
    `Record ${position}, counted from 0, cannot be written, and so nothing was. ${error.message}`,
    { context: { ...error.context, position } },
  );
};

/**
 * One outcome per record, in order.
 * @throws UNKNOWN_TOPIC_OR_PARTITION when the topic does not exist; where the records are one share,
 *   what would be the outcome of one
 */
export const appendRecords = async (
  broker: Broker,
  runtime: Runtime,
  topic: TopicName,
  unplaced: readonly AddressedRecord[],
  { partition: ofQuery, expectedEnd, producer }: Placement,
): Promise<readonly RecordOutcome[]> => {
  const records = placed(unplaced, ofQuery);
  const outcomes: RecordOutcome[] = new Array(records.length);
  const refuse: Refuse = (position, partition, error) => {
    outcomes[position] = { partition, offset: -1, error };
  };
  const isWhole = expectedEnd !== undefined || producer !== undefined;
  const refuseOne = isWhole ? refuseWhole : refuse;
  const limits = await broker.topicLimits(topic);
  const { partitions, maxBatchBytes } = limits;
  const now = runtime.now();
  const sticky = stickyPartitioner(runtime);
  const partitionFor = (key: Uint8Array | null) =>
    key === null ? sticky.current(partitions) : partitionForKey(key, partitions);

  const batchBytes = Math.min(maxBatchBytes, DEFAULT_MAX_BATCH_BYTES);
  const packed = shareOut(records, topic, partitionFor, refuseOne)
    .map((share) => withoutUnfit(records, share, topic, limits, now, refuseOne))
    .filter(({ positions }) => positions.length > 0)
    .map((share) => pack(records, share, batchBytes, producer));
  const results =
    packed.length === 0 ? [] : await produce(broker, topic, packed, { expectedEnd, isWhole });
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
  { expectedEnd, isWhole }: { expectedEnd: number | undefined; isWhole: boolean },
): Promise<readonly ProducePartitionResult[]> =>
  broker.produce({
    topic,
    partitions: packed.map(({ partition, batches }) => ({
      partition,
      batches: batches.length === 1 ? batches[0]! : Buffer.concat(batches),
      isWhole,
      ...(expectedEnd === undefined ? {} : { expectedEnd }),
    })),
  });
