/**
 * From a line of the input to the record it stands for.
 *
 *   text   the line is the value; with a separator what comes before the first one is the key
 *   json   {"key": "a", "value": "b", "headers": {…}, "timestamp": 1795253400000, "partition": 0}
 *
 * What is wrong with a line is told as the end of a sentence that begins with its number.
 */
import type { MessageHeaders } from '../client/headers.ts';
import type { ProducerMessage } from '../client/producer/message.ts';
import { StratalogError } from '../model/errors.ts';
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

/** Why a line is no record. */
export const badLine = (reason: string): StratalogError =>
  new StratalogError('INVALID_RECORD', reason);

/** @param bytes that a record has at most */
export const tooLong = (bytes: number): StratalogError =>
  new StratalogError(
    'MESSAGE_TOO_LARGE',
    `it is longer than ${bytes} bytes, the largest record that the topic takes (max.message.bytes).`,
  );

/** What headers take in a batch, at most. */
export const headersBytes = (headers: readonly RecordHeader[]): number =>
  headers.reduce(
    (sum, { key, value }) =>
      sum + Buffer.byteLength(key) + (value?.length ?? 0) + HEADER_OVERHEAD_BYTES,
    0,
  );

/** A name that repeats has a list. */
export const messageHeaders = (headers: readonly RecordHeader[]): MessageHeaders =>
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

/** How lines of this input become records. */
export const lineReader = async (options: LineOptions): Promise<LineReader> => {
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
  // Loaded here: the schemas of the HTTP API take longer to load than all the rest.
  const { jsonLineReader } = await import('./json-lines.ts');
  const readJson = jsonLineReader(options, room);
  return {
    maxLineBytes: room * JSON_BYTES_PER_BYTE + JSON_FRAME_BYTES,
    read: (bytes, now) => {
      if (bytes === undefined) throw tooLong(room);
      return readJson(bytes, now);
    },
  };
};
