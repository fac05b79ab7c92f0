/** A message as a program gives it, and the record that is made of it before anything is sent. */
import { utf8Length } from '../../bytes/utf8.ts';
import { StratalogError } from '../../model/errors.ts';
import { MAX_HEADERS_PER_RECORD } from '../../model/limits.ts';
import { RECORDS_AT } from '../../record/layout.ts';
import type { RecordHeader, RecordInput } from '../../record/record.ts';
import { type MessageHeaders, recordHeaders } from '../headers.ts';
import { invalid, type SerdeContext, type Serializer } from '../serde.ts';

export interface ProducerMessage<Key, Value> {
  /** Messages with the same key go to the same partition. Default: none. */
  readonly key?: Key | null;
  /** `null` is a tombstone where a topic is compacted. */
  readonly value: Value | null;
  readonly headers?: MessageHeaders;
  /** Default: the partitioner's choice. */
  readonly partition?: number;
  /** A number is ms since the Unix epoch. Default: now. */
  readonly timestamp?: number | Date;
}

/** A record, and where it is to go if the message says so. */
export interface Prepared {
  readonly record: RecordInput;
  readonly partition?: number | undefined;
  readonly headers: MessageHeaders | undefined;
  /** What it takes in a batch, at most. */
  readonly sizeBytes: number;
}

/** Of a producer. */
export interface Serializers<Key, Value> {
  readonly key: Serializer<Key>;
  readonly value: Serializer<Value>;
}

/** Lengths, attributes, deltas and counts of a record; of a header its two lengths. */
const MAX_RECORD_OVERHEAD_BYTES = 42;
const MAX_HEADER_OVERHEAD_BYTES = 10;
/** What a batch takes besides its records. */
export const BATCH_OVERHEAD_BYTES = RECORDS_AT;

/** An upper bound: the exact size depends on the record's neighbours. */
const sizeOf = ({ key, value, headers = [] }: RecordInput): number =>
  headers.reduce(
    (sum, header) =>
      sum + utf8Length(header.key) + (header.value?.length ?? 0) + MAX_HEADER_OVERHEAD_BYTES,
    MAX_RECORD_OVERHEAD_BYTES + (key?.length ?? 0) + (value?.length ?? 0),
  );

const timestampOf = (topic: string, given: number | Date | undefined, nowMs: number): number => {
  const timestamp = given === undefined ? nowMs : Number(given);
  if (Number.isSafeInteger(timestamp) && timestamp >= 0) return timestamp;
  throw new StratalogError(
    'INVALID_TIMESTAMP',
    `The timestamp of a message for ${topic} is ${String(given)}; it must be a Date or a whole number of milliseconds since 1970.`,
    { context: { topic, timestamp: String(given) } },
  );
};

const checkHeaders = (topic: string, headers: readonly RecordHeader[]): void => {
  if (headers.length <= MAX_HEADERS_PER_RECORD) return;
  throw new StratalogError(
    'INVALID_RECORD',
    `A message for ${topic} has ${headers.length} headers; at most ${MAX_HEADERS_PER_RECORD} are allowed.`,
    { context: { topic, headers: headers.length } },
  );
};

/** @throws INVALID_RECORD, whatever the serializer throws */
const serialized = <Data>(
  serializer: Serializer<Data>,
  data: Data,
  context: SerdeContext,
): Uint8Array | Promise<Uint8Array> => {
  const refuse = (caught: unknown): never => {
    if (caught instanceof StratalogError) throw caught;
    throw invalid(context, `is refused by its serializer: ${String(caught)}`, {}, caught);
  };
  try {
    const made = serializer.serialize(data, context);
    return made instanceof Promise ? made.catch(refuse) : made;
  } catch (caught) {
    return refuse(caught);
  }
};

/**
 * The record of a message; a promise where a serializer answers one.
 * @throws INVALID_RECORD, INVALID_TIMESTAMP
 */
export const prepare = <Key, Value>(
  topic: string,
  message: ProducerMessage<Key, Value>,
  commonPartition: number | undefined,
  { key: keySerde, value: valueSerde }: Serializers<Key, Value>,
  nowMs: number,
): Prepared | Promise<Prepared> => {
  const { key = null, value, partition = commonPartition } = message;
  const headers = recordHeaders(topic, message.headers);
  checkHeaders(topic, headers);
  const timestamp = timestampOf(topic, message.timestamp, nowMs);
  const keyBytes = key === null ? null : serialized(keySerde, key, { topic, part: 'key' });
  const valueBytes =
    value === null ? null : serialized(valueSerde, value, { topic, part: 'value' });
  const prepared = (made: { key: Uint8Array | null; value: Uint8Array | null }): Prepared => {
    const record = { ...made, headers, timestamp };
    return { record, partition, headers: message.headers, sizeBytes: sizeOf(record) };
  };
  return keyBytes instanceof Promise || valueBytes instanceof Promise
    ? Promise.all([keyBytes, valueBytes]).then(([k, v]) => prepared({ key: k, value: v }))
    : prepared({ key: keyBytes, value: valueBytes });
};
