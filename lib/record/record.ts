/**
 * One record inside a batch, and its bytes (https://kafka.apache.org/documentation/#record).
 *
 *    length          varint    of all that follows
 *    attributes      int8      0
 *    timestampDelta  varlong   from the batch's base timestamp, ms
 *    offsetDelta     varint    from the batch's base offset
 *    keyLength       varint    −1: no key          │ key
 *    valueLength     varint    −1: no value        │ value
 *    headerCount     varint
 *      keyLength     varint                        │ key, UTF-8
 *      valueLength   varint    −1: null            │ value
 */
import { BadBytes, type Reader } from '../bytes/reader.ts';
import { decodeUtf8, utf8Length } from '../bytes/utf8.ts';
import { sizeOfVarint, sizeOfVarlong } from '../bytes/varint.ts';
import type { Writer } from '../bytes/writer.ts';
import { StratalogError } from '../model/errors.ts';
import { MAX_HEADERS_PER_RECORD } from '../model/limits.ts';

/** Keys may repeat; order is kept. */
export interface RecordHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** A record as it is given to a batch. */
export interface RecordInput {
  /** Default: none. */
  readonly key?: Uint8Array | null;
  /** `null` is a tombstone where a topic is compacted. */
  readonly value: Uint8Array | null;
  readonly headers?: readonly RecordHeader[];
  /** ms since the epoch. */
  readonly timestamp: number;
}

/** A record as it is read from a batch. Key, value and header values are views of the batch's bytes. */
export interface LogRecord {
  readonly offset: number;
  /** ms since the epoch; −1: none. With `LogAppendTime` that of the batch. */
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly RecordHeader[];
}

/** Length, attributes, two deltas, two lengths, a count: no record is smaller. */
export const MIN_RECORD_BYTES = 7;

const NO_HEADERS: readonly RecordHeader[] = [];
const ATTRIBUTES_BYTES = 1;

const sizeOfNullable = (bytes: Uint8Array | null | undefined): number =>
  bytes === null || bytes === undefined ? 1 : sizeOfVarint(bytes.length) + bytes.length;

/**
 * What the length field of the record will say.
 * @throws INVALID_RECORD for more headers than a record may have
 */
export const recordBodyBytes = (
  record: RecordInput,
  offsetDelta: number,
  timestampDelta: number,
): number => {
  const headers = record.headers ?? NO_HEADERS;
  if (headers.length > MAX_HEADERS_PER_RECORD) {
    throw new StratalogError(
      'INVALID_RECORD',
      `A record has ${headers.length} headers; at most ${MAX_HEADERS_PER_RECORD} are allowed.`,
      { context: { headers: headers.length } },
    );
  }
  let size =
    ATTRIBUTES_BYTES +
    sizeOfVarlong(timestampDelta) +
    sizeOfVarint(offsetDelta) +
    sizeOfNullable(record.key) +
    sizeOfNullable(record.value) +
    sizeOfVarint(headers.length);
  for (const header of headers) {
    const keyBytes = utf8Length(header.key);
    size += sizeOfVarint(keyBytes) + keyBytes + sizeOfNullable(header.value);
  }
  return size;
};

const writeNullable = (writer: Writer, bytes: Uint8Array | null | undefined): void => {
  if (bytes === null || bytes === undefined) {
    writer.varint(-1);
  } else {
    writer.varint(bytes.length);
    writer.bytes(bytes);
  }
};

/** `bodyBytes` is what `recordBodyBytes` said of the same arguments. */
export const writeRecord = (
  writer: Writer,
  record: RecordInput,
  offsetDelta: number,
  timestampDelta: number,
  bodyBytes: number,
): void => {
  const headers = record.headers ?? NO_HEADERS;
  writer.varint(bodyBytes);
  writer.int8(0);
  writer.varlong(timestampDelta);
  writer.varint(offsetDelta);
  writeNullable(writer, record.key);
  writeNullable(writer, record.value);
  writer.varint(headers.length);
  for (const header of headers) {
    const keyBytes = utf8Length(header.key);
    writer.varint(keyBytes);
    writer.utf8(header.key, keyBytes);
    writeNullable(writer, header.value);
  }
};

const readNullable = (reader: Reader): Uint8Array | null => {
  const length = reader.varint();
  return length === -1 ? null : reader.bytes(length);
};

const readHeaders = (reader: Reader): readonly RecordHeader[] => {
  const at = reader.position;
  const count = reader.varint();
  if (count === 0) return NO_HEADERS;
  if (count < 0 || count > MAX_HEADERS_PER_RECORD) {
    throw new BadBytes(at, `${count} headers; 0 to ${MAX_HEADERS_PER_RECORD} are allowed`);
  }
  const headers: RecordHeader[] = [];
  for (let i = 0; i < count; i++) {
    const key = reader.bytes(reader.varint());
    headers.push({
      key: decodeUtf8(key),
      value: readNullable(reader),
    });
  }
  return headers;
};

/** What a record's deltas are relative to. */
export interface RecordBase {
  readonly baseOffset: number;
  readonly baseTimestamp: number;
  readonly lastOffsetDelta: number;
  /** The one timestamp of all records, where the batch carries log append time. */
  readonly logAppendTime: number | undefined;
}

/** @throws BadBytes where the bytes are no record, or one of another length than it says. */
export const readRecord = (reader: Reader, base: RecordBase): LogRecord => {
  const bodyBytes = reader.varint();
  const bodyAt = reader.position;
  if (bodyBytes < 0 || bodyBytes > reader.remaining) {
    throw new BadBytes(
      bodyAt,
      `a record of ${bodyBytes} bytes, where ${reader.remaining} are left`,
    );
  }
  reader.int8();
  const timestampDelta = reader.varlong();
  const offsetDelta = reader.varint();
  if (offsetDelta < 0 || offsetDelta > base.lastOffsetDelta) {
    throw new BadBytes(
      bodyAt,
      `offset delta ${offsetDelta}, beyond the batch's last (${base.lastOffsetDelta})`,
    );
  }
  const key = readNullable(reader);
  const value = readNullable(reader);
  const headers = readHeaders(reader);
  if (reader.position !== bodyAt + bodyBytes) {
    throw new BadBytes(
      bodyAt,
      `a record that claims ${bodyBytes} bytes and has ${reader.position - bodyAt}`,
    );
  }
  return {
    offset: base.baseOffset + offsetDelta,
    timestamp: base.logAppendTime ?? recordTimestamp(base.baseTimestamp, timestampDelta, bodyAt),
    key,
    value,
    headers,
  };
};

const recordTimestamp = (baseTimestamp: number, delta: number, at: number): number => {
  const timestamp = baseTimestamp + delta;
  if (!Number.isSafeInteger(timestamp)) {
    throw new BadBytes(at, `the timestamp ${timestamp}, beyond ±2^53`);
  }
  return timestamp;
};
