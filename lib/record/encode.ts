/**
 * Records to a batch.
 *
 * A builder writes each record straight into the bytes that will be the batch and knows its size all
 * along, so that a producer can close a batch before it is too large. The header is written last, when
 * the counts, the timestamps and the producer's sequence are known.
 */
import { concatBytes } from '../bytes/concat.ts';
import { crc32c } from '../bytes/crc32c.ts';
import { setInt16, setInt32, setInt64 } from '../bytes/integers.ts';
import { sizeOfVarint } from '../bytes/varint.ts';
import { Writer } from '../bytes/writer.ts';
import { invariant } from '../model/assert.ts';
import { StratalogError } from '../model/errors.ts';
import { MAX_RECORDS_PER_BATCH } from '../model/limits.ts';
import type { Compressor } from './compression/compressor.ts';
import {
  ATTRIBUTES_AT,
  BASE_OFFSET_AT,
  BASE_SEQUENCE_AT,
  BASE_TIMESTAMP_AT,
  BATCH_LENGTH_AT,
  COMPRESSIONS,
  CONTROL_FLAG,
  CRC_AT,
  LAST_OFFSET_DELTA_AT,
  LEADER_EPOCH_AT,
  LENGTH_OVERHEAD_BYTES,
  LOG_APPEND_TIME_FLAG,
  MAGIC,
  MAGIC_AT,
  MAX_TIMESTAMP_AT,
  NO_PRODUCER_EPOCH,
  NO_PRODUCER_ID,
  NO_SEQUENCE,
  NO_TIMESTAMP,
  PRODUCER_EPOCH_AT,
  PRODUCER_ID_AT,
  RECORD_COUNT_AT,
  RECORDS_AT,
  TRANSACTIONAL_FLAG,
} from './layout.ts';
import { type RecordInput, recordBodyBytes, writeRecord } from './record.ts';

/** Who wrote a batch, and where it stands in the row of that producer's records (KIP-98). */
export interface BatchProducer {
  readonly producerId: number;
  readonly producerEpoch: number;
  /** Sequence of the first record. */
  readonly baseSequence: number;
}

export interface BatchOptions {
  /** Default 0, as clients send it. */
  readonly baseOffset?: number;
  /** Default 0. */
  readonly partitionLeaderEpoch?: number;
  /** Default: not idempotent. */
  readonly producer?: BatchProducer;
  readonly isTransactional?: boolean;
  readonly isControl?: boolean;
  /** ms since the epoch; makes it the timestamp of all records. Default: they keep their own. */
  readonly logAppendTime?: number;
  /** From `loadCompressor`. Default: not compressed. */
  readonly compressor?: Compressor;
}

export interface BatchBuilder {
  readonly recordCount: number;
  /** Of the batch as it is now, before compression. */
  readonly sizeBytes: number;
  /** What `sizeBytes` would be with this record too. */
  sizeWith(record: RecordInput): number;
  /**
   * Copies the record in.
   * @throws INVALID_RECORD when the record, or the batch, has more of something than is allowed;
   *   INVALID_TIMESTAMP
   */
  append(record: RecordInput): void;
  /** The batch. At least one record is in it; the builder must not be used afterwards. */
  build(options?: BatchOptions): Uint8Array;
}

/** @param capacityBytes what to allocate at first: the batch size that is aimed at, where it is known */
export const batchBuilder = (capacityBytes?: number): BatchBuilder => {
  const writer = new Writer(capacityBytes);
  writer.bytes(EMPTY_HEADER);
  let recordCount = 0;
  let baseTimestamp = NO_TIMESTAMP;
  let maxTimestamp = NO_TIMESTAMP;

  const bodyBytesOf = (record: RecordInput): number =>
    recordBodyBytes(record, recordCount, recordCount === 0 ? 0 : record.timestamp - baseTimestamp);

  return {
    get recordCount() {
      return recordCount;
    },
    get sizeBytes() {
      return writer.length;
    },
    sizeWith(record) {
      const bodyBytes = bodyBytesOf(record);
      return writer.length + sizeOfVarint(bodyBytes) + bodyBytes;
    },
    append(record) {
      const { timestamp } = record;
      // Its distance from none, which is -1, must be a safe integer as well.
      if (
        !Number.isSafeInteger(timestamp) ||
        timestamp < NO_TIMESTAMP ||
        timestamp === Number.MAX_SAFE_INTEGER
      ) {
        throw new StratalogError(
          'INVALID_TIMESTAMP',
          `A record's timestamp is ${timestamp}; it must be a whole number of milliseconds since 1970, or -1 for none.`,
          { context: { timestamp } },
        );
      }
      if (recordCount === MAX_RECORDS_PER_BATCH) {
        throw new StratalogError(
          'INVALID_RECORD',
          `A batch holds at most ${MAX_RECORDS_PER_BATCH} records; begin another one.`,
        );
      }
      const bodyBytes = bodyBytesOf(record);
      if (recordCount === 0) {
        baseTimestamp = timestamp;
        maxTimestamp = timestamp;
      } else if (timestamp > maxTimestamp) {
        maxTimestamp = timestamp;
      }
      writeRecord(writer, record, recordCount, timestamp - baseTimestamp, bodyBytes);
      recordCount++;
    },
    build(options = {}) {
      invariant(recordCount > 0, 'a batch has at least one record');
      const { compressor, producer, logAppendTime } = options;
      const plain = writer.finish();
      const batch =
        compressor === undefined
          ? plain
          : concatBytes([EMPTY_HEADER, compressor.compress(plain.subarray(RECORDS_AT))]);
      const attributes =
        COMPRESSIONS.indexOf(compressor?.compression ?? 'none') |
        (logAppendTime === undefined ? 0 : LOG_APPEND_TIME_FLAG) |
        (options.isTransactional ? TRANSACTIONAL_FLAG : 0) |
        (options.isControl ? CONTROL_FLAG : 0);
      setInt64(batch, BASE_OFFSET_AT, options.baseOffset ?? 0);
      setInt32(batch, BATCH_LENGTH_AT, batch.length - LENGTH_OVERHEAD_BYTES);
      setInt32(batch, LEADER_EPOCH_AT, options.partitionLeaderEpoch ?? 0);
      batch[MAGIC_AT] = MAGIC;
      setInt16(batch, ATTRIBUTES_AT, attributes);
      setInt32(batch, LAST_OFFSET_DELTA_AT, recordCount - 1);
      setInt64(batch, BASE_TIMESTAMP_AT, baseTimestamp);
      setInt64(batch, MAX_TIMESTAMP_AT, logAppendTime ?? maxTimestamp);
      setInt64(batch, PRODUCER_ID_AT, producer?.producerId ?? NO_PRODUCER_ID);
      setInt16(batch, PRODUCER_EPOCH_AT, producer?.producerEpoch ?? NO_PRODUCER_EPOCH);
      setInt32(batch, BASE_SEQUENCE_AT, producer?.baseSequence ?? NO_SEQUENCE);
      setInt32(batch, RECORD_COUNT_AT, recordCount);
      setInt32(batch, CRC_AT, crc32c(batch.subarray(ATTRIBUTES_AT)));
      return batch;
    },
  };
};

const EMPTY_HEADER = new Uint8Array(RECORDS_AT);

/** Bytes of the batch that has this record alone, not compressed. @throws INVALID_RECORD for too many headers */
export const loneBatchBytes = (record: RecordInput): number => {
  const bodyBytes = recordBodyBytes(record, 0, 0);
  return RECORDS_AT + sizeOfVarint(bodyBytes) + bodyBytes;
};

/** The batch of `records`, of which there is at least one. @throws as `BatchBuilder.append` */
export const encodeBatch = (
  records: readonly RecordInput[],
  options: BatchOptions = {},
): Uint8Array => {
  const builder = batchBuilder();
  for (const record of records) builder.append(record);
  return builder.build(options);
};
