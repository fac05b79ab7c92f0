/**
 * What a process of Lambda meets that was frozen between two calls: connections that it believes to be open, and that the
 * other side has forgotten. The first bytes on each are answered by a reset. The stores are reached by the
 * real clients, which have no retries of their own, so the broker has to get over that by itself.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import {
  type AddressInfo,
  connect,
  createServer as listen,
  type Server,
  type Socket,
} from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Broker } from '../../lib/broker/api.ts';
import { createBroker } from '../../lib/broker/broker.ts';
import { groupId, topicName } from '../../lib/model/ids.ts';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { dynamoClient, s3Client } from '../../lib/storage/aws/clients.ts';
import { dynamoItems } from '../../lib/storage/aws/dynamo-items.ts';
import { s3Blobs } from '../../lib/storage/aws/s3-blobs.ts';
import { startDynalite } from '../engines/dynalite.ts';
import { newDynamoTable } from '../engines/dynamo-table.ts';
import { ANYBODY } from '../support/canned-s3.ts';
import { batchOf } from '../support/log.ts';

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

const listening = async (server: Server): Promise<number> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return portOf(server);
};

/** Passes bytes on, and forgets on demand what is connected. */
const forgetful = async (port: number) => {
  const open = new Set<Socket>();
  const forgotten = new Set<Socket>();
  let resets = 0;
  const server = listen((near) => {
    const far = connect(port, '127.0.0.1');
    open.add(near);
    near.on('data', (bytes) => {
      if (!forgotten.has(near)) far.write(bytes);
      else {
        resets += 1;
        near.resetAndDestroy();
      }
    });
    far.on('data', (bytes) => near.write(bytes));
    near.on('error', () => {}).on('close', () => far.destroy());
    far.on('error', () => {}).on('close', () => near.destroy());
    near.on('close', () => open.delete(near));
  });
  const endpoint = `http://127.0.0.1:${await listening(server)}`;
  return {
    endpoint,
    resets: () => resets,
    /** How many there were. */
    forget: () => {
      for (const socket of open) forgotten.add(socket);
      return open.size;
    },
    close: () => {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
};

/** Objects as they are put: whole, and each key once. */
const bucket = () => {
  const objects = new Map<string, Buffer>();
  return createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const key = (request.url ?? '').split('?')[0] ?? '';
    const found = objects.get(key);
    if (request.method === 'PUT') {
      if (found === undefined) objects.set(key, Buffer.concat(chunks));
      response.writeHead(found === undefined ? 200 : 412).end();
      return;
    }
    const [, from = '0', to = ''] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? [];
    const body = found?.subarray(Number(from), Number(to) + 1) ?? Buffer.alloc(0);
    const range = { 'content-range': `bytes ${from}-${to}/${found?.length}` };
    response.writeHead(found === undefined ? 404 : 206, range).end(body);
  });
};

const topic = topicName('orders');
const partitions = Array.from({ length: 12 }, (_, partition) => ({ topic, partition }));
const SMALL = 'small';
/** Goes into an object. */
const LARGE = 'large'.repeat(10_000);

describe('a process that was frozen', () => {
  const closing: (() => unknown)[] = [];
  let ways: readonly Awaited<ReturnType<typeof forgetful>>[];
  let nowMs = systemRuntime.now();
  /** One that knows nothing yet, over the same connections. */
  let open: () => Broker;

  beforeAll(async () => {
    const engine = await startDynalite();
    const { table, close } = await newDynamoTable(engine);
    const objects = bucket();
    const toTable = await forgetful(Number(new URL(engine.endpoint).port));
    const toBucket = await forgetful(await listening(objects));
    ways = [toTable, toBucket];
    const clock = { now: () => nowMs };
    const dynamo = dynamoClient({ ...ANYBODY, endpoint: toTable.endpoint }, clock);
    const s3 = s3Client({ ...ANYBODY, endpoint: toBucket.endpoint }, clock);
    const items = dynamoItems({ client: dynamo, table, runtime: systemRuntime });
    const blobs = s3Blobs({ client: s3, bucket: 'logs', runtime: systemRuntime });
    open = () => createBroker({ items, blobs, freezes: true });
    closing.push(
      close,
      () => dynamo.destroy(),
      () => s3.destroy(),
    );
    closing.push(...ways.map((way) => way.close), () => objects.close(), engine.close);
    await open().createTopic({ name: topic, partitions: partitions.length });
    await produce(open(), LARGE);
  });
  afterAll(async () => {
    for (const close of closing) await close();
  });

  const produce = (broker: Broker, text: string) =>
    broker.produce({
      topic,
      partitions: partitions.map(({ partition }) => ({ partition, batches: batchOf([text]) })),
    });
  const fetch = (broker: Broker) =>
    broker.fetch({ partitions: partitions.map((ref) => ({ ...ref, offset: 0 })) });

  /** Has as many connections as a busy process, and then none that works. */
  const freeze = async (broker: Broker): Promise<void> => {
    await Promise.all([
      fetch(open()),
      fetch(open()),
      produce(broker, SMALL),
      produce(broker, LARGE),
    ]);
    const [toTable, toBucket] = ways.map((way) => way.forget());
    expect(toTable).toBeGreaterThan(8);
    expect(toBucket).toBeGreaterThan(1);
  };
  const resets = (): number => ways.reduce((sum, way) => sum + way.resets(), 0);

  it.each<[string, (broker: Broker) => Promise<unknown>]>([
    ['appends into heads', (broker) => produce(broker, SMALL)],
    ['appends into objects', (broker) => produce(broker, LARGE)],
    ['reads', () => fetch(open())],
    ['makes a topic', (broker) => broker.createTopic({ name: topicName('more'), partitions: 3 })],
    ['describes a topic', (broker) => broker.describeTopic(topic)],
    [
      'changes a topic',
      (broker) => broker.alterConfigs({ topic, set: { 'retention.ms': '9000' } }),
    ],
    ['gives ids to producers', () => open().initProducer()],
    [
      'commits offsets',
      (broker) => {
        const offsets = partitions.map((ref) => ({ ...ref, offset: 1 }));
        return broker.commitOffsets({ group: groupId('readers'), offsets });
      },
    ],
    [
      'deletes records',
      (broker) => broker.deleteRecords({ partitions: [{ topic, partition: 0, before: 1 }] }),
    ],
  ])('%s, though the other side has forgotten every connection', async (_, call) => {
    const broker = open();
    await freeze(broker);
    const before = resets();
    const results = [await call(broker)].flat() as readonly { readonly error?: unknown }[];
    expect(results.map(({ error }) => error)).toEqual(results.map(() => undefined));
    expect(resets()).toBeGreaterThan(before);
  });

  it('tries no connection that was idle for long by the clock on the wall', async () => {
    const broker = open();
    await freeze(broker);
    const before = resets();
    nowMs += 10 * 60_000;
    await produce(broker, LARGE);
    await fetch(open());
    expect(resets()).toBe(before);
  });
});
