/** Records, by the deployed API and by Invoke alike: written and read, as JSON and as batches, one and many. */
import { describe, expect, it } from 'vitest';
import { groupSegment } from '../../lib/model/group-path.ts';
import { groupId } from '../../lib/model/ids.ts';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { splitBatches } from '../../lib/record/batches.ts';
import { decodeBatch } from '../../lib/record/decode.ts';
import { encodeBatch } from '../../lib/record/encode.ts';
import { BATCHES_MEDIA_TYPE, decodeFrames, encodeFrames } from '../../lib/record/frames.ts';
import { json, type Surface } from '../local/surfaces.ts';
import { deployed } from './deployed.ts';

const { request, invoke, newTopic } = await deployed();

const MiB = 1024 * 1024;
/** What a base offset occupies at the beginning of a batch. */
const BASE_OFFSET_BYTES = 8;
const BATCHES = { 'content-type': BATCHES_MEDIA_TYPE };

/** A batch of bytes that no codec would make smaller, of about this size. */
const batchOf = (sizeBytes: number, timestamp: number): Uint8Array => {
  const value = Buffer.concat(
    Array.from({ length: Math.ceil(sizeBytes / 65_536) }, () => systemRuntime.randomBytes(65_536)),
  ).subarray(0, sizeBytes);
  return encodeBatch([{ key: Buffer.from('k'), value, headers: [], timestamp }], {});
};

/** Of the only record of the first batch. */
const onlyValue = (bytes: Uint8Array): Uint8Array =>
  decodeBatch(splitBatches(bytes).batches[0]!).records[0]!.value!;

const read = (send: Surface, topic: string, partition = 0, query = 'offset=0') =>
  send({ method: 'GET', path: `/topics/${topic}/partitions/${partition}/records`, query });

describe.each([
  ['the API', request],
  ['Invoke', invoke],
] as const)('by %s', (_way, send) => {
  const produce = (topic: string, records: readonly object[]) =>
    send({ method: 'POST', path: `/topics/${topic}/records`, ...json({ records }) });

  it('records in JSON are read as they were written', async () => {
    const topic = await newTopic();
    const records = [
      { key: 'a', value: 'ä €', headers: { h: 'x' }, timestamp: 1_000 },
      { key: null, value: null, timestamp: 2_000 },
      { key: 'a', value: { base64: '/wA=' }, timestamp: 3_000 },
    ];
    const { status, json: told } = await produce(topic, records);
    expect(status).toBe(200);
    expect(told.records).toMatchObject([0, 1, 2].map((offset) => ({ partition: 0, offset })));
    const answer = await read(send, topic);
    expect(answer.json.highWatermark).toBe(3);
    expect(answer.json.records).toMatchObject([
      { offset: 0, timestamp: 1_000, key: 'a', value: 'ä €', headers: { h: 'x' } },
      { offset: 1, timestamp: 2_000, key: null, value: null },
      { offset: 2, timestamp: 3_000, key: 'a', value: { base64: '/wA=' } },
    ]);
  });

  it('a batch is read byte for byte, but for its place', async () => {
    const topic = await newTopic();
    const batch = batchOf(2_000, 5);
    for (const baseOffset of [0, 1]) {
      const path = `/topics/${topic}/records`;
      const sent = { method: 'POST', path, query: 'partition=0', headers: BATCHES, body: batch };
      const { status, json: told } = await send(sent);
      expect(status).toBe(200);
      expect(told.partitions).toMatchObject([{ partition: 0, baseOffsets: [baseOffset] }]);
    }
    const path = `/topics/${topic}/partitions/0/records`;
    const headers = { accept: BATCHES_MEDIA_TYPE };
    const { body } = await send({ method: 'GET', path, query: 'offset=1', headers });
    const { batches } = splitBatches(body);
    expect(batches).toHaveLength(1);
    const told = Buffer.from(body);
    expect(told.readBigInt64BE(0)).toBe(1n);
    expect(told.subarray(BASE_OFFSET_BYTES)).toEqual(
      Buffer.from(batch.subarray(BASE_OFFSET_BYTES)),
    );
  });

  it('four partitions take 4 MB at once, and give them back', async () => {
    const topic = await newTopic(4, { 'max.message.bytes': String(MiB + 100) });
    const batches = [0, 1, 2, 3].map((partition) => batchOf(MiB, partition));
    const frames = batches.map((batch, partition) => ({ partition, batches: [batch] }));
    const body = encodeFrames(frames);
    expect(body.length).toBeGreaterThan(4 * MiB);
    const path = `/topics/${topic}`;
    const written = await send({ method: 'POST', path: `${path}/records`, headers: BATCHES, body });
    expect(written.status).toBe(200);
    expect(written.json.partitions).toMatchObject(
      frames.map(({ partition }) => ({ partition, baseOffsets: [0] })),
    );
    const asked = json({
      partitions: frames.map(({ partition }) => ({ partition, offset: 0 })),
      maxBytes: 4 * MiB + 1_000,
    });
    const answer = await send({
      method: 'POST',
      path: `${path}/fetch`,
      ...asked,
      headers: { ...asked.headers, accept: BATCHES_MEDIA_TYPE },
    });
    expect(answer.status).toBe(200);
    const found = decodeFrames(answer.body).map(({ batches: bytes }) => onlyValue(bytes));
    expect(found.length).toBe(batches.length);
    for (const [partition, batch] of batches.entries()) {
      expect(Buffer.compare(found[partition]!, onlyValue(batch))).toBe(0);
    }
  });

  it('records are found by time, and deleted up to an offset', async () => {
    const topic = await newTopic();
    await produce(
      topic,
      [10, 20, 30].map((timestamp) => ({ value: 'x', timestamp })),
    );
    const offsets = (at: string) =>
      send({ method: 'GET', path: `/topics/${topic}/offsets`, query: `at=${at}` });
    expect((await offsets('20')).json.partitions).toMatchObject([{ offset: 1, timestamp: 20 }]);
    expect((await offsets('latest')).json.partitions).toMatchObject([{ offset: 3 }]);
    const path = `/topics/${topic}/partitions/0/records`;
    const deleted = await send({ method: 'DELETE', path, query: 'before=2' });
    expect(deleted.json).toMatchObject({ logStartOffset: 2 });
    expect((await offsets('earliest')).json.partitions).toMatchObject([{ offset: 2 }]);
    const gone = await read(send, topic);
    expect(gone.status).toBe(416);
    expect(gone.json).toMatchObject({ code: 'OFFSET_OUT_OF_RANGE', logStartOffset: 2 });
  });

  it('a read at the end waits for what is written meanwhile', async () => {
    const topic = await newTopic();
    const waiting = read(send, topic, 0, 'offset=0&maxWaitMs=1000');
    await systemRuntime.sleep(200);
    await produce(topic, [{ value: 'at last' }]);
    const { json: told } = await waiting;
    expect(told.records).toMatchObject([{ offset: 0, value: 'at last' }]);
  });

  it('a read at the end comes back with nothing when nothing is written', async () => {
    const topic = await newTopic();
    const startedMs = systemRuntime.monotonicMs();
    const { status, json: told } = await read(send, topic, 0, 'offset=0&maxWaitMs=600');
    expect(status).toBe(200);
    expect(told.records).toEqual([]);
    expect(systemRuntime.monotonicMs() - startedMs).toBeGreaterThanOrEqual(600);
  });

  it('a group remembers how far it came', async () => {
    const topic = await newTopic(2);
    const group = `bookkeeping/of ${topic}`;
    const path = `/groups/${groupSegment(groupId(group))}/offsets`;
    expect((await send({ method: 'GET', path })).json).toEqual({ epoch: 0, offsets: [] });
    const offsets = [
      { topic, partition: 0, offset: 7, metadata: 'half' },
      { topic, partition: 1, offset: 0 },
    ];
    const committed = await send({ method: 'POST', path, ...json({ offsets }) });
    expect(committed.json.offsets).toEqual([
      { topic, partition: 0 },
      { topic, partition: 1 },
    ]);
    const fetched = await send({ method: 'GET', path, query: `topic=${topic}` });
    expect(fetched.json.offsets).toMatchObject(offsets);
  });
});
