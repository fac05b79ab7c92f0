/** Everything a producer can get wrong: the right code, the right status, and what to do about it. */
import { afterAll, beforeAll, describe, it } from 'vitest';
import { crc32c } from '../../lib/bytes/crc32c.ts';
import { setInt32 } from '../../lib/bytes/integers.ts';
import { type LocalStack, startLocal } from '../../lib/local/start.ts';
import { encodeBatch } from '../../lib/record/encode.ts';
import { BATCHES_MEDIA_TYPE, encodeFrames } from '../../lib/record/frames.ts';
import { ATTRIBUTES_AT, CRC_AT, LAST_OFFSET_DELTA_AT } from '../../lib/record/layout.ts';
import { json, type Request, surfaces } from '../local/surfaces.ts';
import { expectProblem } from '../support/problem.ts';

let stack: LocalStack;
beforeAll(async () => {
  stack = await startLocal({ httpPort: 0 });
  const [, send] = surfaces(() => stack.port)[0]!;
  await send({ method: 'POST', path: '/topics', ...json({ name: 't', partitions: 2 }) });
});
afterAll(() => stack.close());

const batch = (value = 'v') => encodeBatch([{ value: Buffer.from(value), timestamp: 1 }]);

/** A batch changed in one place, with a CRC that holds. */
const forged = (change: (bytes: Uint8Array) => void): Uint8Array => {
  const bytes = batch();
  change(bytes);
  setInt32(bytes, CRC_AT, crc32c(bytes.subarray(ATTRIBUTES_AT)));
  return bytes;
};

const records = (value: unknown): Request => ({
  method: 'POST',
  path: '/topics/t/records',
  ...json(value),
});

const batches = (body: Uint8Array, partition = 0): Request => ({
  method: 'POST',
  path: '/topics/t/records',
  query: `partition=${partition}`,
  headers: { 'content-type': BATCHES_MEDIA_TYPE },
  body,
});

const frames = (body: Uint8Array): Request => ({
  method: 'POST',
  path: '/topics/t/records',
  headers: { 'content-type': BATCHES_MEDIA_TYPE },
  body,
});

/** Arrays in arrays, as text: no writer of JSON gets this deep. */
const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;

const one = (record: unknown) => records({ records: [record] });

const CASES: readonly (readonly [string, Request, number, string, RegExp])[] = [
  [
    'an unknown topic, written to',
    { ...one({ value: 'a' }), path: '/topics/nope/records' },
    404,
    'UNKNOWN_TOPIC_OR_PARTITION',
    /nope/,
  ],
  [
    'an unknown partition, written to',
    one({ value: 'a', partition: 2 }),
    404,
    'UNKNOWN_TOPIC_OR_PARTITION',
    /partition 2/,
  ],
  [
    'a body that is no JSON',
    { ...records({}), body: '{"records":' },
    400,
    'INVALID_REQUEST',
    /not JSON/,
  ],
  [
    'no body',
    { method: 'POST', path: '/topics/t/records' },
    400,
    'INVALID_REQUEST',
    /body is empty; it must be JSON/,
  ],
  [
    'another media type',
    { ...records({}), headers: { 'content-type': 'text/csv' } },
    415,
    'INVALID_REQUEST',
    /application\/json/,
  ],
  [
    'a value nested too deeply',
    { ...records({}), body: `{"records":[{"value":{"json":${nested(200_000)}}}]}` },
    400,
    'INVALID_REQUEST',
    /^The body is nested more than 128 levels deep/,
  ],
  [
    'a list nested too deeply to be shown',
    { ...records({}), body: `{"records":${nested(200_000)}}` },
    400,
    'INVALID_REQUEST',
    /nested more than 128/,
  ],
  [
    'a line nested too deeply',
    {
      ...records({}),
      headers: { 'content-type': 'application/x-ndjson' },
      body: `{"value":"a"}\n{"value":{"json":${nested(129)}}}`,
    },
    400,
    'INVALID_REQUEST',
    /^Line 2 is nested/,
  ],
  [
    'bytes that are no UTF-8',
    { ...records({}), body: Buffer.from('{"records":[{"value":"\xff"}]}', 'latin1') },
    400,
    'INVALID_REQUEST',
    /^The body is not UTF-8.*base64/,
  ],
  [
    'lines that are no UTF-8',
    {
      ...records({}),
      headers: { 'content-type': 'application/x-ndjson' },
      body: Buffer.from('{"value":"\xff"}', 'latin1'),
    },
    400,
    'INVALID_REQUEST',
    /^The body is not UTF-8/,
  ],
  [
    'another charset',
    { ...one({ value: 'a' }), headers: { 'content-type': 'application/json; charset=latin1' } },
    415,
    'INVALID_REQUEST',
    /charset "latin1".*UTF-8/,
  ],
  [
    'half of a surrogate pair as a key',
    one({ key: '\ud800', value: '' }),
    400,
    'INVALID_REQUEST',
    /records\[0\]\.key must be well-formed/,
  ],
  [
    'half of a surrogate pair in a value',
    one({ value: 'a\udc00b' }),
    400,
    'INVALID_REQUEST',
    /value must be well-formed.*base64/,
  ],
  [
    'half of a surrogate pair in a header',
    one({ value: '', headers: { h: '\ud800' } }),
    400,
    'INVALID_REQUEST',
    /well-formed/,
  ],
  [
    'half of a surrogate pair in the name of a header',
    one({ value: '', headers: [['\ud800', 'a']] }),
    400,
    'INVALID_REQUEST',
    /well-formed/,
  ],
  [
    'half of a surrogate pair in a field name',
    one({ value: '', headers: { '\ud800': 'a' } }),
    400,
    'INVALID_REQUEST',
    /headers must have names of well-formed text/,
  ],
  ['no records', records({ records: [] }), 400, 'INVALID_REQUEST', /at least one record/],
  [
    'records that are no list',
    records({ records: 'x' }),
    400,
    'INVALID_REQUEST',
    /records must be an array of records; it is "x"/,
  ],
  [
    'a value that is a number',
    one({ value: 42 }),
    400,
    'INVALID_REQUEST',
    /records\[0\]\.value must be a string.*it is 42/,
  ],
  [
    'a record without a value',
    one({ key: 'a' }),
    400,
    'INVALID_REQUEST',
    /records\[0\]\.value.*is missing/,
  ],
  ['base64 that is none', one({ value: { base64: '@@@@' } }), 400, 'INVALID_REQUEST', /base64/],
  ['an empty object for bytes', one({ value: {} }), 400, 'INVALID_REQUEST', /value must be/],
  [
    'a number in JSON that would be rounded',
    { ...records({}), body: '{"records": [{"value": {"json": {"id": [12345678901234567890]}}}]}' },
    400,
    'INVALID_REQUEST',
    /value.*beyond 9007199254740991.*string/,
  ],
  [
    'a number in JSON that is beyond all',
    { ...records({}), body: '{"records": [{"value": {"json": 1e400}}]}' },
    400,
    'INVALID_REQUEST',
    /value.*rounded/,
  ],
  ['base64 cut off', one({ value: { base64: 'YWJ' } }), 400, 'INVALID_REQUEST', /with padding/],
  [
    'a negative timestamp',
    one({ value: '', timestamp: -5 }),
    400,
    'INVALID_REQUEST',
    /timestamp must be a whole number/,
  ],
  [
    'a timestamp of the far future',
    one({ value: '', timestamp: 9_000_000_000_000_000 }),
    400,
    'INVALID_TIMESTAMP',
    /timestamp 9000000000000000, .* topic t allows 3600000 ms \(message\.timestamp\.after\.max\.ms\)/,
  ],
  [
    'a fractional partition',
    one({ value: '', partition: 0.5 }),
    400,
    'INVALID_REQUEST',
    /partition must be a whole number/,
  ],
  [
    'too many headers',
    one({ value: '', headers: Array.from({ length: 1001 }, () => ['a', 'b']) }),
    400,
    'INVALID_REQUEST',
    /at most 1000/,
  ],
  [
    'a broken line',
    {
      ...records({}),
      headers: { 'content-type': 'application/x-ndjson' },
      body: '{"value":"a"}\n\n{"value":',
    },
    400,
    'INVALID_REQUEST',
    /^Line 3 is not JSON/,
  ],
  [
    'a wrong line',
    {
      ...records({}),
      headers: { 'content-type': 'application/x-ndjson' },
      body: '{"value":"a"}\n{"value":1}',
    },
    400,
    'INVALID_REQUEST',
    /^Line 2: value must be/,
  ],
  [
    'a record too large for the topic',
    one({ value: 'x'.repeat(1_100_000) }),
    413,
    'MESSAGE_TOO_LARGE',
    /max\.message\.bytes/,
  ],
  [
    'a batch too large for the topic',
    batches(batch('x'.repeat(1_100_000))),
    413,
    'MESSAGE_TOO_LARGE',
    /max\.message\.bytes/,
  ],
  [
    'a body too large for an event',
    one({ value: 'x'.repeat(6_300_000) }),
    413,
    'MESSAGE_TOO_LARGE',
    /takes 6225920 bytes, and each quote, backslash and line break/,
  ],
  [
    'a body too large once escaped',
    one({ value: '"'.repeat(3_200_000) }),
    413,
    'MESSAGE_TOO_LARGE',
    /takes 6225920 bytes, and each quote, backslash and line break/,
  ],
  [
    'a body too large as base64',
    batches(new Uint8Array(5_000_000)),
    413,
    'MESSAGE_TOO_LARGE',
    /takes 4669440 bytes\. Send fewer/,
  ],
  [
    'a corrupt CRC',
    batches(batch().map((byte, i) => (i === 66 ? byte ^ 1 : byte))),
    400,
    'CORRUPT_MESSAGE',
    /CRC32C/,
  ],
  [
    'a wrong count',
    batches(forged((bytes) => setInt32(bytes, LAST_OFFSET_DELTA_AT, 7))),
    400,
    'INVALID_RECORD',
    /delta 7/,
  ],
  [
    'an unknown compression',
    batches(forged((bytes) => bytes.set([0, 7], ATTRIBUTES_AT))),
    400,
    'UNSUPPORTED_COMPRESSION_TYPE',
    /gzip/,
  ],
  [
    'an old message format',
    batches(forged((bytes) => bytes.set([1], 16))),
    400,
    'UNSUPPORTED_FOR_MESSAGE_FORMAT',
    /format 2/,
  ],
  ['half a batch', batches(batch().subarray(0, 65)), 400, 'CORRUPT_MESSAGE', /65/],
  ['no batch', batches(new Uint8Array(0)), 400, 'INVALID_RECORD', /at least one/],
  [
    'half a frame',
    frames(encodeFrames([{ partition: 0, batches: [batch()] }]).subarray(0, 40)),
    400,
    'INVALID_REQUEST',
    /Frame 0/,
  ],
  [
    'batches for an unknown partition',
    batches(batch(), 5),
    404,
    'UNKNOWN_TOPIC_OR_PARTITION',
    /partition 5/,
  ],
];

describe.each(surfaces(() => stack.port))('over %s', (_surface, send) => {
  it.each(CASES)('%s', async (_name, request, status, code, detail) => {
    const reply = await send(request);
    expectProblem(reply, status, code, detail);
  });
});
