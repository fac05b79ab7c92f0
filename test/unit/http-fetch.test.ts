/** Fetch over HTTP: as JSON and as batches, in the middle of a batch, and never more than fits. */
import { zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handler as fetchHandler } from '../../functions/fetch.ts';
import { OPERATIONS } from '../../lib/http/openapi/document.ts';
import { fetchPartitionResponse, fetchResponse } from '../../lib/http/schemas/fetch.ts';
import { type LocalStack, startLocal } from '../../lib/local/start.ts';
import { MAX_LAMBDA_PAYLOAD_BYTES } from '../../lib/model/limits.ts';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { splitBatches } from '../../lib/record/batches.ts';
import { decodeBatch } from '../../lib/record/decode.ts';
import { encodeBatch } from '../../lib/record/encode.ts';
import { BATCHES_MEDIA_TYPE, decodeFrames, encodeFrames } from '../../lib/record/frames.ts';
import { json, surfaces } from '../local/surfaces.ts';

let stack: LocalStack;
let topics = 0;
const ways = surfaces(() => stack.port);
const [, send] = ways[0]!;

beforeAll(async () => {
  stack = await startLocal({ httpPort: 0 });
});
afterAll(() => stack.close());

/** A topic with these batches, by partition. */
const topicWith = async (...partitions: readonly (readonly Uint8Array[])[]): Promise<string> => {
  topics += 1;
  const name = `fetch-${topics}`;
  const configs = { 'max.message.bytes': 4 * 1024 * 1024 };
  await send({
    method: 'POST',
    path: '/topics',
    ...json({ name, partitions: partitions.length, configs }),
  });
  for (const [partition, batches] of partitions.entries()) {
    for (const batch of batches) {
      const body = encodeFrames([{ partition, batches: [batch] }]);
      const headers = { 'content-type': BATCHES_MEDIA_TYPE };
      const reply = await send({ method: 'POST', path: `/topics/${name}/records`, headers, body });
      expect(reply.status).toBe(200);
    }
  }
  return name;
};

const batchOf = (values: readonly string[], compressor?: Parameters<typeof encodeBatch>[1]) =>
  encodeBatch(
    values.map((value) => ({ value: Buffer.from(value), timestamp: 1 })),
    compressor,
  );

const zstd = {
  compressor: { compression: 'zstd', compress: (records: Uint8Array) => zstdCompressSync(records) },
} as const;

const read = (topic: string, query: string, headers = {}) =>
  send({ method: 'GET', path: `/topics/${topic}/partitions/0/records`, query, headers });

const postFetch = (topic: string, body: unknown, accept = 'application/json') => {
  const { headers, ...rest } = json(body);
  return send({
    method: 'POST',
    path: `/topics/${topic}/fetch`,
    ...rest,
    headers: { ...headers, accept },
  });
};

describe.each(ways)('over %s', (_name, via) => {
  it('reads one partition as JSON from the middle of a batch', async () => {
    const topic = await topicWith([batchOf(['a', 'b', 'c'])]);
    const path = `/topics/${topic}/partitions/0/records`;
    const reply = await via({ method: 'GET', path, query: 'offset=1' });
    const answer = fetchPartitionResponse.parse(reply.json);
    expect(answer.records.map(({ offset, value }) => [offset, value])).toEqual([
      [1, 'b'],
      [2, 'c'],
    ]);
    expect(answer).toMatchObject({
      nextOffset: 3,
      highWatermark: 3,
      lastStableOffset: 3,
      logStartOffset: 0,
    });
  });

  it('does not show as JSON what was deleted, though its batch is there', async () => {
    const topic = await topicWith([batchOf(['a', 'b', 'c'])]);
    const path = `/topics/${topic}/partitions/0/records`;
    expect((await via({ method: 'DELETE', path, query: 'before=2' })).status).toBe(200);
    const reply = await via({ method: 'GET', path, query: 'offset=earliest' });
    const answer = fetchPartitionResponse.parse(reply.json);
    expect(answer.records.map(({ offset, value }) => [offset, value])).toEqual([[2, 'c']]);
    expect(answer).toMatchObject({ nextOffset: 3, logStartOffset: 2 });
  });

  it('reads one partition as batches, with its position in headers', async () => {
    const topic = await topicWith([batchOf(['a']), batchOf(['b', 'c'])]);
    const path = `/topics/${topic}/partitions/0/records`;
    const headers = { accept: BATCHES_MEDIA_TYPE };
    const reply = await via({ method: 'GET', path, query: 'offset=0', headers });
    expect(reply.headers['content-type']).toBe(BATCHES_MEDIA_TYPE);
    expect(reply.headers['stratalog-next-offset']).toBe('3');
    expect(reply.headers['stratalog-high-watermark']).toBe('3');
    const { batches, truncatedBytes } = splitBatches(reply.body);
    expect(truncatedBytes).toBe(0);
    const offsets = batches.flatMap((batch) =>
      decodeBatch(batch).records.map(({ offset }) => offset),
    );
    expect(offsets).toEqual([0, 1, 2]);
  });

  it('reads many partitions, and a bad one does no harm to the good ones', async () => {
    const topic = await topicWith([batchOf(['a'])], [batchOf(['b'])]);
    const partitions = [
      { partition: 1, offset: 'earliest' },
      { partition: 5, offset: 0 },
      { partition: 0, offset: 7 },
      { partition: 0, offset: 'latest' },
    ];
    const { headers = {}, body = '' } = json({ partitions });
    const request = { method: 'POST', path: `/topics/${topic}/fetch`, headers, body } as const;
    const reply = await via(request);
    expect(reply.status).toBe(200);
    expect(fetchResponse.parse(reply.json).partitions).toMatchObject([
      { partition: 1, nextOffset: 1, records: [{ value: 'b' }] },
      { partition: 5, error: { code: 'UNKNOWN_TOPIC_OR_PARTITION' } },
      { partition: 0, error: { code: 'OFFSET_OUT_OF_RANGE' } },
      { partition: 0, nextOffset: 1, records: [] },
    ]);
    const framed = await via({
      ...request,
      headers: { ...headers, accept: BATCHES_MEDIA_TYPE },
    });
    const frames = decodeFrames(framed.body);
    expect(frames.map(({ partition, meta }) => [partition, Object.keys(meta ?? {})[0]])).toEqual([
      [1, 'nextOffset'],
      [5, 'error'],
      [0, 'error'],
      [0, 'nextOffset'],
    ]);
    expect(decodeBatch(frames[0]!.batches).records[0]?.value?.toString()).toBe(
      String(Buffer.from('b')),
    );
  });
});

it('answers part of a batch whose JSON would not fit, and goes on in its middle', async () => {
  const values = Array.from({ length: 3_000 }, (_, i) => `${i}${'"\\'.repeat(1_000)}`);
  const topic = await topicWith([batchOf(values, zstd)]);
  let offset = 0;
  let answers = 0;
  while (offset < values.length) {
    const event = {
      method: 'GET',
      path: `/topics/${topic}/partitions/0/records`,
      query: { offset },
    };
    const raw = await fetchHandler(event, { awsRequestId: 'test' });
    expect(Buffer.byteLength(JSON.stringify(raw))).toBeLessThanOrEqual(MAX_LAMBDA_PAYLOAD_BYTES);
    const { records, nextOffset } = JSON.parse((raw as { body: string }).body);
    expect(records.map((one: { value: string }) => one.value)).toEqual(
      values.slice(offset, nextOffset),
    );
    expect(nextOffset).toBeGreaterThan(offset);
    offset = nextOffset;
    answers += 1;
  }
  expect(answers).toBeGreaterThan(2);
});

it('tells of a record that no JSON answer can hold, and of a batch that no answer can carry', async () => {
  const topic = await topicWith([batchOf(['a', '"'.repeat(3_000_000), 'z'], zstd)]);
  const first = await read(topic, 'offset=0');
  expect(first.json).toMatchObject({ nextOffset: 1, records: [{ value: 'a' }] });
  const second = await read(topic, 'offset=1');
  expect(second.status).toBe(413);
  expect(second.json).toMatchObject({ code: 'MESSAGE_TOO_LARGE', skipTo: 2, effect: 'none' });
  expect((await read(topic, 'offset=2')).json.records).toMatchObject([{ value: 'z' }]);
});

it('tells which offsets a decompression bomb makes unreadable, and serves what lies around it', async () => {
  const bomb = encodeBatch([{ value: Buffer.alloc(100 * 1024 * 1024), timestamp: 1 }], zstd);
  expect(bomb.length).toBeLessThan(100_000);
  const topic = await topicWith([batchOf(['before']), bomb, batchOf(['after'])]);
  expect((await read(topic, 'offset=0')).json).toMatchObject({
    nextOffset: 1,
    records: [{ value: 'before' }],
  });
  const refused = await read(topic, 'offset=1');
  expect(refused.status).toBe(413);
  expect(refused.json).toMatchObject({ code: 'MESSAGE_TOO_LARGE', offset: 1, skipTo: 2 });
  expect((await read(topic, 'offset=2')).json).toMatchObject({
    nextOffset: 3,
    records: [{ value: 'after' }],
  });
});

it('tells of records that are none by a problem that its document names', async () => {
  const garbage = { compression: 'gzip', compress: () => Buffer.from('no gzip at all') } as const;
  const topic = await topicWith([batchOf(['x'], { compressor: garbage })]);
  const { status, json: problem } = await read(topic, 'offset=0');
  expect([status, problem.skipTo]).toEqual([400, 1]);
  for (const name of ['fetch', 'fetchPartition'] as const) {
    expect(OPERATIONS[name].errors).toContain(problem.code);
  }
});

it('carries no more batches than fit an answer as base64', async () => {
  const noise = () =>
    Buffer.from(systemRuntime.randomBytes(900_000))
      .toString('latin1')
      .replace(/[^ -~]/g, 'x');
  const batches = Array.from({ length: 8 }, () => batchOf([noise()]));
  const topic = await topicWith(batches.slice(0, 4), batches.slice(4));
  const body = {
    partitions: [
      { partition: 0, offset: 0 },
      { partition: 1, offset: 0 },
    ],
    maxBytes: 60_000_000,
  };
  const reply = await postFetch(topic, body, BATCHES_MEDIA_TYPE);
  const encoded = Math.ceil(reply.body.length / 3) * 4;
  expect(encoded).toBeLessThan(MAX_LAMBDA_PAYLOAD_BYTES);
  const frames = decodeFrames(reply.body);
  expect(
    frames.reduce((sum, { batches: bytes }) => sum + splitBatches(bytes).batches.length, 0),
  ).toBeGreaterThan(2);
});

it('waits for records, no longer than asked, and wakes when they come', async () => {
  const topic = await topicWith([[]].flat(), []);
  const started = systemRuntime.monotonicMs();
  expect((await read(topic, 'offset=0&maxWaitMs=150')).json.records).toEqual([]);
  expect(systemRuntime.monotonicMs() - started).toBeGreaterThan(100);
  const waiting = read(topic, 'offset=0&maxWaitMs=15000');
  const record = { records: [{ value: 'x', partition: 0 }] };
  await send({ method: 'POST', path: `/topics/${topic}/records`, ...json(record) });
  expect((await waiting).json.records).toMatchObject([{ value: 'x' }]);
  expect(systemRuntime.monotonicMs() - started).toBeLessThan(5_000);
});

it.each([
  ['', 'application/json'],
  ['*/*', 'application/json'],
  ['application/*', 'application/json'],
  [BATCHES_MEDIA_TYPE, BATCHES_MEDIA_TYPE],
  [BATCHES_MEDIA_TYPE.toUpperCase(), BATCHES_MEDIA_TYPE],
  [`${BATCHES_MEDIA_TYPE}, */*;q=0.1`, BATCHES_MEDIA_TYPE],
  [`${BATCHES_MEDIA_TYPE};q=0.1, application/json`, 'application/json'],
  [`application/json;q=0.1, ${BATCHES_MEDIA_TYPE}`, BATCHES_MEDIA_TYPE],
  [`${BATCHES_MEDIA_TYPE};q=0`, 'application/json'],
])('answers Accept: %s with %s', async (accept, type) => {
  const topic = await topicWith([batchOf(['a'])]);
  expect((await read(topic, '', { accept })).headers['content-type']).toContain(type);
  const posted = await postFetch(topic, { partitions: [{ partition: 0, offset: 0 }] }, accept);
  expect(posted.headers['content-type']).toContain(type);
});
