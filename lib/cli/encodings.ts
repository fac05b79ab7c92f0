/**
 * Keys and values as `consume` prints them.
 *
 *   text     the bytes as they are                        hex, base64   digits
 *   json     the JSON that they are, in one line, with its numbers as they were written
 */
import { StratalogError } from '../model/errors.ts';
import type { Found } from './found.ts';

/** What `--key` and `--value` take. */
export const ENCODINGS = ['text', 'json', 'hex', 'base64'] as const;
export type Encoding = (typeof ENCODINGS)[number];

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** What a reviver is told of a number besides its value (ECMAScript 2026); TypeScript does not know it yet. */
interface Source {
  readonly source: string;
}

/** A number keeps its digits: 12345678901234567890 has no exact JavaScript number. */
const keepDigits = (_name: string, value: unknown, { source }: Source): unknown =>
  typeof value === 'number'
    ? (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(source)
    : value;

/** The JSON that bytes are, for `JSON.stringify` to write again. @throws when they are none */
const jsonOf = (bytes: Uint8Array): unknown =>
  JSON.parse(
    utf8.decode(bytes),
    keepDigits as (this: unknown, name: string, value: unknown) => unknown,
  );

/**
 * What is printed of a key or value; of none, nothing, and as JSON null.
 * @throws INVALID_RECORD (from the function) when it is to be JSON and is not
 */
export const encoder = (
  part: 'key' | 'value',
  encoding: Encoding,
): ((found: Found) => string | Uint8Array) => {
  const bytesOf = ({ record }: Found): Uint8Array | null => record[part];
  switch (encoding) {
    case 'text':
      return (found) => bytesOf(found) ?? '';
    case 'hex':
    case 'base64':
      return (found) => {
        const bytes = bytesOf(found);
        return bytes === null ? '' : asBuffer(bytes).toString(encoding);
      };
    case 'json':
      return (found) => {
        const bytes = bytesOf(found);
        if (bytes === null) return 'null';
        return JSON.stringify(parsedPart(part, found, bytes));
      };
  }
};

const parsedPart = (part: 'key' | 'value', found: Found, bytes: Uint8Array): unknown => {
  try {
    return jsonOf(bytes);
  } catch {
    throw notJson(part, found);
  }
};

/**
 * A key or value inside JSON, as `produce --input json` takes it again but for hex; `undefined`
 * encoding: text where it is UTF-8, else base64.
 * @throws INVALID_RECORD when it is to be JSON and is not
 */
export const jsonPart = (
  part: 'key' | 'value',
  encoding: Encoding | undefined,
  found: Found,
  otherwise: unknown,
): unknown => {
  const bytes = found.record[part];
  if (bytes === null || encoding === undefined || encoding === 'text') return otherwise;
  return {
    [encoding]:
      encoding === 'json' ? parsedPart(part, found, bytes) : asBuffer(bytes).toString(encoding),
  };
};

const notJson = (part: 'key' | 'value', { topic, partition, record }: Found): StratalogError =>
  new StratalogError(
    'INVALID_RECORD',
    `The ${part} of the record at offset ${record.offset} of partition ${partition} of ${topic} is not JSON; --${part} text prints it as it is.`,
    { context: { topic, partition, offset: record.offset } },
  );
