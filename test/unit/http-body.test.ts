/** Bodies that come encoded: what is taken, what is not, and how much may come out of them. */
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalStack, startLocal } from '../../lib/local/start.ts';
import { MAX_DECODED_BODY_BYTES } from '../../lib/model/limits.ts';
import { encodeBatch } from '../../lib/record/encode.ts';
import { BATCHES_MEDIA_TYPE } from '../../lib/record/frames.ts';
import { json, surfaces } from '../local/surfaces.ts';

let stack: LocalStack;
const ways = surfaces(() => stack.port);
const [, first] = ways[0]!;
beforeAll(async () => {
  stack = await startLocal({ httpPort: 0 });
  await first({ method: 'POST', path: '/topics', ...json({ name: 't' }) });
});
afterAll(() => stack.close());

const RECORDS = Buffer.from('{"records":[{"value":"a"}]}');
const LINES = Buffer.from('{"value":"a"}\n{"value":"b"}\n');
const BATCH = encodeBatch([{ value: Buffer.from('a'), timestamp: 1 }]);
const BOMB = Buffer.alloc(MAX_DECODED_BODY_BYTES + 1, ' ');

const append = (encoding: string, body: Uint8Array, type = 'application/json', query = '') => ({
  method: 'POST',
  path: '/topics/t/records',
  query,
  headers: { 'content-type': type, 'content-encoding': encoding },
  body,
});

type Taken = readonly [encoding: string, body: Uint8Array, type?: string, query?: string];

const TAKEN: readonly Taken[] = [
  ['identity', RECORDS],
  ['Identity', RECORDS],
  ['gzip', gzipSync(RECORDS)],
  ['GZIP', gzipSync(RECORDS)],
  ['x-gzip', gzipSync(RECORDS)],
  ['gzip', Buffer.concat([gzipSync(RECORDS.subarray(0, 5)), gzipSync(RECORDS.subarray(5))])],
  ['zstd', zstdCompressSync(RECORDS)],
  ['gzip', gzipSync(LINES), 'application/x-ndjson'],
  ['zstd', zstdCompressSync(BATCH), BATCHES_MEDIA_TYPE, 'partition=0'],
];

const REFUSED = [
  ['br', RECORDS, 415, 'INVALID_REQUEST', /"br" is not taken: .* gzip or zstd/],
  ['deflate', RECORDS, 415, 'INVALID_REQUEST', /"deflate"/],
  ['gzip, gzip', gzipSync(gzipSync(RECORDS)), 415, 'INVALID_REQUEST', /"gzip, gzip"/],
  ['gzip', RECORDS, 400, 'INVALID_REQUEST', /not the gzip .* incorrect header/],
  ['zstd', RECORDS, 400, 'INVALID_REQUEST', /not the zstd/],
  ['gzip', gzipSync(RECORDS).subarray(0, 30), 400, 'INVALID_REQUEST', /unexpected end/],
  ['zstd', zstdCompressSync(RECORDS).subarray(0, 20), 400, 'INVALID_REQUEST', /unexpected end/],
  ['gzip', Buffer.concat([gzipSync(RECORDS), Buffer.alloc(2)]), 400, 'INVALID_REQUEST', /2 bytes/],
  [
    'zstd',
    Buffer.concat([zstdCompressSync(RECORDS), zstdCompressSync(RECORDS)]),
    400,
    'INVALID_REQUEST',
    /bytes follow its end/,
  ],
  ['gzip', gzipSync(BOMB), 413, 'MESSAGE_TOO_LARGE', /more than 16777216 bytes/],
  ['zstd', zstdCompressSync(BOMB), 413, 'MESSAGE_TOO_LARGE', /more than 16777216 bytes/],
] as const;

describe.each(ways)('over %s', (_name, send) => {
  it.each(TAKEN.map((taken) => [taken[0], taken] as const))('takes %s', async (_name, taken) => {
    const reply = await send(append(...taken));
    expect([reply.status, reply.json.code]).toEqual([200, undefined]);
  });

  it.each(REFUSED)('refuses %s', async (encoding, body, status, code, detail) => {
    const reply = await send(append(encoding, body));
    expect([reply.status, reply.json.code]).toEqual([status, code]);
    expect(reply.json).toMatchObject({ detail: expect.stringMatching(detail), effect: 'none' });
    expect(reply.headers['accept-encoding']).toBe(status === 415 ? 'gzip, zstd' : undefined);
  });
});

it('takes other bodies encoded too', async () => {
  const { headers } = json({});
  const body = gzipSync('{"name":"encoded"}');
  const created = await first({
    method: 'POST',
    path: '/topics',
    headers: { ...headers, 'content-encoding': 'gzip' },
    body,
  });
  expect(created.status).toBe(201);
});

it('takes more JSON encoded than an event could carry plain', async () => {
  const line = `{"value":"${'x'.repeat(1_000)}"}\n`;
  const body = gzipSync(line.repeat(8_000));
  const reply = await first(append('gzip', body, 'application/x-ndjson'));
  expect(reply.json.records).toHaveLength(8_000);
});
