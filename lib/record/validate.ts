/**
 * Whether a batch may be appended, told without decompressing it.
 *
 * Kafka's broker opens every compressed batch; here a batch stays as opaque as it came, and the header
 * must be consistent in itself. The rules are those of Kafka's `LogValidator` and
 * `UnifiedLog.analyzeAndValidateRecords` as far as a header can show them. No object is made per record.
 */
import { StratalogError } from '../model/errors.ts';
import {
  DEFAULT_MAX_BATCH_BYTES,
  MAX_BATCH_BYTES,
  MAX_RECORDS_PER_BATCH,
} from '../model/limits.ts';
import { splitBatches } from './batches.ts';
import { decodeRecords } from './decode.ts';
import {
  type BatchHeader,
  checkFraming,
  checkIntegrity,
  readHeader,
  refuseOldFormat,
} from './header.ts';
import {
  attributesOf,
  type Compression,
  DELETE_HORIZON_FLAG,
  NO_PRODUCER_EPOCH,
  NO_PRODUCER_ID,
  NO_SEQUENCE,
  NO_TIMESTAMP,
  RECORDS_AT,
  type TimestampType,
  UNUSED_FLAGS,
} from './layout.ts';
import { MIN_RECORD_BYTES } from './record.ts';

/** What the append path needs to know of a batch. */
export interface BatchInfo {
  readonly sizeBytes: number;
  /** Offsets that it takes. */
  readonly recordCount: number;
  /** ms since the epoch; −1: none. As the client claims it. */
  readonly maxTimestamp: number;
  readonly baseTimestamp: number;
  /**
   * An int64 on the wire, a safe integer here (ids are handed out from 0 on; a larger one is refused).
   * −1: not idempotent; epoch and sequence are then −1 too.
   */
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly isTransactional: boolean;
  /** Always false for what clients send. */
  readonly isControl: boolean;
  readonly compression: Compression;
  readonly timestampType: TimestampType;
}

export interface ValidateOptions {
  /** `max.message.bytes`: the largest batch that is taken, header included. */
  readonly maxBatchBytes?: number;
}

/**
 * Validates one batch that a client wants to append. `batch` is exactly its bytes.
 *
 * @throws CORRUPT_MESSAGE: length, CRC. MESSAGE_TOO_LARGE. UNSUPPORTED_FOR_MESSAGE_FORMAT: magic 0 or 1.
 *   UNSUPPORTED_COMPRESSION_TYPE. INVALID_TIMESTAMP: base or max below −1 or beyond 2⁵³, or log append
 *   time, which is the broker's to set. INVALID_RECORD: counts, producer fields, control batches,
 *   attributes and base offsets that are not for clients to send.
 */
export const validateBatch = (batch: Uint8Array, options: ValidateOptions = {}): BatchInfo => {
  const { maxBatchBytes = DEFAULT_MAX_BATCH_BYTES } = options;
  checkFraming(batch);
  if (batch.length > maxBatchBytes) {
    throw new StratalogError(
      'MESSAGE_TOO_LARGE',
      `The batch has ${batch.length} bytes; the topic takes ${maxBatchBytes} (max.message.bytes, at most ${MAX_BATCH_BYTES}). Send smaller batches.`,
      { context: { sizeBytes: batch.length, maxBatchBytes } },
    );
  }
  checkIntegrity(batch);
  const header = readHeader(batch);
  checkAttributes(header, attributesOf(batch));
  checkCounts(header);
  checkTimestamps(header);
  checkProducer(header);
  const idempotent = header.producerId !== NO_PRODUCER_ID;
  return {
    sizeBytes: header.sizeBytes,
    recordCount: header.recordCount,
    maxTimestamp: header.maxTimestamp,
    baseTimestamp: header.baseTimestamp,
    producerId: header.producerId,
    producerEpoch: idempotent ? header.producerEpoch : NO_PRODUCER_EPOCH,
    baseSequence: idempotent ? header.baseSequence : NO_SEQUENCE,
    isTransactional: header.isTransactional,
    isControl: header.isControl,
    compression: header.compression,
    timestampType: header.timestampType,
  };
};

/**
 * Validates what a client sends for one partition: whole batches, one after the other, at least one.
 * @returns one answer per batch, in order; their sizes add up to `bytes.length`
 * @throws as `validateBatch`; CORRUPT_MESSAGE when the last batch is cut off
 */
export const validateBatches = (
  bytes: Uint8Array,
  options: ValidateOptions = {},
): readonly BatchInfo[] => {
  refuseOldFormat(bytes);
  const { batches, truncatedBytes } = splitBatches(bytes);
  if (truncatedBytes > 0) {
    throw new StratalogError(
      'CORRUPT_MESSAGE',
      `The last ${truncatedBytes} bytes, after ${batches.length} whole batches, are the beginning of a batch that is cut off.`,
      { context: { batches: batches.length, truncatedBytes } },
    );
  }
  if (batches.length === 0) {
    throw new StratalogError('INVALID_RECORD', 'There is no batch to append; send at least one.');
  }
  return batches.map((batch) => validateBatch(batch, options));
};

/**
 * Validates a batch and then its records, decompressed, against what the header claims of them: as
 * many as counted, offsets one after the other, none newer than the max timestamp, no byte too many.
 *
 * @param maxDecompressedBytes default MAX_DECOMPRESSED_BATCH_BYTES
 * @throws as `validateBatch` and `decodeBatch`
 */
export const validateDeep = (
  batch: Uint8Array,
  options: ValidateOptions & { readonly maxDecompressedBytes?: number } = {},
): BatchInfo => {
  const info = validateBatch(batch, options);
  const header = readHeader(batch);
  decodeRecords(batch, header, options).forEach((record, i) => {
    if (record.offset !== i) {
      throw invalid(`Record ${i} has the offset delta ${record.offset}; it must be ${i}.`, {
        record: i,
      });
    }
    if (record.timestamp > header.maxTimestamp) {
      throw new StratalogError(
        'INVALID_TIMESTAMP',
        `Record ${i} has the timestamp ${record.timestamp}, after the batch's max timestamp ${header.maxTimestamp}.`,
        { context: { record: i, timestamp: record.timestamp, maxTimestamp: header.maxTimestamp } },
      );
    }
  });
  return info;
};

const invalid = (message: string, context: Readonly<Record<string, number>>): StratalogError =>
  new StratalogError('INVALID_RECORD', message, { context });

const checkAttributes = (header: BatchHeader, attributes: number): void => {
  if (attributes & (UNUSED_FLAGS | DELETE_HORIZON_FLAG)) {
    throw invalid(
      `The batch's attributes are 0x${attributes.toString(16)}; a client may use bits 0 to 4 only.`,
      { attributes },
    );
  }
  if (header.isControl) {
    throw invalid('Control batches are written by brokers; a client may not send one.', {
      attributes,
    });
  }
  if (header.timestampType === 'LogAppendTime') {
    throw new StratalogError(
      'INVALID_TIMESTAMP',
      'The batch says that its timestamps are log append times; that is for the broker to set (message.timestamp.type).',
      { context: { attributes } },
    );
  }
};

const checkCounts = (header: BatchHeader): void => {
  const { recordCount, lastOffsetDelta, baseOffset } = header;
  if (recordCount < 1 || recordCount > MAX_RECORDS_PER_BATCH) {
    throw invalid(
      `The batch claims ${recordCount} records; it must have 1 to ${MAX_RECORDS_PER_BATCH}.`,
      { recordCount },
    );
  }
  if (lastOffsetDelta !== recordCount - 1) {
    throw invalid(
      `The batch claims ${recordCount} records and the last offset delta ${lastOffsetDelta}; it must be ${recordCount - 1}.`,
      { recordCount, lastOffsetDelta },
    );
  }
  if (baseOffset !== 0) {
    throw invalid(
      `The batch has the base offset ${baseOffset}; a client sends 0, the log gives offsets.`,
      { baseOffset },
    );
  }
  const recordBytes = header.sizeBytes - RECORDS_AT;
  const leastBytes = header.compression === 'none' ? recordCount * MIN_RECORD_BYTES : 1;
  if (recordBytes < leastBytes) {
    throw invalid(
      `The batch claims ${recordCount} records in ${recordBytes} bytes; they take at least ${leastBytes}.`,
      { recordCount, recordBytes },
    );
  }
};

const checkTimestamps = (header: BatchHeader): void => {
  const { baseTimestamp, maxTimestamp } = header;
  if (baseTimestamp < NO_TIMESTAMP || maxTimestamp < NO_TIMESTAMP) {
    throw new StratalogError(
      'INVALID_TIMESTAMP',
      `The batch's timestamps are ${baseTimestamp} (base) and ${maxTimestamp} (max); they are milliseconds since 1970, or -1 for none.`,
      { context: { baseTimestamp, maxTimestamp } },
    );
  }
};

/** Some clients send epoch 0 and sequence 0 without a producer id (kafkajs does): then they mean nothing. */
const checkProducer = (header: BatchHeader): void => {
  const { producerId, producerEpoch, baseSequence } = header;
  if (producerId < NO_PRODUCER_ID) {
    throw invalid(`The batch has the producer id ${producerId}; it is 0 or more, or -1 for none.`, {
      producerId,
    });
  }
  if (producerId === NO_PRODUCER_ID) {
    if (header.isTransactional) {
      throw invalid('The batch is transactional and has no producer id.', { producerId });
    }
    return;
  }
  if (producerEpoch < 0 || baseSequence < 0) {
    throw invalid(
      `The batch of producer ${producerId} has epoch ${producerEpoch} and base sequence ${baseSequence}; both must be 0 or more.`,
      { producerId, producerEpoch, baseSequence },
    );
  }
};
