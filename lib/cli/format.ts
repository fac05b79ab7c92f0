/**
 * Formats of `consume --format`, as kcat has them.
 *
 *   %t topic  %p partition  %o offset  %k key  %s value  %T timestamp, ms  %h headers, name=value,…
 *   %K and %S: bytes of key and value (-1: null)   %%: a percent sign   escapes: \n \t \r \0 \\
 */
import { recordAnswer } from '../http/record-json.ts';
import { StratalogError } from '../model/errors.ts';
import { type Encoding, encoder, jsonPart } from './encodings.ts';
import type { Found } from './found.ts';

type Piece = string | Uint8Array;

/** The pieces of one record's line. Keys and values stay bytes: not all are text. */
export type Formatter = (found: Found) => readonly Piece[];

/** How keys and values are printed; undefined: nothing was said. */
export interface FormatOptions {
  readonly key?: Encoding | undefined;
  readonly value?: Encoding | undefined;
}

const headersText = ({ record }: Found): string =>
  record.headers
    .map(({ key, value }) => `${key}=${value === null ? '' : Buffer.from(value).toString('utf8')}`)
    .join(',');

type Tokens = Readonly<Record<string, (found: Found) => Piece>>;

const tokensFor = ({ key = 'text', value = 'text' }: FormatOptions): Tokens => ({
  t: ({ topic }) => topic,
  p: ({ partition }) => String(partition),
  o: ({ record }) => String(record.offset),
  k: encoder('key', key),
  s: encoder('value', value),
  T: ({ record }) => String(record.timestamp),
  h: headersText,
  K: ({ record }) => String(record.key?.length ?? -1),
  S: ({ record }) => String(record.value?.length ?? -1),
  '%': () => '%',
});

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '0': '\0',
  '\\': '\\',
};

const illegal = (kind: string, written: string, legal: string): StratalogError =>
  new StratalogError(
    'INVALID_REQUEST',
    `--format has the unknown ${kind} ${written}; known are ${legal}.`,
  );

/** @throws INVALID_REQUEST for a token or escape that is not known */
export const compileFormat = (format: string, options: FormatOptions): Formatter => {
  const tokens = tokensFor(options);
  const pieces: (Piece | ((found: Found) => Piece))[] = [];
  for (let i = 0; i < format.length; i += 1) {
    const character = format.charAt(i);
    const next = format.charAt(i + 1);
    if (character === '%') {
      const token = Object.hasOwn(tokens, next) ? tokens[next] : undefined;
      if (token === undefined) {
        throw illegal(
          'token',
          `%${next}`,
          Object.keys(tokens)
            .map((name) => `%${name}`)
            .join(' '),
        );
      }
      pieces.push(token);
      i += 1;
    } else if (character === '\\') {
      const text = Object.hasOwn(ESCAPES, next) ? ESCAPES[next] : undefined;
      if (text === undefined) {
        throw illegal(
          'escape',
          `\\${next}`,
          Object.keys(ESCAPES)
            .map((name) => `\\${name}`)
            .join(' '),
        );
      }
      pieces.push(text);
      i += 1;
    } else pieces.push(character);
  }
  return (found) => pieces.map((piece) => (typeof piece === 'function' ? piece(found) : piece));
};

/** One JSON object a line, with the fields that the HTTP API gives a record. */
export const jsonFormat =
  ({ key, value }: FormatOptions): Formatter =>
  (found) => {
    const answer = recordAnswer(found.partition, found.record);
    const shown = {
      ...answer,
      key: jsonPart('key', key, found, answer.key),
      value: jsonPart('value', value, found, answer.value),
    };
    return [`${JSON.stringify({ topic: found.topic, ...shown })}\n`];
  };
