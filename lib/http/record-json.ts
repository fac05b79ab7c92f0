/** A record as JSON tells it: bytes as text where they are UTF-8, headers as an object where one can carry them. */
import { isUtf8 } from 'node:buffer';
import type { z } from 'zod';
import type { LogRecord, RecordHeader } from '../record/record.ts';
import type { recordOutput } from './schemas/record.ts';

export type RecordAnswer = z.input<typeof recordOutput>;
type BytesAnswer = RecordAnswer['value'];

const bytesAnswer = (bytes: Uint8Array | null): BytesAnswer => {
  if (bytes === null) return null;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return isUtf8(buffer) ? buffer.toString('utf8') : { base64: buffer.toString('base64') };
};

/** JavaScript, and what parses JSON there, moves such names of an object in front of all others. */
const ORDER_IS_LOST = /^\d+$/;

/** Pairs where a name repeats, or where an object would lose the order. */
const headersAnswer = (headers: readonly RecordHeader[]): RecordAnswer['headers'] => {
  const pairs = headers.map(({ key, value }): [string, BytesAnswer] => [key, bytesAnswer(value)]);
  const names = new Set(headers.map(({ key }) => key));
  const isPlain =
    names.size === pairs.length && !headers.some(({ key }) => ORDER_IS_LOST.test(key));
  return isPlain ? Object.fromEntries(pairs) : pairs;
};

export const recordAnswer = (partition: number, record: LogRecord): RecordAnswer => ({
  partition,
  offset: record.offset,
  timestamp: record.timestamp,
  key: bytesAnswer(record.key),
  value: bytesAnswer(record.value),
  headers: headersAnswer(record.headers),
});
