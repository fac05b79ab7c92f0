/** Who may do what through the API, where IAM is asked: what was granted, and nothing else. */
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { beforeAll, describe, expect, it } from 'vitest';
import { signedFetch } from '../../lib/client/aws/index.ts';
import { ROUTES, type Route } from '../../lib/http/routes.ts';
import { eventually } from '../contract/engine.ts';
import { json, type Request, type Surface } from '../local/surfaces.ts';
import { failureOf } from '../support/sdk-service.ts';
import { byHttp, byInvoke, type Deployed, deployed, newName, outputsOf } from './deployed.ts';
import { linesWith } from './logs.ts';
import { assume, SHOP } from './shop.ts';
import { currentStage } from './stage.ts';

const log: Deployed = await deployed();
const roles = await outputsOf(SHOP);

const person = async (role: string) => {
  const credentials = await assume(roles[`${role}Role`] ?? '');
  return {
    sdk: log.as(credentials),
    request: byHttp(log.endpoint, signedFetch({ credentials })),
    invoke: byInvoke(log.outputs, credentials),
  };
};
type Person = Awaited<ReturnType<typeof person>>;

/** A request of this route, of these names. */
const requestOf = ({ method, path }: Route, topic: string, group: string): Request => {
  const names: Readonly<Record<string, string>> = { topic, group, partition: '0', asset: 'x.css' };
  const concrete = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => names[name] ?? '');
  return { method, path: concrete, ...(method === 'GET' ? {} : json({})) };
};

/** MiniStack answers `/health` itself, whatever host is asked and whoever asks. */
const isAsked = ({ name }: Route): boolean => currentStage().isAws || name !== 'health';
/** Their bodies are empty here, so that what is let in does no harm. */
const HARMLESS = ROUTES.filter((route) => route.method !== 'DELETE' && isAsked(route));

/** The routes that are not answered 403. */
const opened = async (send: Surface, topic: string, group: string): Promise<readonly string[]> => {
  const answers = await Promise.all(
    HARMLESS.map(async (route) => {
      const { status } = await send(requestOf(route, topic, group));
      return status === 403 ? [] : [route.name];
    }),
  );
  return answers.flat().toSorted();
};

it('nobody gets in without a signature', async () => {
  expect(await opened(byHttp(log.endpoint, fetch), 'orders', 'billing')).toEqual([]);
});

it('nobody gets in with a wrong secret', async () => {
  const credentials = await assume(roles.AdminRole ?? '');
  const forged = { ...credentials, secretAccessKey: 'not-the-secret' };
  const error = await failureOf(log.as(forged).admin().listTopics());
  expect(error.code).toMatch(/AUTH/);
});

it('nobody gets in without a grant', async () => {
  const { request, sdk } = await person('Nobody');
  expect(await opened(request, 'orders', 'billing')).toEqual([]);
  const error = await failureOf(sdk.admin().describeTopic('orders'));
  expect(error).toMatchObject({ code: 'TOPIC_AUTHORIZATION_FAILED', effect: 'none' });
});

describe('a producer of orders', () => {
  let producer: Person;
  beforeAll(async () => {
    producer = await person('Producer');
  });

  it('appends to orders', async () => {
    await using one = producer.sdk.producer();
    const [told] = await one.send({ topic: 'orders', messages: [{ value: 'cups', partition: 0 }] });
    expect(told?.offset).toBeGreaterThanOrEqual(0);
  });

  it('is opened the routes of a producer, for orders alone', async () => {
    expect(await opened(producer.request, 'orders', 'billing')).toEqual(
      ['describeTopic', 'initProducer', 'listOffsets', 'produce'].toSorted(),
    );
    expect(await opened(producer.request, 'payments', 'billing')).toEqual(['initProducer']);
  });

  it('may delete nothing', async () => {
    const path = '/topics/orders';
    expect((await producer.request({ method: 'DELETE', path })).status).toBe(403);
    const records = { method: 'DELETE', path: `${path}/partitions/0/records`, query: 'before=0' };
    expect((await producer.request(records)).status).toBe(403);
  });
});

describe('a consumer of orders in the group billing', () => {
  let consumer: Person;
  beforeAll(async () => {
    consumer = await person('Consumer');
  });

  it('reads orders, and keeps its place', async () => {
    const found: (string | null)[] = [];
    for await (const { value } of consumer.sdk.reader({ topic: 'orders', until: 'end' })) {
      found.push(value);
    }
    expect(found).toContain('cups');
    const admin = consumer.sdk.admin();
    const place = { topic: 'orders', partition: 0, offset: 1 };
    await admin.commitOffsets({ group: 'billing', offsets: [place] });
    const { offsets } = await admin.fetchOffsets({ group: 'billing', topic: 'orders' });
    expect(offsets).toMatchObject([place]);
  });

  it('is opened the routes of a consumer, for orders and billing alone', async () => {
    const ofTopic = ['describeTopic', 'fetch', 'fetchPartition', 'listOffsets'];
    const ofGroup = ['commitOffsets', 'fetchOffsets'];
    const routes = (topic: string, group: string) => opened(consumer.request, topic, group);
    expect(await routes('orders', 'billing')).toEqual([...ofTopic, ...ofGroup].toSorted());
    expect(await routes('payments', 'billing')).toEqual(ofGroup.toSorted());
    expect(await routes('orders', 'shipping')).toEqual(ofTopic.toSorted());
  });
});

it('whoever may invoke the functions is opened nothing of the API, and the other way round', async () => {
  const invoker = await person('Invoker');
  expect((await invoker.invoke({ method: 'GET', path: '/topics' })).status).toBe(200);
  expect(await opened(invoker.request, 'orders', 'billing')).toEqual([]);
  const admin = await person('Admin');
  await expect(admin.invoke({ method: 'GET', path: '/topics' })).rejects.toThrow(/not authorized/);
});

it('a function knows who asked, and its log says so', async () => {
  const { sdk } = await person('Admin');
  const topic = newName();
  await failureOf(sdk.admin().describeTopic(topic));
  const role = roles.AdminRole?.split('/').at(-1);
  const caller = expect.stringContaining(`assumed-role/${role}/stratalog-e2e`);
  const { LoggingConfig } = await new LambdaClient({}).send(
    new GetFunctionConfigurationCommand({ FunctionName: log.outputs.LogTopicsFunction }),
  );
  await eventually(async () => {
    const [line = '{}'] = await linesWith(LoggingConfig?.LogGroup ?? '', topic);
    expect(JSON.parse(line)).toMatchObject({ topic, status: 404, caller: { userArn: caller } });
  }, 60_000);
});

it('an admin is opened every route', async () => {
  const { request } = await person('Admin');
  const all = HARMLESS.map(({ name }) => name);
  expect(await opened(request, 'orders', 'billing')).toEqual(all.toSorted());
});
