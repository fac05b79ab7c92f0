/** Produce over HTTP: what is written, where it goes, and what each record is told. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { produceBatchesResponse, produceResponse } from '../../lib/http/schemas/produce.ts';
import { type LocalStack, startLocal } from '../../lib/local/start.ts';
import { encodeBatch } from '../../lib/record/encode.ts';
import { BATCHES_MEDIA_TYPE, encodeFrames } from '../../lib/record/frames.ts';
import { partitionForKey } from '../../lib/record/partitioner.ts';
import { json, type Reply, type Request, surfaces } from '../local/surfaces.ts';

let stack: LocalStack;
let topics = 0;
const ways = surfaces(() => stack.port);
const [, send] = ways[0]!;

beforeAll(async () => {
  stack = await startLocal({ httpPort: 0 });
});
afterAll(() => stack.close());

const newTopic = async (partitions: number, configs = {}): Promise<string> => {
  topics += 1;
  const name = `produce-${topics}`;
  const reply = await send({
    method: 'POST',
    path: '/topics',
    ...json({ name, partitions, configs }),
  });
  expect(reply.status).toBe(201);
  return name;
};

const produce = (topic: string, body: unknown): Request => ({
  method: 'POST',
  path: `/topics/${topic}/records`,
  ...json(body),
});

const batch = (...values: string[]) =>
  encodeBatch(values.map((value) => ({ value: Buffer.from(value), timestamp: 7 })));

const readAll = async (topic: string, partition = 0) => {
  const path = `/topics/${topic}/partitions/${partition}/records`;
  return (await send({ method: 'GET', path, query: 'offset=earliest' })).json.records;
};

describe.each(ways)('over %s', (_name, via) => {
  it('writes JSON records of every shape and reads them back', async () => {
    const topic = await newTopic(1);
    const reply = await via(
      produce(topic, {
        records: [
          { key: 'a', value: 'ä', headers: { h: '1', n: null }, timestamp: 5 },
          { key: { base64: '/w==' }, value: { json: { deep: [1, null] } } },
          {
            key: null,
            value: null,
            headers: [
              ['x', '1'],
              ['x', { base64: '/w==' }],
            ],
          },
        ],
      }),
    );
    expect(reply.status).toBe(200);
    expect(produceResponse.parse(reply.json).records).toEqual([
      { partition: 0, offset: 0 },
      { partition: 0, offset: 1 },
      { partition: 0, offset: 2 },
    ]);
    const [first, second, third] = await readAll(topic);
    expect(first).toEqual({
      partition: 0,
      offset: 0,
      timestamp: 5,
      key: 'a',
      value: 'ä',
      headers: { h: '1', n: null },
    });
    expect(second).toMatchObject({ key: { base64: '/w==' }, value: '{"deep":[1,null]}' });
    expect(third).toMatchObject({
      key: null,
      value: null,
      headers: [
        ['x', '1'],
        ['x', { base64: '/w==' }],
      ],
    });
  });

  it('writes newline-delimited JSON', async () => {
    const topic = await newTopic(1);
    const reply = await via({
      ...produce(topic, {}),
      headers: { 'content-type': 'application/x-ndjson' },
      body: Buffer.from('{"value":"a"}\r\n\n{"value":"b"}\n'),
    });
    expect(reply.json.records).toHaveLength(2);
    expect(await readAll(topic)).toMatchObject([{ value: 'a' }, { value: 'b' }]);
  });

  it('writes batches of one partition, and frames of many', async () => {
    const topic = await newTopic(3);
    const headers = { 'content-type': BATCHES_MEDIA_TYPE };
    const path = `/topics/${topic}/records`;
    const bare = Buffer.concat([batch('a', 'b'), batch('c')]);
    const one = await via({ method: 'POST', path, query: 'partition=1', headers, body: bare });
    expect(produceBatchesResponse.parse(one.json).partitions).toEqual([
      { partition: 1, baseOffsets: [0, 2], logStartOffset: 0, logAppendTime: -1 },
    ]);
    const body = encodeFrames([
      { partition: 2, batches: [batch('x')] },
      { partition: 1, batches: [batch('d')] },
      { partition: 2, batches: [batch('y')] },
    ]);
    const many = await via({ method: 'POST', path, headers, body });
    expect(many.json.partitions).toMatchObject([
      { partition: 2, baseOffsets: [0, 1] },
      { partition: 1, baseOffsets: [3] },
    ]);
  });
});

it('sends a key where Kafka sends it, and keyless records of a request to one partition', async () => {
  const topic = await newTopic(7);
  const keys = ['a', 'b', 'c', 'ä', ''];
  const records = [...keys.map((key) => ({ key, value: '' })), { value: '1' }, { value: '2' }];
  const told = (await send(produce(topic, { records }))).json.records;
  expect(told.slice(0, 5).map(({ partition }: { partition: number }) => partition)).toEqual(
    keys.map((key) => partitionForKey(Buffer.from(key), 7)),
  );
  expect(told[5].partition).toBe(told[6].partition);
});

it('tells each record its own fate: a bad partition or record does no harm to the others', async () => {
  const topic = await newTopic(2);
  const reply = await send(
    produce(topic, {
      records: [
        { value: 'good', partition: 0 },
        { value: 'lost', partition: 9 },
        { value: 'x'.repeat(1_100_000), partition: 0 },
        { value: 'when?', partition: 0, timestamp: 9_000_000_000_000_000 },
        { value: 'also good', partition: 0 },
      ],
    }),
  );
  expect(reply.status).toBe(200);
  expect(produceResponse.parse(reply.json).records).toMatchObject([
    { partition: 0, offset: 0 },
    { partition: 9, error: { code: 'UNKNOWN_TOPIC_OR_PARTITION', status: 404 } },
    { partition: 0, error: { code: 'MESSAGE_TOO_LARGE', status: 413 } },
    { partition: 0, error: { code: 'INVALID_TIMESTAMP', status: 400 } },
    { partition: 0, offset: 1 },
  ]);
});

it('keeps good partitions of a body of frames apart from bad ones', async () => {
  const topic = await newTopic(2);
  const body = encodeFrames([
    { partition: 0, batches: [batch('good')] },
    { partition: 1, batches: [batch('bad').map((byte, i) => (i === 66 ? byte ^ 1 : byte))] },
  ]);
  const headers = { 'content-type': BATCHES_MEDIA_TYPE };
  const path = `/topics/${topic}/records`;
  const some = await send({ method: 'POST', path, headers, body });
  expect(some.status).toBe(200);
  expect(some.json.partitions).toMatchObject([
    { baseOffsets: [0] },
    { error: { code: 'CORRUPT_MESSAGE', status: 400 } },
  ]);
  const none: Reply = await send({
    method: 'POST',
    path,
    headers,
    body: encodeFrames([
      { partition: 8, batches: [batch('bad')] },
      { partition: 9, batches: [batch('bad')] },
    ]),
  });
  expect(none.status).toBe(404);
  expect(none.json).toMatchObject({
    code: 'UNKNOWN_TOPIC_OR_PARTITION',
    partitions: [
      { partition: 8, error: {} },
      { partition: 9, error: {} },
    ],
  });
});

it('packs many records into batches that the topic takes, however small those are', async () => {
  const topic = await newTopic(1, { 'max.message.bytes': '500' });
  const records = Array.from({ length: 100 }, (_, i) => ({ value: `${i}-${'x'.repeat(60)}` }));
  records[50] = { value: 'x'.repeat(600) };
  const told = (await send(produce(topic, { records }))).json.records;
  expect(told[50].error.code).toBe('MESSAGE_TOO_LARGE');
  const offsets = told
    .filter((_: unknown, i: number) => i !== 50)
    .map((one: { offset: number }) => one.offset);
  expect(offsets).toEqual(Array.from({ length: 99 }, (_, i) => i));
  const read = await readAll(topic);
  expect(read.map(({ value }: { value: string }) => Number.parseInt(value, 10))).toEqual(
    records.flatMap((_, i) => (i === 50 ? [] : [i])),
  );
});

it('answers within what Lambda carries even when most of very many records fail', async () => {
  const topic = await newTopic(1);
  const line = '{"value":"","partition":7}\n';
  const body = Buffer.from(`{"value":"","partition":0}\n${line.repeat(70_000)}`);
  const headers = { 'content-type': 'application/x-ndjson' };
  const reply = await send({ method: 'POST', path: `/topics/${topic}/records`, headers, body });
  expect(reply.status).toBe(200);
  const { records } = produceResponse.parse(reply.json);
  expect(records).toHaveLength(70_001);
  expect(records[0]).toEqual({ partition: 0, offset: 0 });
  expect(records.at(-1)).toMatchObject({
    partition: 7,
    error: { code: 'UNKNOWN_TOPIC_OR_PARTITION' },
  });
}, 60_000);
