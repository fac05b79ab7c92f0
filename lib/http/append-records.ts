/**
 * Appends the records of one request and tells for each where it lies or why it does not.
 *
 *   records → shares by partition → batches of ≤ 1 MiB → broker.produce
 *                    ▲                                        │ a batch is too large for the topic
 *                    └──── smaller batches, once ─────────────┘ (the error says what it takes)
 */
import type { Broker, ProducePartitionResult } from '../broker/api.ts';
import type { StratalogError } from '../model/errors.ts';
import type { TopicName } from '../model/ids.ts';
import { DEFAULT_MAX_BATCH_BYTES } from '../model/limits.ts';
import type { Runtime } from '../model/runtime.ts';
import { partitionForKey, stickyPartitioner } from '../record/partitioner.ts';
import {
  type PackedShare,
  type PartitionShare,
  pack,
  type Refuse,
  shareOut,
  withoutOversized,
} from './batching.ts';
import type { AddressedRecord } from './json-records.ts';

/** What became of one record. */
export interface RecordOutcome {
  readonly partition: number;
  /** Meaningless when `error` is there. */
  readonly offset: number;
  readonly error?: StratalogError;
}

/** The largest batch that the topic takes, if that is why this share was refused. */
const limitIn = (error: StratalogError | undefined): number | undefined => {
  if (error?.code !== 'MESSAGE_TOO_LARGE') return undefined;
  const { maxBatchBytes } = error.context;
  return typeof maxBatchBytes === 'number' ? maxBatchBytes : undefined;
};

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
  const partitions = await broker.partitionsOf(topic);
  const sticky = stickyPartitioner(runtime);
  const partitionFor = (key: Uint8Array | null) =>
    key === null ? sticky.current(partitions) : partitionForKey(key, partitions);

  /** Appends what fits; answers with the shares that need smaller batches, if there is a second try. */
  const append = async (
    shares: readonly PartitionShare[],
    maxBatchBytes: number,
    isLast: boolean,
  ) => {
    const packed = shares
      .filter(({ positions }) => positions.length > 0)
      .map((share) => pack(records, share, maxBatchBytes));
    if (packed.length === 0) return [];
    const results = await produce(broker, topic, packed);
    const tooLarge: TooLarge[] = [];
    for (const [i, { partition, positions }] of packed.entries()) {
      const { baseOffsets, error } = results[i]!;
      const limit = limitIn(error);
      if (limit !== undefined && !isLast) {
        tooLarge.push({ share: { partition, positions: positions.flat() }, limit });
        continue;
      }
      for (const [b, inBatch] of positions.entries()) {
        for (const [k, position] of inBatch.entries()) {
          if (error !== undefined) refuse(position, partition, error);
          else outcomes[position] = { partition, offset: baseOffsets[b]! + k };
        }
      }
    }
    return tooLarge;
  };

  const shares = shareOut(records, topic, partitions, partitionFor, refuse);
  const tooLarge = await append(shares, DEFAULT_MAX_BATCH_BYTES, false);
  const limit = tooLarge[0]?.limit;
  if (limit !== undefined) {
    await append(
      tooLarge.map(({ share }) => withoutOversized(records, share, topic, limit, refuse)),
      limit,
      true,
    );
  }
  return outcomes;
};

/** A share that was refused because the topic takes smaller batches only. */
interface TooLarge {
  readonly share: PartitionShare;
  readonly limit: number;
}

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
