/** Topics as resources of CloudFormation, over a broker in memory and a server that takes the answers. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { lambdaHost } from '../../functions/lambda/host.ts';
import { provideBroker, provideHost } from '../../functions/runtime.ts';
import { handler } from '../../functions/topic-resource.ts';
import type { Broker } from '../../lib/broker/api.ts';
import { createBroker } from '../../lib/broker/broker.ts';
import { StratalogError } from '../../lib/model/errors.ts';
import { topicName } from '../../lib/model/ids.ts';
import { type Runtime, systemRuntime } from '../../lib/model/runtime.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import { batchOf } from '../support/log.ts';

interface Answer {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason: string;
  readonly PhysicalResourceId: string;
  readonly Data: Record<string, string>;
}

let server: Server;
let url: string;
/** What was put, and how the next puts are answered; then 200. */
let puts: { readonly body: string; readonly contentType: string | undefined }[];
let statuses: number[];
let broker: Broker;
let takeBack: () => void;

/** Waits a hundredth of the time. */
const hasty: Runtime = {
  ...systemRuntime,
  sleep: (delayMs, signal) => systemRuntime.sleep(delayMs / 100, signal),
};

const provide = (seen: Broker = broker, runtime: Runtime = hasty): void => {
  takeBack();
  takeBack = provideBroker({ broker: seen, runtime, maxFetchWaitMs: 0 });
};

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    puts.push({ body, contentType: request.headers['content-type'] });
    response.writeHead(request.method === 'PUT' ? (statuses.shift() ?? 200) : 405).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/signed?x=1`;
});
afterAll(() => server.close());

beforeEach(() => {
  // What is refused is logged.
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  puts = [];
  statuses = [];
  broker = createBroker({ items: memoryItems(), blobs: memoryBlobs() });
  takeBack = provideBroker({ broker, runtime: hasty, maxFetchWaitMs: 0 });
});
afterEach(() => {
  takeBack();
  vi.restoreAllMocks();
});

const ORDERS = topicName('orders');
const PROPERTIES = {
  ServiceToken: 'arn',
  Name: 'orders',
  Partitions: '3',
  Configs: {},
  Removal: 'retain',
};
type Properties = Readonly<Record<string, unknown>>;

const send = async (
  RequestType: 'Create' | 'Update' | 'Delete',
  properties: Properties,
  more: Properties = {},
): Promise<Answer> => {
  const event = {
    RequestType,
    ResponseURL: url,
    StackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/Shop/1',
    RequestId: 'request-1',
    LogicalResourceId: 'Orders',
    ResourceType: 'Custom::StratalogTopic',
    ResourceProperties: { ...PROPERTIES, ...properties },
    ...more,
  };
  await handler(event, { awsRequestId: 'lambda-1', getRemainingTimeInMillis: () => 60_000 });
  const { body } = puts.at(-1)!;
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(4096);
  const answer = JSON.parse(body);
  expect(answer).toMatchObject({
    StackId: event.StackId,
    RequestId: 'request-1',
    LogicalResourceId: 'Orders',
  });
  return answer;
};

const create = (properties: Properties = {}) => send('Create', properties);
const update = (PhysicalResourceId: string, properties: Properties, old: Properties = {}) =>
  send('Update', properties, {
    PhysicalResourceId,
    OldResourceProperties: { ...PROPERTIES, ...old },
  });
const remove = (PhysicalResourceId: string, properties: Properties = {}) =>
  send('Delete', properties, { PhysicalResourceId });

const described = async (name = ORDERS) => {
  const { partitions, configs, topicId } = await broker.describeTopic(name);
  const set = configs.filter(({ source }) => source === 'DYNAMIC_TOPIC_CONFIG');
  return {
    topicId,
    partitions: partitions.length,
    configs: Object.fromEntries(set.map(({ name: config, value }) => [config, value])),
  };
};
const exists = async (name = ORDERS): Promise<boolean> =>
  (await broker.listTopics()).topics.some((topic) => topic.name === name);
const append = (topic = ORDERS) =>
  broker.produce({ topic, partitions: [{ partition: 0, batches: batchOf(['v']) }] });

describe('Create', () => {
  it('makes the topic, and once only when it is sent again', async () => {
    const configs = { 'max.message.bytes': '1000' };
    const answer = await create({ Configs: configs });
    const { topicId, ...topic } = await described();
    expect(topic).toEqual({ partitions: 3, configs });
    expect(answer).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: `orders/${topicId}`,
      Data: { Name: 'orders', TopicId: topicId },
    });
    expect(await create({ Configs: configs })).toEqual(answer);
    expect(await create({ Configs: configs, Removal: 'destroy' })).toEqual(answer);
  });

  it.each([
    [{ Partitions: '4' }, 'with 3 partitions'],
    [{ Configs: { 'max.message.bytes': '1000' } }, 'and the configs {}'],
  ])('takes over no topic that is otherwise: %o', async (properties, says) => {
    await broker.createTopic({ name: ORDERS, partitions: 3 });
    const { Status, Reason, PhysicalResourceId } = await create(properties);
    expect(Status).toBe('FAILED');
    expect(Reason).toContain(says);
    // As CloudFormation does after that.
    expect(await remove(PhysicalResourceId, { Removal: 'destroy' })).toMatchObject({
      Status: 'SUCCESS',
    });
    expect(await exists()).toBe(true);
  });

  it('takes over one with records only if it may not destroy it', async () => {
    await broker.createTopic({ name: ORDERS, partitions: 3 });
    await append();
    const refused = await create({ Removal: 'destroy' });
    expect(refused).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'not-created' });
    expect(refused.Reason).toContain('RemovalPolicy.RETAIN');
    expect(await create()).toMatchObject({ Status: 'SUCCESS' });
  });

  it.each<[Properties, string]>([
    [{ Name: 'a b' }, 'The topic name "a b"'],
    [{ Partitions: '0' }, '1 to 10000 partitions'],
    [{ Partitions: '1.5', Removal: 'keep' }, 'Partitions must be a whole number; Removal must be'],
    [{ Name: undefined }, 'Name must be'],
    [{ Configs: { nonsense: '1' } }, 'no topic config "nonsense"'],
    [{ Configs: { 'max.message.bytes': 'x'.repeat(9_000) } }, 'max.message.bytes is'],
    [{ Configs: { ['ü\u0001'.repeat(5_000)]: '1' } }, 'no topic config'],
  ])('says what is wrong: %o', async (properties, says) => {
    const { Status, Reason, PhysicalResourceId } = await create(properties);
    expect({ Status, PhysicalResourceId }).toEqual({
      Status: 'FAILED',
      PhysicalResourceId: 'not-created',
    });
    expect(Reason).toContain(says);
  });

  it('waits for what may pass', async () => {
    let left = 3;
    provide({
      ...broker,
      createTopic: (request) =>
        left-- > 0
          ? Promise.reject(new StratalogError('THROTTLING_QUOTA_EXCEEDED', 'Not now.'))
          : broker.createTopic(request),
    });
    expect(await create()).toMatchObject({ Status: 'SUCCESS' });
    expect(left).toBe(-1);
  });

  it('waits for a topic that somebody is making', async () => {
    let left = 3;
    const made = new StratalogError('TOPIC_ALREADY_EXISTS', 'The topic orders is being made.');
    provide({
      ...broker,
      createTopic: (request) => (left-- > 0 ? Promise.reject(made) : broker.createTopic(request)),
    });
    expect(await create()).toMatchObject({ Status: 'SUCCESS' });
  });
});

describe('Update', () => {
  it('adds partitions and sets exactly the configs declared, and again when sent again', async () => {
    const { PhysicalResourceId } = await create({
      Configs: { 'max.message.bytes': '1000', 'message.timestamp.type': 'LogAppendTime' },
    });
    const wanted = { 'max.message.bytes': '2000', 'message.timestamp.after.max.ms': '5' };
    for (const _ of ['sent', 'sent again']) {
      expect(await update(PhysicalResourceId, { Partitions: '5', Configs: wanted })).toMatchObject({
        Status: 'SUCCESS',
        PhysicalResourceId,
      });
      expect(await described()).toMatchObject({ partitions: 5, configs: wanted });
    }
    await update(PhysicalResourceId, { Partitions: '5' });
    expect((await described()).configs).toEqual({});
  });

  it('takes no partitions away, and changes nothing else then', async () => {
    const { PhysicalResourceId } = await create();
    const configs = { 'max.message.bytes': '1000' };
    const answer = await update(PhysicalResourceId, { Partitions: '2', Configs: configs });
    expect(answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId });
    expect(answer.Reason).toContain('has 3 partitions, and 2 are declared');
    expect(answer.Reason).toContain('--resources-to-skip Orders');
    expect(await described()).toMatchObject({ partitions: 3, configs: {} });
  });

  it('to another name makes another topic, and leaves the old one', async () => {
    const { PhysicalResourceId } = await create();
    await append();
    const renamed = await update(PhysicalResourceId, { Name: 'sales' });
    expect(renamed.Status).toBe('SUCCESS');
    expect(renamed.PhysicalResourceId).toMatch(/^sales\//);
    // A rollback finds the old one as it was.
    const back = await update(renamed.PhysicalResourceId, {}, { Name: 'sales' });
    expect(back).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId });
  });

  it.each([
    ['old', { Removal: 'retain' }, { Removal: 'destroy' }],
    ['new', { Removal: 'destroy' }, { Removal: 'retain' }],
  ])('to another name destroys no records, by the %s policy', async (_which, properties, old) => {
    const { PhysicalResourceId } = await create();
    await append();
    const answer = await update(PhysicalResourceId, { ...properties, Name: 'sales' }, old);
    expect(answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId });
    expect(answer.Reason).toContain('the records of orders would be destroyed');
    expect(await exists(topicName('sales'))).toBe(false);
  });

  it('to another name may destroy a topic without records', async () => {
    const { PhysicalResourceId } = await create({ Removal: 'destroy' });
    const destroy = { Removal: 'destroy' };
    const renamed = await update(PhysicalResourceId, { ...destroy, Name: 'sales' }, destroy);
    expect(renamed.Status).toBe('SUCCESS');
    await remove(PhysicalResourceId, destroy);
    expect(await exists()).toBe(false);
    expect(await exists(topicName('sales'))).toBe(true);
  });

  it('says when the topic is gone, or is another one', async () => {
    const { PhysicalResourceId } = await create();
    await broker.deleteTopic(ORDERS);
    expect((await update(PhysicalResourceId, {})).Reason).toContain('was deleted. Take it out');
    await broker.createTopic({ name: ORDERS, partitions: 3 });
    const { Status, Reason } = await update(PhysicalResourceId, { Partitions: '9' });
    expect(Status).toBe('FAILED');
    expect(Reason).toContain('made again by somebody else');
    expect((await described()).partitions).toBe(3);
  });

  it('knows the partitions that an attempt without an answer added', async () => {
    const { PhysicalResourceId } = await create();
    provide({
      ...broker,
      addPartitions: async (request) => {
        await broker.addPartitions(request);
        provide();
        throw new StratalogError('REQUEST_TIMED_OUT', 'Who knows.', { effect: 'unknown' });
      },
    });
    expect(await update(PhysicalResourceId, { Partitions: '4' })).toMatchObject({
      Status: 'SUCCESS',
    });
    expect((await described()).partitions).toBe(4);
  });
});

describe('Delete', () => {
  it('deletes or leaves, as declared, and is done when there is none', async () => {
    const { PhysicalResourceId } = await create();
    await append();
    expect(await remove(PhysicalResourceId)).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId,
    });
    expect(await exists()).toBe(true);
    for (const _ of ['sent', 'sent again']) {
      expect(await remove(PhysicalResourceId, { Removal: 'destroy' })).toMatchObject({
        Status: 'SUCCESS',
        PhysicalResourceId,
      });
      expect(await exists()).toBe(false);
    }
  });

  it('leaves the topic of somebody else that has the name now', async () => {
    const { PhysicalResourceId } = await create();
    await broker.deleteTopic(ORDERS);
    await broker.createTopic({ name: ORDERS, partitions: 1 });
    await remove(PhysicalResourceId, { Removal: 'destroy' });
    expect(await exists()).toBe(true);
  });

  it('of what never was needs neither properties nor stores', async () => {
    takeBack();
    const nothing = { Name: undefined, Partitions: 'x', Removal: 'destroy' };
    expect(await remove('not-created', nothing)).toMatchObject({ Status: 'SUCCESS' });
  });
});

describe('an answer', () => {
  it('comes when the settings are wrong', async () => {
    takeBack();
    takeBack = provideHost(lambdaHost({}));
    const { Status, Reason } = await create();
    expect(Status).toBe('FAILED');
    expect(Reason).toContain('STRATALOG_TABLE is missing');
    expect(Reason).toContain('STRATALOG_BUCKET is missing');
  });

  it('comes before the time is up', async () => {
    provide({ ...broker, createTopic: () => new Promise(() => {}) });
    const { Status, Reason } = await create();
    expect(Status).toBe('FAILED');
    expect(Reason).toContain('could not be dealt with in 50000 ms');
  });

  it('is sent again when it did not arrive, without a content type', async () => {
    statuses = [503, 500];
    expect(await create()).toMatchObject({ Status: 'SUCCESS' });
    expect(puts).toHaveLength(3);
    for (const { contentType } of puts) expect(contentType).toBeUndefined();
  });

  it('that is not taken makes the call fail, so that it comes again', async () => {
    statuses = [403];
    await expect(create()).rejects.toThrow(
      'did not take the answer SUCCESS for Orders (status 403',
    );
    expect(puts).toHaveLength(1);
  });

  it('is owed to nobody when the event is none of CloudFormation', async () => {
    const context = { awsRequestId: 'r', getRemainingTimeInMillis: () => 60_000 };
    await expect(handler({ method: 'GET' }, context)).rejects.toThrow('Custom::StratalogTopic');
  });
});
