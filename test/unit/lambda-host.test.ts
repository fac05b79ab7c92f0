/** The functions as Lambda hosts them: what they log, and what they say when their settings are wrong. */
import { Metrics } from '@aws-lambda-powertools/metrics';
import { describe, expect, it, vi } from 'vitest';
import { handler as commitHandler } from '../../functions/commit.ts';
import { handler as fetchHandler } from '../../functions/fetch.ts';
import { handler as produceHandler } from '../../functions/produce.ts';
import { handler as topicsHandler } from '../../functions/topics.ts';
import { StoreError } from '../../lib/storage/ports.ts';
import {
  ask,
  create,
  host,
  hostedTests,
  inMemory,
  logged,
  produce,
  SECRET,
  USER,
  written,
} from '../support/lambda-host.ts';

hostedTests();

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
    written();
    failing = true;
    const { statusCode, body } = await ask(topicsHandler, 'GET', '/health');
    expect(statusCode).toBeGreaterThanOrEqual(500);
    expect(body).not.toContain('aws-1');
    const [line] = logged();
    expect(line).toMatchObject({ level: 'ERROR', route: 'health', caller: { userArn: USER } });
    expect(JSON.stringify(line.errors)).toContain('AccessDeniedException');
    expect(JSON.stringify(line.errors)).toContain('aws-1');
    await produce('orders', [SECRET]);
    await ask(fetchHandler, 'POST', '/topics/orders/fetch', {
      partitions: [{ partition: 0, offset: 0 }],
    });
    const lines = logged();
    expect(lines.map(({ level, topic }) => [level, topic])).toEqual([
      ['ERROR', 'orders'],
      ['ERROR', 'orders'],
    ]);
    expect(JSON.stringify(lines)).not.toContain(SECRET);
  });

  it('has no line for each request that is to come again later: a thousand are refused a second', async () => {
    const throttled = new StoreError('throttled', 'too much', { effect: 'none' });
    let isBusy = false;
    host({ POWERTOOLS_LOG_LEVEL: 'INFO' }, (settings) => {
      const { items, blobs } = inMemory(settings);
      const query: typeof items.query = (...call) =>
        isBusy ? Promise.reject(throttled) : items.query(...call);
      return { items: { ...items, query }, blobs };
    });
    isBusy = true;
    expect((await ask(topicsHandler, 'GET', '/topics')).statusCode).toBe(429);
    expect(logged()).toEqual([]);
  });

  it('has nothing of the request at any level', async () => {
    host({ POWERTOOLS_LOG_LEVEL: 'TRACE' });
    await create('orders');
    await produce('orders', [SECRET]);
    await ask(produceHandler, 'POST', '/topics/orders/records', {
      records: [{ value: 1, [SECRET]: 2 }],
    });
    await ask(produceHandler, 'POST', '/topics/orders/records', { records: SECRET });
    const lines = written();
    expect(lines.flatMap(({ status }) => status ?? [])).toEqual([201, 200, 400, 400]);
    expect(JSON.stringify(lines)).not.toContain(SECRET);
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
    const lines = logged();
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatchObject({ level: 'ERROR', status: 500 });
    expect(lines[0].errors[0].message).toContain('STRATALOG_TABLE is missing');
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
