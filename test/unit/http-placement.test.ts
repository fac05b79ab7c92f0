/** What the query of a produce request says of where its records go. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalStack, startLocal } from '../../lib/local/start.ts';
import { encodeBatch } from '../../lib/record/encode.ts';
import { BATCHES_MEDIA_TYPE, encodeFrames } from '../../lib/record/frames.ts';
import { json, type Request, surfaces } from '../local/surfaces.ts';

let stack: LocalStack;
let topics = 0;
const ways = surfaces(() => stack.port);
const [, send] = ways[0]!;
beforeAll(async () => {
  stack = await startLocal({ httpPort: 0 });
});
afterAll(() => stack.close());

const newTopic = async (configs = {}): Promise<string> => {
  topics += 1;
  const name = `placement-${topics}`;
  await send({ method: 'POST', path: '/topics', ...json({ name, partitions: 2, configs }) });
  return name;
};

const append = (topic: string, query: string, ...records: unknown[]): Request => ({
  method: 'POST',
  path: `/topics/${topic}/records`,
  query,
  ...json({ records }),
});

const batches = (topic: string, query: string, body: Uint8Array): Request => ({
  method: 'POST',
  path: `/topics/${topic}/records`,
  query,
  headers: { 'content-type': BATCHES_MEDIA_TYPE },
  body,
});

const batch = (value: string) => encodeBatch([{ value: Buffer.from(value), timestamp: 1 }]);

const valuesOf = async (topic: string, partition: number): Promise<readonly string[]> => {
  const path = `/topics/${topic}/partitions/${partition}/records`;
  const { records } = (await send({ method: 'GET', path, query: 'maxBytes=4000000' })).json;
  return records.map(({ value }: { value: string }) => value);
};

describe.each(ways)('over %s', (_name, via) => {
  it('sends records that name no partition to the one of the query', async () => {
    const topic = await newTopic();
    const records = [{ value: 'a', key: 'k' }, { value: 'b', partition: 1 }, { value: 'c' }];
    expect((await via(append(topic, 'partition=1', ...records))).status).toBe(200);
    const lines = append(topic, 'partition=1');
    const headers = { 'content-type': 'application/x-ndjson' };
    expect((await via({ ...lines, headers, body: Buffer.from('{"value":"d"}') })).status).toBe(200);
    expect(await valuesOf(topic, 1)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('appends all records at the expected end, or none', async () => {
    const topic = await newTopic();
    const first = await via(append(topic, 'partition=0&expectedEnd=0', { value: 'a' }));
    expect(first.json.records).toEqual([{ partition: 0, offset: 0 }]);
    const late = await via(append(topic, 'partition=0&expectedEnd=0', { value: 'late' }));
    expect(late.status).toBe(409);
    expect(late.json).toMatchObject({
      code: 'UNEXPECTED_LOG_END',
      expectedEnd: 0,
      logEndOffset: 1,
      effect: 'none',
    });
    const bare = await via(batches(topic, 'partition=0&expectedEnd=1', batch('b')));
    expect(bare.json.partitions).toMatchObject([{ baseOffsets: [1] }]);
    const framed = await via(
      batches(
        topic,
        '',
        encodeFrames([
          { partition: 0, meta: { expectedEnd: 1 }, batches: [batch('late')] },
          { partition: 1, meta: { expectedEnd: 0 }, batches: [batch('c')] },
        ]),
      ),
    );
    expect(framed.json.partitions).toMatchObject([
      { partition: 0, error: { code: 'UNEXPECTED_LOG_END', logEndOffset: 2 } },
      { partition: 1, baseOffsets: [0] },
    ]);
    expect(await valuesOf(topic, 0)).toEqual(['a', 'b']);
  });

  it('writes what a producer sends again once', async () => {
    const topic = await newTopic({ 'max.message.bytes': 400 });
    const records = Array.from({ length: 30 }, (_, i) => ({ value: `${i}-${'x'.repeat(40)}` }));
    const query = 'partition=0&producerId=7&producerEpoch=0&baseSequence=';
    const sent = await via(append(topic, `${query}0`, ...records));
    expect(sent.json.records.at(-1)).toEqual({ partition: 0, offset: 29 });
    const again = await via(append(topic, `${query}0`, ...records));
    expect(again.json).toEqual(sent.json);
    const next = await via(append(topic, `${query}30`, { value: 'next' }));
    expect(next.json.records).toEqual([{ partition: 0, offset: 30 }]);
    const gap = await via(append(topic, `${query}40`, { value: 'gap' }));
    expect([gap.status, gap.json.code]).toEqual([409, 'OUT_OF_ORDER_SEQUENCE_NUMBER']);
    expect(await valuesOf(topic, 0)).toHaveLength(31);
  });
});

it.each([
  ['partition=1', /Record 1, counted from 0, names partition 0 and the query names 1/],
  ['expectedEnd=1', /expectedEnd and no partition/],
  ['expectedEnd=-1&partition=0', /expectedEnd must be a whole number from 0/],
  ['producerId=1&partition=0', /lacks producerEpoch and baseSequence/],
  ['producerId=1&producerEpoch=0&baseSequence=0', /producerId and no partition/],
  ['producerEpoch=40000&partition=0', /producerEpoch must be a whole number from 0 to 32767/],
])('refuses %s', async (query, detail) => {
  const topic = await newTopic();
  const records = [{ value: 'a' }, { value: 'b', partition: 0 }];
  const reply = await send(append(topic, query, ...records));
  expect([reply.status, reply.json.code]).toEqual([400, 'INVALID_REQUEST']);
  expect(reply.json.detail).toMatch(detail);
  expect(await valuesOf(topic, 0)).toEqual([]);
});

it('writes nothing of an append at an expected end when one record is too large', async () => {
  const topic = await newTopic({ 'max.message.bytes': 200 });
  const records = [{ value: 'a' }, { value: 'x'.repeat(300) }];
  const reply = await send(append(topic, 'partition=0&expectedEnd=0', ...records));
  expect([reply.status, reply.json.code]).toEqual([413, 'MESSAGE_TOO_LARGE']);
  expect(reply.json).toMatchObject({ position: 1, detail: expect.stringMatching(/nothing was/) });
  expect(await valuesOf(topic, 0)).toEqual([]);
});

it.each([
  [
    'a producer beside batches',
    'partition=0&producerId=1&producerEpoch=0&baseSequence=0',
    batch('a'),
    /names its producer itself/,
  ],
  [
    'an expected end in pieces',
    '',
    encodeFrames([
      { partition: 0, batches: [batch('a')] },
      { partition: 0, meta: { expectedEnd: 0 }, batches: [batch('b')] },
    ]),
    /comes in 2 frames/,
  ],
  [
    'unknown meta',
    '',
    encodeFrames([{ partition: 0, meta: { end: 0 }, batches: [batch('a')] }]),
    /unknown field "end"/,
  ],
  [
    'an expected end that is no offset',
    '',
    encodeFrames([{ partition: 0, meta: { expectedEnd: '0' }, batches: [batch('a')] }]),
    /expectedEnd must be a whole number/,
  ],
])('refuses %s', async (_name, query, body, detail) => {
  const reply = await send(batches(await newTopic(), query, body));
  expect([reply.status, reply.json.code]).toEqual([400, 'INVALID_REQUEST']);
  expect(reply.json.detail).toMatch(detail);
});

it('names the advice for records that no topic can take', async () => {
  const topic = await newTopic({ 'max.message.bytes': 4 * 1024 * 1024 });
  const reply = await send(append(topic, '', { value: 'x'.repeat(5_000_000) }));
  expect([reply.status, reply.json.code]).toEqual([413, 'MESSAGE_TOO_LARGE']);
  expect(reply.json.detail).toMatch(/max\.message\.bytes can allow \(4194304\): split it/);
  const config = { name: 'large', configs: { 'max.message.bytes': 4 * 1024 * 1024 + 1 } };
  const refused = await send({ method: 'POST', path: '/topics', ...json(config) });
  expect([refused.status, refused.json.code]).toEqual([400, 'INVALID_CONFIG']);
  expect(refused.json.detail).toMatch(/to 4194304, which is what an answer can carry/);
});
