/**
 * Kafka's RecordBatch, magic 2: where its fields lie (https://kafka.apache.org/documentation/#recordbatch).
 *
 *    0        8       12      16 17       21    23       27
 *    ┌────────┬───────┬───────┬──┬────────┬─────┬────────┬─────────────── … ─┐
 *    │base    │batch  │leader │ma│CRC32C  │attri│last    │                   │
 *    │offset  │length │epoch  │gi│        │butes│offset  │                   │
 *    │int64   │int32  │int32  │c │uint32  │int16│delta   │                   │
 *    └────────┴───────┴───────┴──┴────────┴─────┴────────┴─────────────── … ─┘
 *    27             35             43             51    53       57       61
 *    ┌──────────────┬──────────────┬──────────────┬─────┬────────┬────────┬─ … ─┐
 *    │base          │max           │producer      │prod.│base    │record  │     │
 *    │timestamp     │timestamp     │id            │epoch│sequence│count   │     │
 *    │int64         │int64         │int64         │int16│int32   │int32   │     │
 *    └──────────────┴──────────────┴──────────────┴─────┴────────┴────────┴─ … ─┘
 *
 * All big-endian. The batch length counts what comes after it; the CRC covers what comes after it, so
 * base offset and leader epoch may be rewritten without touching it. Then come the records
 * (`record.ts`), one after the other or compressed as one.
 *
 * Attributes: bits 0–2 compression, 3 timestamp type (1: log append time), 4 transactional, 5 control,
 * 6 the base timestamp is the delete horizon of a compacted batch (KIP-534); the others are unused.
 */
import { getInt16, getInt32 } from '../bytes/integers.ts';

export const BASE_OFFSET_AT = 0;
export const BATCH_LENGTH_AT = 8;
export const LEADER_EPOCH_AT = 12;
export const MAGIC_AT = 16;
export const CRC_AT = 17;
export const ATTRIBUTES_AT = 21;
export const LAST_OFFSET_DELTA_AT = 23;
export const BASE_TIMESTAMP_AT = 27;
export const MAX_TIMESTAMP_AT = 35;
export const PRODUCER_ID_AT = 43;
export const PRODUCER_EPOCH_AT = 51;
export const BASE_SEQUENCE_AT = 53;
export const RECORD_COUNT_AT = 57;
export const RECORDS_AT = 61;

/** What comes before the part that the batch length counts. */
export const LENGTH_OVERHEAD_BYTES = LEADER_EPOCH_AT;
export const MAGIC = 2;

export const COMPRESSION_MASK = 0x07;
export const LOG_APPEND_TIME_FLAG = 0x08;
export const TRANSACTIONAL_FLAG = 0x10;
export const CONTROL_FLAG = 0x20;
export const DELETE_HORIZON_FLAG = 0x40;
export const UNUSED_FLAGS = 0xff80;

/** Producer id, epoch and sequence of a batch whose producer is not idempotent. */
export const NO_PRODUCER_ID = -1;
export const NO_PRODUCER_EPOCH = -1;
export const NO_SEQUENCE = -1;
/** Timestamp of a record that has none. */
export const NO_TIMESTAMP = -1;

/** Kafka's numbers of the codecs are the positions. */
export const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

/** As in `message.timestamp.type`. */
export type TimestampType = 'CreateTime' | 'LogAppendTime';

/** The codec that attributes name; `undefined` for 5 to 7, which Kafka has not given out. */
export const compressionOf = (attributes: number): Compression | undefined =>
  COMPRESSIONS[attributes & COMPRESSION_MASK];

export const timestampTypeOf = (attributes: number): TimestampType =>
  attributes & LOG_APPEND_TIME_FLAG ? 'LogAppendTime' : 'CreateTime';

export const attributesOf = (batch: Uint8Array): number => getInt16(batch, ATTRIBUTES_AT) & 0xffff;

/** Size in bytes that the batch at `at` claims to have, header included; 12 bytes must be there. */
export const claimedSizeBytes = (bytes: Uint8Array, at = 0): number =>
  LENGTH_OVERHEAD_BYTES + getInt32(bytes, at + BATCH_LENGTH_AT);

/** Offsets that the batch at `at` takes up; it must be a whole one. */
export const offsetSpan = (bytes: Uint8Array, at = 0): number =>
  getInt32(bytes, at + LAST_OFFSET_DELTA_AT) + 1;
