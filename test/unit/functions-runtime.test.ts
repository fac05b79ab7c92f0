/** What the functions do without a broker, with one, and with events that are none. */
import { describe, expect, it } from 'vitest';
import { handler as fetchHandler } from '../../functions/fetch.ts';
import { handler as produceHandler } from '../../functions/produce.ts';
import { provideBroker } from '../../functions/runtime.ts';
import { handler as topicsHandler } from '../../functions/topics.ts';
import { createBroker } from '../../lib/broker/broker.ts';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';

const CONTEXT = { awsRequestId: 'r-1' };

const services = () => ({
  broker: createBroker({ items: memoryItems(), blobs: memoryBlobs() }),
  runtime: systemRuntime,
  maxFetchWaitMs: 100,
});

interface Answer {
  readonly status: number;
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

const invoke = async (handler: typeof topicsHandler, event: unknown): Promise<Answer> =>
  (await handler(event, CONTEXT)) as Answer;

/** Runs `work` with a broker and takes it back. */
const withBroker = async (work: () => Promise<void>): Promise<void> => {
  const takeBack = provideBroker(services());
  try {
    await work();
  } finally {
    takeBack();
  }
};

it('says what is missing when nobody provided a broker', async () => {
  for (const [handler, method, path] of [
    [topicsHandler, 'GET', '/health'],
    [produceHandler, 'POST', '/topics/t/records'],
    [fetchHandler, 'GET', '/topics/t/partitions/0/records'],
  ] as const) {
    const { status, body } = await invoke(handler, { method, path });
    expect(status).toBe(500);
    expect(JSON.parse(body)).toMatchObject({ code: 'UNKNOWN_SERVER_ERROR', effect: 'none' });
    expect(body).toContain('Nobody provided the stores');
  }
});

it('takes one broker at a time', () => {
  const takeBack = provideBroker(services());
  expect(() => provideBroker(services())).toThrow('one broker per process');
  takeBack();
  provideBroker(services())();
});

describe('events', () => {
  it.each([
    ['nothing', undefined],
    ['a string', 'hello'],
    ['no method', { path: '/topics' }],
    ['a method that HTTP does not know', { method: 'G E T', path: '/topics' }],
    ['a relative path', { method: 'GET', path: 'topics' }],
    ['an illegal header', { method: 'GET', path: '/topics', headers: { 'a b': 'c' } }],
    ['base64 that is none', { method: 'POST', path: '/topics', body: '*', isBase64Encoded: true }],
    ['a gateway event without a context', { rawPath: '/topics' }],
  ])('that are none are told so: %s', async (_name, event) => {
    await withBroker(async () => {
      const answer = await invoke(topicsHandler, event);
      expect(answer.status ?? answer.statusCode).toBe(400);
      expect(JSON.parse(answer.body)).toMatchObject({ code: 'INVALID_REQUEST', effect: 'none' });
    });
  });

  it('of Invoke may carry the body as JSON', async () => {
    await withBroker(async () => {
      const body = { name: 'direct', partitions: 1 };
      expect((await invoke(topicsHandler, { method: 'post', path: '/topics', body })).status).toBe(
        201,
      );
      const query = { limit: 1 };
      const listed = await invoke(topicsHandler, { method: 'GET', path: '/topics', query });
      expect(JSON.parse(listed.body).topics).toMatchObject([{ name: 'direct' }]);
    });
  });

  it('of a named stage carry the stage in the path', async () => {
    await withBroker(async () => {
      const requestContext = { stage: 'prod', http: { method: 'GET' } };
      const answer = await invoke(topicsHandler, { rawPath: '/prod/health', requestContext });
      expect(answer.statusCode).toBe(200);
    });
  });

  it('for another function are told whose they are', async () => {
    await withBroker(async () => {
      const answer = await invoke(topicsHandler, { method: 'POST', path: '/topics/t/records' });
      expect(answer.status).toBe(404);
      expect(answer.body).toContain('is served by the function \\"produce\\"');
    });
  });

  it('never show the inside of a failure, but where to look for it', async () => {
    const failing = {
      ...services().broker,
      checkHealth: () => Promise.reject(new Error('secret')),
    };
    const takeBack = provideBroker({ ...services(), broker: failing });
    const { body, status } = await invoke(topicsHandler, { method: 'GET', path: '/health' });
    takeBack();
    expect(status).toBe(500);
    expect(body).not.toContain('secret');
    expect(JSON.parse(body)).toMatchObject({ requestId: 'r-1', effect: 'unknown' });
  });
});
