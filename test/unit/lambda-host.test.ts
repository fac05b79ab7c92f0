/** The functions as Lambda hosts them: what they log and measure, and what they say when their settings are wrong. */
import { Metrics } from '@aws-lambda-powertools/metrics';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler as commitHandler } from '../../functions/commit.ts';
import { handler as fetchHandler } from '../../functions/fetch.ts';
import { lambdaHost, type OpenStores } from '../../functions/lambda/host.ts';
import { meteredBroker } from '../../functions/lambda/metered-broker.ts';
import type { Environment } from '../../functions/lambda/settings.ts';
import { newTally, tallying } from '../../functions/lambda/tally.ts';
import { handler as produceHandler } from '../../functions/produce.ts';
import { provideHost } from '../../functions/runtime.ts';
import { handler as topicsHandler } from '../../functions/topics.ts';
import type { Broker } from '../../lib/broker/api.ts';
import { StratalogError } from '../../lib/model/errors.ts';
import { topicName } from '../../lib/model/ids.ts';
import {
  DIMENSIONS,
  METRICS,
  METRICS_NAMESPACE,
  type MetricName,
} from '../../lib/model/metrics.ts';
import { BATCHES_MEDIA_TYPE } from '../../lib/record/frames.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import { batchOf } from '../support/log.ts';

const SETTINGS = {
  STRATALOG_TABLE: 'logs',
  STRATALOG_BUCKET: 'logs-bucket',
  STRATALOG_LOG: 'Test-Log',
  STRATALOG_METRIC_TOPICS: 'orders, clicks',
};
const SECRET = 'what-nobody-else-may-read';
const USER = 'arn:aws:sts::123456789012:assumed-role/writer/one';

/** Lines written to stdout and stderr. */
let lines: string[] = [];
let takeBack = () => {};

beforeEach(() => {
  lines = [];
  const keep = (chunk: string | Uint8Array) => {
    lines.push(...String(chunk).split('\n').filter(Boolean));
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(keep);
  vi.spyOn(process.stderr, 'write').mockImplementation(keep);
});
afterEach(() => {
  vi.restoreAllMocks();
  takeBack();
});

const inMemory: OpenStores = () => ({ items: memoryItems(), blobs: memoryBlobs() });

const host = (environment: Environment = {}, openStores = inMemory): void => {
  takeBack = provideHost(lambdaHost({ ...SETTINGS, ...environment }, { openStores }));
};

interface Answer {
  readonly statusCode: number;
  readonly body: string;
}

/** As API Gateway asks, for the role `writer`. */
const ask = async (
  handler: typeof topicsHandler,
  method: string,
  rawPath: string,
  body?: unknown,
  headers = {},
): Promise<Answer> =>
  (await handler(
    {
      version: '2.0',
      rawPath,
      rawQueryString: body instanceof Uint8Array ? 'partition=0' : '',
      headers: { authorization: SECRET, ...headers },
      body:
        body instanceof Uint8Array ? Buffer.from(body).toString('base64') : JSON.stringify(body),
      isBase64Encoded: body instanceof Uint8Array,
      requestContext: {
        requestId: 'gateway-1',
        http: { method },
        authorizer: { iam: { userArn: USER, accountId: '123456789012', callerId: 'AROA:one' } },
      },
    },
    { awsRequestId: 'lambda-1' },
  )) as Answer;

const create = (name: string) => ask(topicsHandler, 'POST', '/topics', { name, partitions: 2 });
const produce = (topic: string, values: readonly string[], partition = 0) =>
  ask(produceHandler, 'POST', `/topics/${topic}/records`, {
    records: values.map((value) => ({ value, partition })),
  });

const parsed = () => lines.map((line) => JSON.parse(line));
interface Emf {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly [
      {
        readonly Namespace: string;
        readonly Dimensions: readonly (readonly string[])[];
        readonly Metrics: readonly { readonly Name: MetricName; readonly Unit: string }[];
      },
    ];
  };
}

/** Every line of metrics is as the table has it; what it says, without its envelope. */
const metrics = (): Record<string, unknown>[] =>
  parsed()
    .filter((line) => '_aws' in line)
    .map((line: Emf & Record<string, unknown>) => {
      const { _aws, ...values } = line;
      const [definition] = _aws.CloudWatchMetrics;
      expect(definition.Namespace).toBe(METRICS_NAMESPACE);
      for (const { Name, Unit } of definition.Metrics) {
        expect(Unit).toBe(METRICS[Name].unit);
        expect(values[Name]).toBeTypeOf('number');
      }
      const named = new Set([
        ...definition.Dimensions.flat(),
        ...definition.Metrics.map((m) => m.Name),
      ]);
      expect(new Set(Object.keys(values))).toEqual(named);
      for (const set of definition.Dimensions) {
        expect([
          [DIMENSIONS.log, DIMENSIONS.function],
          [DIMENSIONS.log, DIMENSIONS.topic],
        ]).toContainEqual(set);
      }
      expect(values.Log).toBe('Test-Log');
      return { sets: definition.Dimensions.length, ...values };
    });
const logged = () => parsed().filter((line) => 'level' in line);

describe('metrics', () => {
  it('are one line for a topic that is named, and name the function only for others', async () => {
    host();
    await create('orders');
    await create('quiet');
    expect(lines).toEqual([]);
    const batch = batchOf(['one', 'two']);
    await ask(produceHandler, 'POST', '/topics/orders/records', batch, {
      'content-type': BATCHES_MEDIA_TYPE,
    });
    await produce('quiet', ['three']);
    expect(metrics()).toEqual([
      {
        sets: 2,
        Log: 'Test-Log',
        Function: 'produce',
        Topic: 'orders',
        MessagesIn: 2,
        BytesIn: batch.length,
      },
      { sets: 1, Log: 'Test-Log', Function: 'produce', MessagesIn: 1, BytesIn: expect.any(Number) },
    ]);
    expect(lines).toHaveLength(2);
    lines = [];
    await ask(fetchHandler, 'GET', '/topics/orders/partitions/0/records');
    await ask(fetchHandler, 'GET', '/topics/orders/partitions/1/records');
    expect(metrics()).toEqual([
      { sets: 2, Log: 'Test-Log', Function: 'fetch', Topic: 'orders', BytesOut: batch.length },
    ]);
  });

  it('tell topics of one request apart', async () => {
    host();
    for (const topic of ['orders', 'quiet', 'clicks']) await create(topic);
    const offsets = [
      ...['orders', 'orders', 'quiet', 'clicks'].map((topic, i) => ({
        topic,
        partition: i % 2,
        offset: 0,
      })),
      { topic: 'clicks', partition: 9, offset: 0 },
    ];
    await ask(commitHandler, 'POST', '/groups/g/offsets', { offsets });
    expect(metrics()).toEqual([
      { sets: 1, Log: 'Test-Log', Function: 'commit', OffsetsCommitted: 4 },
      { sets: 1, Log: 'Test-Log', Topic: 'orders', OffsetsCommitted: 2 },
      { sets: 1, Log: 'Test-Log', Topic: 'clicks', OffsetsCommitted: 1 },
    ]);
  });

  it('count failures by partition, before the broker and in it', async () => {
    host();
    await create('orders');
    const refused = { Log: 'Test-Log', Function: 'produce', Topic: 'orders', sets: 2 };
    await ask(produceHandler, 'POST', '/topics/orders/records', { records: 'none' });
    await ask(produceHandler, 'POST', '/topics/orders/records', {
      records: [{ value: 'v', partition: 7 }],
    });
    await ask(produceHandler, 'POST', '/topics/nowhere/records', { records: [{ value: 'v' }] });
    const partitions = [0, 8, 9].map((partition) => ({ partition, offset: 0 }));
    await ask(fetchHandler, 'POST', '/topics/orders/fetch', { partitions });
    expect(metrics()).toEqual([
      { ...refused, FailedProduceRequests: 1 },
      { ...refused, FailedProduceRequests: 1 },
      { sets: 1, Log: 'Test-Log', Function: 'produce', FailedProduceRequests: 1 },
      { ...refused, Function: 'fetch', FailedFetchRequests: 2 },
    ]);
  });

  it('count what is throttled as that, too, by whatever way it is told', async () => {
    const error = new StratalogError('THROTTLING_QUOTA_EXCEEDED', 'Not now.');
    const topic = topicName('orders');
    const part = {
      topic,
      partition: 0,
      baseOffsets: [-1],
      logStartOffset: -1,
      logAppendTime: -1,
      error,
    };
    const broker = meteredBroker({
      produce: async () => [part],
      fetch: () => Promise.reject(error),
    } as unknown as Broker);
    const tally = newTally();
    await tallying(tally, async () => {
      await broker.produce({ topic, partitions: [{ partition: 0, batches: new Uint8Array(3) }] });
      const partitions = [0, 1].map((partition) => ({ topic, partition, offset: 0 }));
      await expect(broker.fetch({ partitions })).rejects.toBe(error);
    });
    expect(tally.counts.get('orders')).toEqual({
      FailedProduceRequests: 1,
      FailedFetchRequests: 2,
      ThrottledRequests: 3,
    });
  });

  it('are counted apart where an environment takes several requests at once', async () => {
    host();
    await create('orders');
    await create('clicks');
    const sent = Array.from({ length: 20 }, (_, i) => ({
      topic: i % 2 ? 'orders' : 'clicks',
      size: i + 1,
    }));
    await Promise.all(sent.map(({ topic, size }) => produce(topic, Array(size).fill('v'))));
    const told = metrics().map(({ Topic, MessagesIn }) => `${Topic} ${MessagesIn}`);
    expect(told.sort()).toEqual(sent.map(({ topic, size }) => `${topic} ${size}`).sort());
  });
});

describe('the log', () => {
  it('has nothing of what went well or was refused, by default', async () => {
    host();
    await create('orders');
    await ask(topicsHandler, 'GET', '/topics/nowhere');
    await ask(topicsHandler, 'GET', '/health');
    expect(logged()).toEqual([]);
  });

  it('names who asked for what, at INFO for a refusal and at DEBUG for all', async () => {
    host({ POWERTOOLS_LOG_LEVEL: 'debug', POWERTOOLS_SERVICE_NAME: 'mine' });
    await create('orders');
    await ask(commitHandler, 'GET', '/groups/g/offsets');
    await ask(topicsHandler, 'GET', '/topics/nowhere');
    await topicsHandler({ method: 'GET', path: '/elsewhere' }, { awsRequestId: 'lambda-2' });
    const common = {
      service: 'mine',
      via: 'http-api',
      function_request_id: 'lambda-1',
      gateway_request_id: 'gateway-1',
      caller: { userArn: USER, accountId: '123456789012', callerId: 'AROA:one' },
    };
    expect(logged()).toMatchObject([
      { level: 'DEBUG', ...common, function_name: 'topics', route: 'createTopic', status: 201 },
      { level: 'DEBUG', ...common, function_name: 'commit', route: 'fetchOffsets', group: 'g' },
      {
        level: 'INFO',
        ...common,
        route: 'describeTopic',
        topic: 'nowhere',
        status: 404,
        code: 'UNKNOWN_TOPIC_OR_PARTITION',
      },
      {
        level: 'INFO',
        via: 'invoke',
        caller: 'not told by Lambda Invoke',
        path: '/elsewhere',
        function_request_id: 'lambda-2',
      },
    ]);
  });

  it('has the causes of a failure of ours, of the whole request or of a part, and no records', async () => {
    const denied = Object.assign(new Error('not allowed to read'), {
      name: 'AccessDeniedException',
      $metadata: { requestId: 'aws-1', httpStatusCode: 400 },
      item: { tail: SECRET },
    });
    let failing = false;
    host({}, (settings) => {
      const { items, blobs } = inMemory(settings);
      const get: typeof items.get = (...call) =>
        failing ? Promise.reject(denied) : items.get(...call);
      const update: typeof items.update = (...call) =>
        failing ? Promise.reject(denied) : items.update(...call);
      const getMany: typeof items.getMany = (...call) =>
        failing ? Promise.reject(denied) : items.getMany(...call);
      return { items: { ...items, get, getMany, update }, blobs };
    });
    await create('orders');
    await produce('orders', [SECRET]);
    lines = [];
    failing = true;
    const { statusCode, body } = await ask(topicsHandler, 'GET', '/health');
    expect(statusCode).toBeGreaterThanOrEqual(500);
    expect(body).not.toContain('aws-1');
    const [line] = logged();
    expect(line).toMatchObject({ level: 'ERROR', route: 'health', caller: { userArn: USER } });
    expect(JSON.stringify(line.errors)).toContain('AccessDeniedException');
    expect(JSON.stringify(line.errors)).toContain('aws-1');
    lines = [];
    await produce('orders', [SECRET]);
    await ask(fetchHandler, 'POST', '/topics/orders/fetch', {
      partitions: [{ partition: 0, offset: 0 }],
    });
    expect(logged().map(({ level, topic }) => [level, topic])).toEqual([
      ['ERROR', 'orders'],
      ['ERROR', 'orders'],
    ]);
    expect(lines.join('\n')).not.toContain(SECRET);
  });

  it('has nothing of the request at any level', async () => {
    host({ POWERTOOLS_LOG_LEVEL: 'TRACE' });
    await create('orders');
    await produce('orders', [SECRET]);
    await ask(produceHandler, 'POST', '/topics/orders/records', {
      records: [{ value: 1, [SECRET]: 2 }],
    });
    await ask(produceHandler, 'POST', '/topics/orders/records', { records: SECRET });
    expect(logged().map(({ status }) => status)).toEqual([201, 200, 400, 400]);
    expect(lines.join('\n')).not.toContain(SECRET);
  });
});

it('fails no request because what it did cannot be told', async () => {
  host({ STRATALOG_METRIC_TOPICS: 'orders' });
  await create('orders');
  vi.spyOn(Metrics.prototype, 'publishStoredMetrics').mockImplementation(() => {
    throw new RangeError('not a metric');
  });
  expect((await produce('orders', ['v'])).statusCode).toBe(200);
  expect(logged()).toMatchObject([
    {
      level: 'ERROR',
      errors: [{ message: 'not a metric', stack: expect.stringMatching(/^ {4}at /) }],
    },
  ]);
});

describe('settings that are wrong', () => {
  it('are told all at once, as an answer and in the log, on every request', async () => {
    host({
      STRATALOG_TABLE: undefined,
      STRATALOG_BUCKET: 'No Bucket',
      STRATALOG_METRIC_TOPICS: 'orders,a b',
      STRATALOG_MAX_FETCH_WAIT_MS: '1s',
    });
    for (const handler of [topicsHandler, topicsHandler]) {
      const { statusCode, body } = await ask(handler, 'GET', '/health');
      expect(statusCode).toBe(500);
      const { detail, code, effect } = JSON.parse(body);
      expect({ code, effect }).toEqual({ code: 'UNKNOWN_SERVER_ERROR', effect: 'none' });
      for (const part of [
        'STRATALOG_TABLE is missing: the name of the DynamoDB table',
        'STRATALOG_BUCKET is "No Bucket"',
        'STRATALOG_METRIC_TOPICS is "orders,a b"',
        'STRATALOG_MAX_FETCH_WAIT_MS is "1s", not a whole number from 0 to 20000 (milliseconds)',
        'The construct Stratalog sets them',
      ]) {
        expect(detail).toContain(part);
      }
      expect(detail).not.toContain('STRATALOG_LOG');
    }
    expect(logged()).toHaveLength(2);
    expect(logged()[0]).toMatchObject({ level: 'ERROR', status: 500 });
    expect(logged()[0].errors[0].message).toContain('STRATALOG_TABLE is missing');
  });

  it('include stores that cannot be opened', async () => {
    host({}, () => {
      throw new Error('Region is missing');
    });
    expect((await ask(topicsHandler, 'GET', '/health')).statusCode).toBe(500);
    expect(logged()[0].errors[0]).toMatchObject({ cause: { message: 'Region is missing' } });
  });
});

it('opens the stores once, and waits as long as it is told', async () => {
  const opened: string[] = [];
  host({ STRATALOG_MAX_FETCH_WAIT_MS: '0' }, (settings) => {
    opened.push(`${settings.table} ${settings.bucket}`);
    return inMemory(settings);
  });
  await create('orders');
  const { statusCode } = await ask(fetchHandler, 'POST', '/topics/orders/fetch', {
    partitions: [{ partition: 0, offset: 0 }],
    maxWaitMs: 20_000,
  });
  expect(statusCode).toBe(200);
  expect(opened).toEqual(['logs logs-bucket']);
});
