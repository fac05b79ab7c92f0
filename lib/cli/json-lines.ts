/** Lines that are records in JSON, as the HTTP API takes them in NDJSON and as `consume --json` prints them. */
import { isUtf8 } from 'node:buffer';
import { recordOfValue } from '../http/json-records.ts';
import { parseJson } from '../http/validate.ts';
import { asStratalogError } from '../model/errors.ts';
import {
  badLine,
  headersBytes,
  type LineMessage,
  type LineOptions,
  messageHeaders,
  tooLong,
} from './line-message.ts';

/**
 * Reads one line; an empty one stands for nothing.
 * @param room bytes that key, value and headers may have together
 * @throws (from the function) INVALID_RECORD, MESSAGE_TOO_LARGE
 */
export const jsonLineReader =
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
    // Which line it is, the report says.
    throw badLine(asStratalogError(caught).message.replace(/^the line: /, ''));
  }
};

/** What `consume` prints says where it was found; for a new record that does not matter. */
const withoutPlace = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { topic: _topic, offset: _offset, ...record } = value as Readonly<Record<string, unknown>>;
  return record;
};
