/** Records out of the JSON of a produce request: one object with a list, or one object a line. */
import { StratalogError } from '../model/errors.ts';
import type { RecordHeader, RecordInput } from '../record/record.ts';
import { MAX_JSON_RECORDS, produceRequest } from './schemas/produce.ts';
import { type BytesInput, type RecordJson, recordInput } from './schemas/record.ts';
import { parse, parseJson } from './validate.ts';

/** A record and the partition it asks for, if it does. */
export interface AddressedRecord extends RecordInput {
  readonly partition: number | undefined;
}

const bytesOf = (input: BytesInput | undefined): Uint8Array | null => {
  if (input === null || input === undefined) return null;
  if (typeof input === 'string') return Buffer.from(input);
  return 'base64' in input
    ? Buffer.from(input.base64, 'base64')
    : Buffer.from(JSON.stringify(input.json));
};

const headersOf = (headers: RecordJson['headers']): readonly RecordHeader[] => {
  if (headers === undefined) return [];
  const pairs = Array.isArray(headers) ? headers : Object.entries(headers);
  return pairs.map(([key, value]) => ({ key, value: bytesOf(value) }));
};

const addressed = (record: RecordJson, now: number): AddressedRecord => ({
  key: bytesOf(record.key),
  value: bytesOf(record.value),
  headers: headersOf(record.headers),
  timestamp: record.timestamp ?? now,
  partition: record.partition,
});

/**
 * Records of `{"records": […]}`. A record without a timestamp gets `now`, ms.
 * @throws INVALID_REQUEST naming the field that is wrong
 */
export const recordsOfJson = (text: string, now: number): readonly AddressedRecord[] =>
  parse(produceRequest, parseJson(text, 'The body'), 'The body').records.map((record) =>
    addressed(record, now),
  );

/**
 * The record that a JSON value tells. Without a timestamp it gets `now`, ms.
 * @param whole what messages call the value
 * @throws INVALID_REQUEST naming the field that is wrong
 */
export const recordOfValue = (value: unknown, whole: string, now: number): AddressedRecord =>
  addressed(parse(recordInput, value, whole), now);

/**
 * Records of newline-delimited JSON; empty lines are skipped.
 * @throws INVALID_REQUEST naming the line that is wrong, counted from 1
 */
export const recordsOfLines = (text: string, now: number): readonly AddressedRecord[] => {
  const records: AddressedRecord[] = [];
  let line = 0;
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const json = text.slice(start, end).trim();
    start = end + 1;
    line += 1;
    if (json === '') continue;
    if (records.length === MAX_JSON_RECORDS) {
      throw new StratalogError(
        'INVALID_REQUEST',
        `Line ${line} is one record too many; a request has at most ${MAX_JSON_RECORDS}.`,
        { context: { line } },
      );
    }
    const whole = `Line ${line}`;
    records.push(recordOfValue(parseJson(json, whole), whole, now));
  }
  if (records.length === 0) {
    throw new StratalogError(
      'INVALID_REQUEST',
      'The body has no record; send one JSON object a line.',
    );
  }
  return records;
};
