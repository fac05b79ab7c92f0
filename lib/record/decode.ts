/**
 * Batches to records.
 *
 * The broker never looked inside a batch, so its records are what a stranger wrote: every length is
 * checked before it is used, and what decompression may produce is bounded.
 */

import { getInt16 } from '../bytes/integers.ts';
import { BadBytes, Reader } from '../bytes/reader.ts';
import { StratalogError } from '../model/errors.ts';
import { MAX_DECOMPRESSED_BATCH_BYTES } from '../model/limits.ts';
import { decompress } from './compression/decompress.ts';
import { type BatchHeader, checkIntegrity, readHeader } from './header.ts';
import { RECORDS_AT } from './layout.ts';
import { type LogRecord, MIN_RECORD_BYTES, readRecord } from './record.ts';

export interface DecodeOptions {
  /** What decompressing the batch may produce. Default MAX_DECOMPRESSED_BATCH_BYTES. */
  readonly maxDecompressedBytes?: number;
}

export interface DecodedBatch {
  readonly header: BatchHeader;
  /** With their offsets in the log. Empty where compaction left nothing but the header. */
  readonly records: readonly LogRecord[];
}

/**
 * Decodes one batch after checking its CRC. `batch` is exactly its bytes, and the records are views of
 * them where they are not compressed.
 *
 * @throws CORRUPT_MESSAGE, UNSUPPORTED_FOR_MESSAGE_FORMAT as `checkIntegrity`; INVALID_RECORD where what
 *   the CRC covers makes no records; MESSAGE_TOO_LARGE where it decompresses to more than is allowed;
 *   UNSUPPORTED_COMPRESSION_TYPE
 */
export const decodeBatch = (batch: Uint8Array, options: DecodeOptions = {}): DecodedBatch => {
  checkIntegrity(batch);
  const header = readHeader(batch);
  return { header, records: decodeRecords(batch, header, options) };
};

/** The records of a batch whose header was read. @throws as `decodeBatch` */
export const decodeRecords = (
  batch: Uint8Array,
  header: BatchHeader,
  options: DecodeOptions = {},
): readonly LogRecord[] => {
  const { maxDecompressedBytes = MAX_DECOMPRESSED_BATCH_BYTES } = options;
  const { recordCount, lastOffsetDelta } = header;
  if (recordCount === 0) return [];
  const bytes = decompress(header.compression, batch.subarray(RECORDS_AT), maxDecompressedBytes);
  if (recordCount < 0 || recordCount > bytes.length / MIN_RECORD_BYTES) {
    throw new StratalogError(
      'INVALID_RECORD',
      `The batch claims ${recordCount} records in ${bytes.length} bytes; each takes at least ${MIN_RECORD_BYTES}.`,
      { context: { recordCount, recordBytes: bytes.length } },
    );
  }
  if (!Number.isSafeInteger(header.baseOffset + lastOffsetDelta)) {
    throw new StratalogError(
      'INVALID_RECORD',
      `The batch at offset ${header.baseOffset} claims ${lastOffsetDelta} as its last offset delta; offsets beyond 2^53 are not taken.`,
      { context: { baseOffset: header.baseOffset, lastOffsetDelta } },
    );
  }
  const reader = new Reader(bytes);
  const base = {
    baseOffset: header.baseOffset,
    baseTimestamp: header.baseTimestamp,
    lastOffsetDelta,
    logAppendTime: header.timestampType === 'LogAppendTime' ? header.maxTimestamp : undefined,
  };
  const records: LogRecord[] = [];
  try {
    for (let i = 0; i < recordCount; i++) records.push(readRecord(reader, base));
  } catch (error) {
    if (!(error instanceof BadBytes)) throw error;
    throw new StratalogError(
      'INVALID_RECORD',
      `Record ${records.length} of ${recordCount} in the batch at offset ${header.baseOffset} is malformed ${error.message}. Its CRC holds: it was written so.`,
      { context: { record: records.length, position: error.position }, cause: error },
    );
  }
  if (reader.remaining > 0) {
    throw new StratalogError(
      'INVALID_RECORD',
      `The batch at offset ${header.baseOffset} has ${reader.remaining} bytes after its ${recordCount} records.`,
      { context: { recordCount, trailingBytes: reader.remaining } },
    );
  }
  return records;
};

/** How a transaction ended. */
export type ControlType = 'abort' | 'commit';

/**
 * What a record of a control batch says (KIP-98: key = int16 version, int16 type); `undefined` for
 * types that are not about transactions, which a reader skips.
 */
export const controlType = (record: LogRecord): ControlType | undefined => {
  const { key } = record;
  if (key === null || key.length < 4) return undefined;
  const type = getInt16(key, 2);
  return type === 0 ? 'abort' : type === 1 ? 'commit' : undefined;
};
