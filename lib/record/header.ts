/**
 * A batch's header as an object, and the checks that make its bytes worth reading at all.
 */
import { crc32c } from '../bytes/crc32c.ts';
import { getInt16, getInt32, getInt64, getUint32 } from '../bytes/integers.ts';
import { StratalogError } from '../model/errors.ts';
import {
  ATTRIBUTES_AT,
  attributesOf,
  BASE_OFFSET_AT,
  BASE_SEQUENCE_AT,
  BASE_TIMESTAMP_AT,
  CONTROL_FLAG,
  type Compression,
  CRC_AT,
  claimedSizeBytes,
  compressionOf,
  LAST_OFFSET_DELTA_AT,
  LEADER_EPOCH_AT,
  MAGIC,
  MAGIC_AT,
  MAX_TIMESTAMP_AT,
  PRODUCER_EPOCH_AT,
  PRODUCER_ID_AT,
  RECORD_COUNT_AT,
  RECORDS_AT,
  type TimestampType,
  TRANSACTIONAL_FLAG,
  timestampTypeOf,
} from './layout.ts';

/** int64 fields are safe integers: a header with a larger one is refused. */
export interface BatchHeader {
  readonly baseOffset: number;
  /** Of the whole batch. */
  readonly sizeBytes: number;
  readonly partitionLeaderEpoch: number;
  readonly compression: Compression;
  readonly timestampType: TimestampType;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  readonly lastOffsetDelta: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  /** −1: not idempotent, and then epoch and sequence mean nothing. */
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly recordCount: number;
}

/**
 * Checks that `batch` is one whole batch of magic 2 and that its CRC32C holds.
 * @throws CORRUPT_MESSAGE for the length and the CRC, UNSUPPORTED_FOR_MESSAGE_FORMAT for the magic
 */
export const checkIntegrity = (batch: Uint8Array): void => {
  checkFraming(batch);
  const claimed = getUint32(batch, CRC_AT);
  const computed = crc32c(batch.subarray(ATTRIBUTES_AT));
  if (claimed !== computed) {
    throw new StratalogError(
      'CORRUPT_MESSAGE',
      `The batch claims the CRC32C ${hex(claimed)} and has ${hex(computed)}: it was damaged on the way, or its writer uses another checksum.`,
      { context: { claimed: hex(claimed), computed: hex(computed) } },
    );
  }
};

/** The part of `checkIntegrity` that costs nothing: the magic and the length. */
export const checkFraming = (batch: Uint8Array): void => {
  refuseOldFormat(batch);
  if (batch.length < RECORDS_AT) {
    throw new StratalogError(
      'CORRUPT_MESSAGE',
      `The batch has ${batch.length} bytes; its header alone takes ${RECORDS_AT}.`,
      { context: { sizeBytes: batch.length } },
    );
  }
  const magic = batch[MAGIC_AT]!;
  if (magic !== MAGIC) {
    throw new StratalogError(
      'CORRUPT_MESSAGE',
      `The batch has magic ${magic} in byte ${MAGIC_AT}; it must be ${MAGIC}.`,
      { context: { magic } },
    );
  }
  const claimed = claimedSizeBytes(batch);
  if (claimed !== batch.length) {
    throw new StratalogError(
      'CORRUPT_MESSAGE',
      `The batch claims ${claimed} bytes by its length field and has ${batch.length}.`,
      { context: { claimed, sizeBytes: batch.length } },
    );
  }
};

/**
 * Kafka's message formats 0 and 1 have their magic at the same place and are shorter than a batch.
 * @throws UNSUPPORTED_FOR_MESSAGE_FORMAT
 */
export const refuseOldFormat = (bytes: Uint8Array): void => {
  const magic = bytes[MAGIC_AT];
  if (magic !== 0 && magic !== 1) return;
  throw new StratalogError(
    'UNSUPPORTED_FOR_MESSAGE_FORMAT',
    `The records are in message format ${magic}; only format ${MAGIC} (Kafka 0.11, 2017) is taken. Use a newer client, or set its message format.`,
    { context: { magic } },
  );
};

/**
 * Reads the header of a batch that passed `checkIntegrity`, or comes from where it was checked.
 * @throws INVALID_TIMESTAMP, INVALID_RECORD for an int64 beyond ±2⁵³; UNSUPPORTED_COMPRESSION_TYPE
 */
export const readHeader = (batch: Uint8Array): BatchHeader => {
  const attributes = attributesOf(batch);
  const compression = compressionOf(attributes);
  if (compression === undefined) {
    throw new StratalogError(
      'UNSUPPORTED_COMPRESSION_TYPE',
      `The batch's attributes name compression ${attributes & 7}; known are none (0), gzip (1), snappy (2), lz4 (3) and zstd (4).`,
      { context: { compression: attributes & 7 } },
    );
  }
  return {
    baseOffset: safeInt64(batch, BASE_OFFSET_AT, 'base offset', 'INVALID_RECORD'),
    sizeBytes: claimedSizeBytes(batch),
    partitionLeaderEpoch: getInt32(batch, LEADER_EPOCH_AT),
    compression,
    timestampType: timestampTypeOf(attributes),
    isTransactional: (attributes & TRANSACTIONAL_FLAG) !== 0,
    isControl: (attributes & CONTROL_FLAG) !== 0,
    lastOffsetDelta: getInt32(batch, LAST_OFFSET_DELTA_AT),
    baseTimestamp: safeInt64(batch, BASE_TIMESTAMP_AT, 'base timestamp', 'INVALID_TIMESTAMP'),
    maxTimestamp: safeInt64(batch, MAX_TIMESTAMP_AT, 'max timestamp', 'INVALID_TIMESTAMP'),
    producerId: safeInt64(batch, PRODUCER_ID_AT, 'producer id', 'INVALID_RECORD'),
    producerEpoch: getInt16(batch, PRODUCER_EPOCH_AT),
    baseSequence: getInt32(batch, BASE_SEQUENCE_AT),
    recordCount: getInt32(batch, RECORD_COUNT_AT),
  };
};

const safeInt64 = (
  batch: Uint8Array,
  at: number,
  field: string,
  code: 'INVALID_RECORD' | 'INVALID_TIMESTAMP',
): number => {
  const value = getInt64(batch, at);
  if (Number.isSafeInteger(value)) return value;
  const unit = code === 'INVALID_TIMESTAMP' ? ' Timestamps are milliseconds since 1970.' : '';
  throw new StratalogError(
    code,
    `The batch's ${field} is about ${value}; values beyond 2^53 are not taken.${unit}`,
    { context: { field, value } },
  );
};

const hex = (crc: number): string => `0x${crc.toString(16).padStart(8, '0')}`;
