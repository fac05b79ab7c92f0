/**
 * What was granted suffices: the SDK and the CLI, on a real service behind a door that lets pass what a grant opens.
 *
 *   SDK, CLI ──► door: would IAM allow it? ── yes ──► local service
 *                 └ no: 403, as API Gateway answers
 */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  adminOpenings,
  consumerOpenings,
  type Opening,
  producerOpenings,
} from '../../infra/grants.ts';
import { Stratalog } from '../../lib/index.ts';
import { type LocalStack, startLocal } from '../../lib/local/start.ts';
import { runCli } from '../cli/process.ts';
import { failureOf } from '../support/sdk-service.ts';
import { matches } from './iam.ts';

const GROUP = 'billing/eu';

let stack: LocalStack;
let door: Server;
let openings: readonly Opening[] = [];
/** What passed, as the openings that let it. */
const used = new Set<Opening>();
let refused: string[] = [];

const opens = (method: string, path: string): boolean => {
  const opening = openings.find((one) => one.method === method && matches(one.path, path));
  if (opening === undefined) refused.push(`${method} ${path}`);
  else used.add(opening);
  return opening !== undefined;
};

const passOn = async (request: IncomingMessage): Promise<Response> => {
  const { method = 'GET', url = '/', headers } = request;
  if (!opens(method, url.split('?')[0]!)) {
    return Response.json({ message: 'Forbidden' }, { status: 403 });
  }
  const body = await buffer(request);
  const { 'content-type': type, accept } = headers;
  return fetch(`${stack.url}${url}`, {
    method,
    headers: { ...(type && { 'content-type': type }), ...(accept && { accept }) },
    ...(body.length > 0 && { body: new Uint8Array(body) }),
  });
};

beforeAll(async () => {
  stack = await startLocal({ httpPort: 0 });
  const admin = new Stratalog({ endpoint: stack.url }).admin();
  for (const name of ['orders', 'audit']) await admin.createTopic({ name, partitions: 2 });
  door = createServer(async (request, response) => {
    const answer = await passOn(request);
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
});
afterAll(async () => {
  door.closeAllConnections();
  door.close();
  await stack.close();
});

const endpoint = (): string => `http://127.0.0.1:${(door.address() as AddressInfo).port}`;
const sdk = (): Stratalog => new Stratalog({ endpoint: endpoint(), retry: { maxAttempts: 1 } });
const cli = async (args: string, input = ''): Promise<string> => {
  const { code, out, err } = await runCli(args.split(' '), endpoint(), input);
  expect([code, err]).toEqual([0, expect.any(String)]);
  return out;
};
const unused = (): readonly Opening[] => openings.filter((opening) => !used.has(opening));

beforeEach(() => {
  used.clear();
  refused = [];
});

describe('a producer', () => {
  it('appends by the SDK and by the CLI, needs all of its grant, and no more', async () => {
    openings = producerOpenings('orders');
    const producer = sdk().producer();
    await producer.send({ topic: 'orders', messages: [{ key: 'a', value: '1' }] });
    await producer.close();
    await cli('produce orders', 'one\ntwo\n');
    await cli('topics describe orders');
    await cli('offsets orders');
    expect([unused(), refused]).toEqual([[], []]);
  });

  it('appends nowhere else, reads nothing, and changes nothing', async () => {
    openings = producerOpenings('orders');
    const admin = sdk().admin();
    const send = sdk()
      .producer({ deliveryTimeoutMs: 1_000 })
      .send({ topic: 'audit', messages: [{ value: '1' }] });
    expect(await failureOf(send)).toMatchObject({ code: 'TOPIC_AUTHORIZATION_FAILED' });
    for (const attempt of [
      () => admin.createTopic({ name: 'new' }),
      () => admin.deleteTopic('orders'),
      () =>
        admin.deleteRecords({ topic: 'orders', partitions: [{ partition: 0, before: 'latest' }] }),
      () => admin.alterConfigs({ topic: 'orders', set: { 'retention.ms': '0' } }),
      () => admin.addPartitions({ topic: 'orders', partitions: 9 }),
      () => admin.listTopics(),
      () => admin.fetchOffsets({ group: GROUP }),
      () => sdk().reader({ topic: 'orders', until: 'end' })[Symbol.asyncIterator]().next(),
    ]) {
      expect((await failureOf(attempt())).code).toMatch(/AUTHORIZATION_FAILED$/);
    }
  });
});

describe('a consumer', () => {
  it('reads and commits by the SDK and by the CLI, needs all of its grant, and no more', async () => {
    openings = consumerOpenings('orders', GROUP);
    const admin = sdk().admin();
    const values: (string | null)[] = [];
    for await (const { value } of sdk().reader({ topic: 'orders', until: 'end' }))
      values.push(value);
    expect(values.toSorted()).toEqual(['1', 'one', 'two']);
    const offsets = [{ topic: 'orders', partition: 0, offset: 1 }];
    await admin.commitOffsets({ group: GROUP, offsets });
    expect((await admin.fetchOffsets({ group: GROUP })).offsets).toMatchObject(offsets);
    const out = await cli('consume orders');
    expect(out.trimEnd().split('\n').toSorted()).toEqual(['1', 'one', 'two']);
    await cli('offsets orders --at latest');
    // One partition by itself, which neither of them asks for.
    const one = await fetch(`${endpoint()}/topics/orders/partitions/1/records?offset=earliest`);
    expect(one.status).toBe(200);
    expect([unused(), refused]).toEqual([[], []]);
  });

  it('is no other group, reads no other topic, and appends nothing', async () => {
    openings = consumerOpenings('orders', GROUP);
    const admin = sdk().admin();
    for (const attempt of [
      () => admin.fetchOffsets({ group: 'billing' }),
      () =>
        admin.commitOffsets({
          group: 'billing',
          offsets: [{ topic: 'orders', partition: 0, offset: 0 }],
        }),
      () => admin.listOffsets({ topic: 'audit' }),
      () =>
        sdk()
          .producer({ deliveryTimeoutMs: 1_000 })
          .send({ topic: 'orders', messages: [{ value: 'x' }] }),
      () => sdk().reader({ topic: 'audit', until: 'end' })[Symbol.asyncIterator]().next(),
    ]) {
      expect((await failureOf(attempt())).code).toMatch(/AUTHORIZATION_FAILED$/);
    }
  });
});

describe('an admin', () => {
  it('may do all of it', async () => {
    openings = adminOpenings();
    const admin = sdk().admin();
    await admin.createTopic({ name: 'new' });
    await admin.alterConfigs({ topic: 'new', set: { 'retention.ms': '1000' } });
    await admin.addPartitions({ topic: 'new', partitions: 2 });
    await sdk()
      .producer()
      .send({ topic: 'new', messages: [{ value: 'x' }] });
    expect((await admin.listTopics()).map(({ name }) => name)).toEqual(['audit', 'new', 'orders']);
    await admin.deleteRecords({ topic: 'new', partitions: [{ partition: 0, before: 'latest' }] });
    await admin.describeCluster();
    await admin.fetchOffsets({ group: GROUP });
    await admin.deleteTopic('new');
    expect(refused).toEqual([]);
  });
});
