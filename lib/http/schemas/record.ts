/**
 * A record in JSON, as it is given and as it is told.
 *
 * Bytes are written as a string (UTF-8), as `{"base64": "…"}`, or as `{"json": …}`, which stands for
 * the UTF-8 of that JSON; null is no key, or a tombstone.
 */
import * as z from 'zod';
import { MAX_HEADERS_PER_RECORD } from '../../model/limits.ts';
import { objectError, wholeNumber } from './text.ts';

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Half of a surrogate pair has no UTF-8: it would be stored as a replacement character. */
const text = z.string().refine((value) => value.isWellFormed(), {
  error:
    'must be well-formed text (it has half of a surrogate pair); send bytes as {"base64": "…"}',
});

const nameError = {
  error: 'must have names of well-formed text (one has half of a surrogate pair)',
};

const headerName = z.string().refine((name) => name.isWellFormed(), nameError);

const base64Error = { error: 'must be base64 with padding' };

const base64 = z.strictObject({
  base64: z
    .string()
    .refine((digits) => digits.length % 4 === 0 && BASE64.test(digits), base64Error)
    .meta({ pattern: '^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$' }),
});

/** Whether every number is what its sender wrote: parsing rounds what lies beyond ±2⁵³. Depth is bounded before. */
const isExact = (value: unknown): boolean => {
  if (typeof value === 'number') {
    return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
  }
  return typeof value !== 'object' || value === null || Object.values(value).every(isExact);
};

const json = z.strictObject({
  json: z.nonoptional(z.unknown()).refine(isExact, {
    error: `must have no number beyond ${Number.MAX_SAFE_INTEGER}, which would be rounded; send the JSON as a string`,
  }),
});

export const bytesInput = z
  .union([z.null(), text, base64, json], {
    error: 'must be a string, null, {"base64": "…"} or {"json": …}',
  })
  .describe('Bytes: the UTF-8 of a string, base64, or the UTF-8 of some JSON.');

export type BytesInput = z.infer<typeof bytesInput>;

const tooManyHeaders = { error: `must have at most ${MAX_HEADERS_PER_RECORD} headers` };

/** Pairs where an object has a header named `__proto__`, which the copy of an object would lack. */
const withEveryName = (headers: unknown): unknown =>
  typeof headers === 'object' && headers !== null && Object.hasOwn(headers, '__proto__')
    ? Object.entries(headers)
    : headers;

const headersUnion = z.union(
  [
    z
      .record(z.string(), bytesInput)
      .refine((headers) => Object.keys(headers).every((name) => name.isWellFormed()), nameError)
      .refine((headers) => Object.keys(headers).length <= MAX_HEADERS_PER_RECORD, tooManyHeaders),
    z.array(z.tuple([headerName, bytesInput])).max(MAX_HEADERS_PER_RECORD, tooManyHeaders),
  ],
  {
    error: `must be an object of names and values or an array of [name, value] pairs, at most ${MAX_HEADERS_PER_RECORD}`,
  },
);

const headersInput = z.preprocess(withEveryName, headersUnion);

export const recordInput = z.strictObject(
  {
    key: bytesInput.optional(),
    value: bytesInput.describe('null is a tombstone where a topic is compacted.'),
    headers: headersInput.optional(),
    timestamp: wholeNumber(0, Number.MAX_SAFE_INTEGER)
      .optional()
      .describe('ms since the Unix epoch; the time of arrival when absent.'),
    partition: wholeNumber(0, 2 ** 31 - 1)
      .optional()
      .describe('By the key when absent; without a key, one for the whole request.'),
  },
  objectError('a record, such as {"key": "a", "value": "b"}'),
);

export type RecordJson = z.infer<typeof recordInput>;

export const bytesOutput = z
  .union([z.string(), z.object({ base64: z.string() }), z.null()])
  .describe('A string where the bytes are UTF-8.');

export const recordOutput = z.object({
  partition: z.int(),
  offset: z.int(),
  timestamp: z.int().describe('ms since the Unix epoch; -1: none.'),
  key: bytesOutput,
  value: bytesOutput,
  headers: z
    .union([z.record(z.string(), bytesOutput), z.array(z.tuple([z.string(), bytesOutput]))])
    .describe('An object; an array of [name, value] pairs where a name repeats or is a number.'),
});
