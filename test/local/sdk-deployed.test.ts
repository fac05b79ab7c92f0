/**
 * The SDK over the ways to a deployed service: signed HTTP through a gateway that checks signatures, and
 * Lambda Invoke. Both lead to the functions as they are, over a local broker.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { invoking } from '../../lib/client/aws/invoking.ts';
import { signedFetch } from '../../lib/client/aws/signed-fetch.ts';
import type { ConnectionOptions } from '../../lib/client/connection.ts';
import { Stratalog } from '../../lib/index.ts';
import { type LocalStack, startLocal } from '../../lib/local/start.ts';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { type IamGateway, KEY, SECRET, startIamGateway } from '../support/iam-gateway.ts';
import { FUNCTIONS, type LambdaApi, startLambdaApi } from '../support/lambda-api.ts';
import { failureOf, QUICK } from '../support/sdk-service.ts';

const REGION = 'eu-central-1';
const credentials = { accessKeyId: KEY, secretAccessKey: SECRET };

let stack: LocalStack;
let gateway: IamGateway;
let lambda: LambdaApi;
beforeAll(async () => {
  stack = await startLocal({ httpPort: 0 });
  gateway = await startIamGateway({ now: systemRuntime.now, service: () => stack.url });
  lambda = await startLambdaApi(REGION);
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', lambda.url);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await gateway.close();
  await lambda.close();
  await stack.close();
});

const WAYS: readonly (readonly [name: string, way: () => ConnectionOptions])[] = [
  [
    'signed HTTP',
    () => ({ endpoint: gateway.url, fetch: signedFetch({ region: REGION, credentials }) }),
  ],
  ['Lambda Invoke', () => invoking({ functions: FUNCTIONS, region: REGION, credentials })],
];

describe.each(WAYS)('by %s', (name, way) => {
  const topicOf = (what: string) => `${what}-${name.replaceAll(/\W/g, '')}`;
  const over = (options: Partial<ConnectionOptions> = {}) =>
    new Stratalog({ retry: QUICK, ...way(), ...options });

  it('topics are created, described, changed, listed and deleted', async () => {
    const admin = over().admin();
    const topic = topicOf('admin');
    await admin.createTopic({
      name: topic,
      partitions: 2,
      configs: { 'max.message.bytes': '70000' },
    });
    await admin.alterConfigs({ topic, set: { 'max.message.bytes': '80000' } });
    await admin.addPartitions({ topic, partitions: 3 });
    const { partitions, configs } = await admin.describeTopic(topic);
    expect(partitions).toHaveLength(3);
    expect(configs.find((each) => each.name === 'max.message.bytes')?.value).toBe('80000');
    expect((await admin.listTopics()).map((each) => each.name)).toContain(topic);
    expect((await admin.describeCluster()).clusterId).toBeTruthy();
    await admin.deleteTopic(topic);
    expect((await failureOf(admin.describeTopic(topic))).code).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  });

  it('what is written is read, in every compression, with keys, headers and bytes', async () => {
    const topic = topicOf('records');
    const admin = over().admin();
    await admin.createTopic({ name: topic, partitions: 3 });
    const written: string[] = [];
    for (const compression of ['none', 'gzip', 'zstd'] as const) {
      await using producer = over().producer({ compression });
      const messages = Array.from({ length: 200 }, (_, i) => ({
        key: `k${i % 9}`,
        value: `${compression} ${i} ü🎈`,
        headers: { source: compression },
      }));
      await producer.send({ topic, messages });
      written.push(...messages.map(({ value }) => value));
    }
    const read: string[] = [];
    for await (const { value, headers } of over().reader({ topic, until: 'end' })) {
      read.push(value!);
      expect(value!.startsWith(String(headers.source))).toBe(true);
    }
    expect(read.toSorted()).toEqual(written.toSorted());
  });

  it('four megabytes arrive, and come back', async () => {
    const topic = topicOf('large');
    await over().admin().createTopic({ name: topic, partitions: 4 });
    const value = 'x'.repeat(1_000_000);
    await using producer = over().producer();
    const places = await producer.send({
      topic,
      messages: [0, 1, 2, 3].map((partition) => ({ partition, value: `${partition}${value}` })),
    });
    expect(places.map(({ offset }) => offset)).toEqual([0, 0, 0, 0]);
    const sizes: number[] = [];
    for await (const message of over().reader({ topic, until: 'end' }))
      sizes.push(message.value!.length);
    expect(sizes).toEqual([1_000_001, 1_000_001, 1_000_001, 1_000_001]);
  });

  it('a reader that waits is told of what comes, and ends when it is told to', async () => {
    const topic = topicOf('tail');
    await over().admin().createTopic({ name: topic });
    const reader = over().reader({ topic });
    const seen = (async () => {
      for await (const { value } of reader) if (value === 'second') return value;
      return undefined;
    })();
    await using producer = over().producer();
    await producer.send({ topic, messages: [{ value: 'first' }] });
    await producer.send({ topic, messages: [{ value: 'second' }] });
    expect(await seen).toBe('second');
    await reader.close();
  });

  it('positions of a group with any name are kept', async () => {
    const topic = topicOf('positions');
    const admin = over().admin();
    await admin.createTopic({ name: topic, partitions: 2 });
    const group = `billing/ü 1+1=2 (${name})`;
    await admin.commitOffsets({ group, offsets: [{ topic, partition: 1, offset: 0 }] });
    const { offsets } = await admin.fetchOffsets({ group, topic });
    expect(offsets.find(({ partition }) => partition === 1)?.offset).toBe(0);
  });

  it('offsets are found by time, and records deleted before one', async () => {
    const topic = topicOf('offsets');
    const admin = over().admin();
    await admin.createTopic({ name: topic });
    await using producer = over().producer();
    await producer.send({ topic, messages: [{ value: 'a' }, { value: 'b' }] });
    const at = { timestamp: systemRuntime.now() - 60_000 };
    expect((await admin.listOffsets({ topic, at }))[0]?.offset).toBe(0);
    await admin.deleteRecords({ topic, partitions: [{ partition: 0, before: 1 }] });
    expect((await admin.listOffsets({ topic, at: 'earliest' }))[0]?.offset).toBe(1);
  });

  it('errors are those of the service', async () => {
    const topic = topicOf('errors');
    await over().admin().createTopic({ name: topic });
    const again = await failureOf(over().admin().createTopic({ name: topic }));
    expect(again).toMatchObject({ code: 'TOPIC_ALREADY_EXISTS', effect: 'none' });
    await using producer = over().producer();
    await producer.send({ topic, messages: [{ value: 'a' }], expectedEnd: 0 });
    const late = await failureOf(
      producer.send({ topic, messages: [{ value: 'b' }], expectedEnd: 0 }),
    );
    expect(late).toMatchObject({ code: 'UNEXPECTED_LOG_END', context: { logEndOffset: 1 } });
  });
});
