/**
 * Headers as in kafkajs: an object of names and values, an array where a name repeats.
 *
 *   { trace: 'a1', tag: ['x', 'y'], blob: Uint8Array.of(0, 1) }
 *
 * What is read is a string where the bytes are UTF-8, so a message that was read can be sent on as it is.
 */
import { encodeUtf8, strictUtf8 } from '../bytes/utf8.ts';
import { StratalogError } from '../model/errors.ts';
import type { RecordHeader } from '../record/record.ts';

export type HeaderValue = string | Uint8Array | null;

/** `undefined` is no header at all. */
export interface MessageHeaders {
  readonly [name: string]: HeaderValue | readonly HeaderValue[] | undefined;
}

const NO_HEADERS: MessageHeaders = Object.freeze({});
const NO_RECORD_HEADERS: readonly RecordHeader[] = [];

const invalidHeader = (topic: string, name: string, problem: string): StratalogError =>
  new StratalogError(
    'INVALID_RECORD',
    `The header ${JSON.stringify(name)} of a message for ${topic} ${problem}`,
    { context: { topic, header: name } },
  );

const headerBytes = (topic: string, name: string, value: unknown): Uint8Array | null => {
  if (value === null || value instanceof Uint8Array) return value;
  if (typeof value !== 'string') {
    throw invalidHeader(
      topic,
      name,
      `is of type ${typeof value}; it must be a string, a Uint8Array or null.`,
    );
  }
  if (value.isWellFormed()) return encodeUtf8(value);
  throw invalidHeader(topic, name, 'has half of a surrogate pair, which has no UTF-8.');
};

/** @throws INVALID_RECORD naming the header */
export const recordHeaders = (
  topic: string,
  headers: MessageHeaders | undefined,
): readonly RecordHeader[] => {
  if (headers === undefined) return NO_RECORD_HEADERS;
  const list: RecordHeader[] = [];
  for (const [key, values] of Object.entries(headers)) {
    if (values === undefined) continue;
    if (!key.isWellFormed()) throw invalidHeader(topic, key, 'has no well-formed name.');
    for (const value of Array.isArray(values) ? values : [values]) {
      list.push({ key, value: headerBytes(topic, key, value) });
    }
  }
  return list;
};

/** Headers of a record that was read. */
export const messageHeaders = (headers: readonly RecordHeader[]): MessageHeaders => {
  if (headers.length === 0) return NO_HEADERS;
  const values = new Map<string, HeaderValue | HeaderValue[]>();
  for (const { key, value } of headers) {
    const shown = value === null ? null : (strictUtf8(value) ?? value);
    const before = values.get(key);
    if (before === undefined) values.set(key, shown);
    else if (Array.isArray(before)) before.push(shown);
    else values.set(key, [before, shown]);
  }
  // Not by assignment, which for the name `__proto__` does something else.
  return Object.fromEntries(values);
};
