/**
 * From a line of the input to the record it stands for.
 *
 *   text   the line is the value; with a separator what comes before the first one is the key
 *   json   {"key": "a", "value": "b", "headers": {…}, "timestamp": 1795253400000, "partition": 0}
 *
 * What is wrong with a line is told as the end of a sentence that begins with its number.
 */
import { isUtf8 } from 'node:buffer';
import type { MessageHeaders } from '../client/headers.ts';
import type { ProducerMessage } from '../client/producer/message.ts';
import { recordOfValue } from '../http/json-records.ts';
import { parseJson } from '../http/validate.ts';
import { asStratalogError, StratalogError } from '../model/errors.ts';
import { RECORDS_AT } from '../record/layout.ts';
import type { RecordHeader } from '../record/record.ts';

/** What the SDK's producer takes. */
export type LineMessage = ProducerMessage<Uint8Array, Uint8Array>;

/** What `produce` was told about lines, and what the topic takes. */
export interface LineOptions {
  readonly input: 'text' | 'json';
  readonly keySeparator: string | undefined;
  /** Where all records go; one that names another is refused. */
  readonly partition: number | undefined;
  /** Added to each record's own. */
  readonly headers: readonly RecordHeader[];
  readonly partitions: number;
  readonly maxBatchBytes: number;
}

export interface LineReader {
  /** Longer lines cannot be a record that the topic takes. */
  readonly maxLineBytes: number;
  /**
   * Undefined: the line stands for nothing. `bytes` undefined: it was longer than `maxLineBytes`.
   * @param now ms, for records that say no time
   * @throws INVALID_RECORD, MESSAGE_TOO_LARGE
   */
  read(bytes: Uint8Array | undefined, now: number): LineMessage | undefined;
}

/** What a record takes in a batch besides its key, value and headers, at most. */
const RECORD_OVERHEAD_BYTES = 40;
const HEADER_OVERHEAD_BYTES = 10;
/** `\u0001` is one byte of text. */
const JSON_BYTES_PER_BYTE = 6;
/** Field names and numbers of a line of JSON. */
const JSON_FRAME_BYTES = 4096;

const badLine = (reason: string): StratalogError => new StratalogError('INVALID_RECORD', reason);

const tooLong = (bytes: number): StratalogError =>
  new StratalogError(
    'MESSAGE_TOO_LARGE',
    `it is longer than ${bytes} bytes, the largest record that the topic takes (max.message.bytes).`,
  );

const headersBytes = (headers: readonly RecordHeader[]): number =>
  headers.reduce(
    (sum, { key, value }) =>
      sum + Buffer.byteLength(key) + (value?.length ?? 0) + HEADER_OVERHEAD_BYTES,
    0,
  );

/** A name that repeats has a list. */
const messageHeaders = (headers: readonly RecordHeader[]): MessageHeaders =>
  Object.fromEntries(
    [...Map.groupBy(headers, ({ key }) => key)].map(([key, all]) => [
      key,
      all.map(({ value }) => value),
    ]),
  );

const textReader = ({ keySeparator, headers: added }: LineOptions) => {
  const headers = messageHeaders(added);
  if (keySeparator === undefined) {
    return (value: Uint8Array, timestamp: number): LineMessage => ({ value, headers, timestamp });
  }
  const separator = Buffer.from(keySeparator);
  return (line: Uint8Array, timestamp: number): LineMessage => {
    const at = Buffer.from(line.buffer, line.byteOffset, line.length).indexOf(separator);
    if (at < 0) throw badLine(`there is no ${JSON.stringify(keySeparator)} in it to end the key.`);
    const value = line.subarray(at + separator.length);
    return { key: line.subarray(0, at), value, headers, timestamp };
  };
};

const jsonReader =
  ({ headers: added, partition: fixed, partitions }: LineOptions, room: number) =>
  (line: Uint8Array, now: number): LineMessage | undefined => {
    if (!isUtf8(line)) throw badLine('it is not UTF-8; give bytes as {"base64": "…"}.');
    const text = Buffer.from(line.buffer, line.byteOffset, line.length).toString('utf8').trim();
    if (text === '') return undefined;
    const {
      key = null,
      value = null,
      timestamp,
      partition,
      headers: own = [],
    } = recordOf(text, now);
    if (fixed !== undefined && partition !== undefined && partition !== fixed) {
      throw badLine(`it names partition ${partition}, and --partition ${fixed} asks for another.`);
    }
    if (partition !== undefined && partition >= partitions) {
      throw badLine(`it names partition ${partition}; the topic has ${partitions}, from 0.`);
    }
    const all = [...own, ...added];
    if ((key?.length ?? 0) + (value?.length ?? 0) + headersBytes(all) > room) throw tooLong(room);
    const message = { key, value, timestamp, headers: messageHeaders(all) };
    return partition === undefined ? message : { ...message, partition };
  };

const recordOf = (text: string, now: number) => {
  try {
    return recordOfValue(withoutPlace(parseJson(text, 'the line')), 'the line', now);
  } catch (caught) {
    throw badLine(asStratalogError(caught).message);
  }
};

/** What `consume` prints says where it was found; for a new record that does not matter. */
const withoutPlace = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { topic: _topic, offset: _offset, ...record } = value as Readonly<Record<string, unknown>>;
  return record;
};

/** How lines of this input become records. */
export const lineReader = (options: LineOptions): LineReader => {
  const { input, headers, maxBatchBytes } = options;
  const room = maxBatchBytes - RECORDS_AT - RECORD_OVERHEAD_BYTES;
  if (input === 'text') {
    const maxLineBytes = Math.max(0, room - headersBytes(headers));
    const readText = textReader(options);
    return {
      maxLineBytes,
      read: (bytes, now) => {
        if (bytes === undefined) throw tooLong(maxLineBytes);
        return readText(bytes, now);
      },
    };
  }
  const readJson = jsonReader(options, room);
  return {
    maxLineBytes: room * JSON_BYTES_PER_BYTE + JSON_FRAME_BYTES,
    read: (bytes, now) => {
      if (bytes === undefined) throw tooLong(room);
      return readJson(bytes, now);
    },
  };
};
