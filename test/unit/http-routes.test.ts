/** The table of routes, and that topics over HTTP keep the promises of their schemas. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROUTES, routesAt } from '../../lib/http/routes.ts';
import { healthResponse } from '../../lib/http/schemas/cluster.ts';
import { listTopicsResponse, topicDescription } from '../../lib/http/schemas/topic.ts';
import { type LocalStack, startLocal } from '../../lib/local/start.ts';
import { json, surfaces } from '../local/surfaces.ts';

describe('the table', () => {
  it('names each route, and each method and path, once', () => {
    expect(new Set(ROUTES.map(({ name }) => name)).size).toBe(ROUTES.length);
    expect(new Set(ROUTES.map(({ method, path }) => `${method} ${path}`)).size).toBe(ROUTES.length);
  });

  it('finds routes by path, as it is written', () => {
    expect(routesAt('/topics/a').map(({ name }) => name)).toEqual(['describeTopic', 'deleteTopic']);
    expect(routesAt('/topics/a/partitions/0/records').map(({ name }) => name)).toEqual([
      'fetchPartition',
      'deleteRecords',
    ]);
    expect(routesAt('/topics/')).toEqual([]);
    expect(routesAt('/topics/a/')).toEqual([]);
    expect(routesAt('/')).toEqual([]);
  });
});

let stack: LocalStack;
beforeAll(async () => {
  stack = await startLocal({ httpPort: 0 });
});
afterAll(() => stack.close());

describe.each(surfaces(() => stack.port))('over %s', (name, send) => {
  it('creates, describes, lists page by page, and deletes', async () => {
    const topic = (i: number) => `t${name.length}-${i}`;
    for (const i of [1, 2, 3]) {
      const created = await send({
        method: 'POST',
        path: '/topics',
        ...json({ name: topic(i), partitions: i, configs: { 'max.message.bytes': 70_000 } }),
      });
      expect(created.status).toBe(201);
      expect(created.headers.location).toBe(`/topics/${topic(i)}`);
      expect(topicDescription.parse(created.json).partitions).toHaveLength(i);
    }
    const described = await send({ method: 'GET', path: `/topics/${topic(2)}` });
    const { configs } = topicDescription.parse(described.json);
    expect(configs.find((config) => config.name === 'max.message.bytes')).toMatchObject({
      value: '70000',
      source: 'DYNAMIC_TOPIC_CONFIG',
    });
    const after = `t${name.length}`;
    const page = await send({ method: 'GET', path: '/topics', query: `after=${after}&limit=2` });
    const { topics, next } = listTopicsResponse.parse(page.json);
    expect(topics.map((each) => each.name)).toEqual([topic(1), topic(2)]);
    const rest = await send({ method: 'GET', path: '/topics', query: `after=${next}` });
    expect(listTopicsResponse.parse(rest.json).topics[0]?.name).toBe(topic(3));
    for (const i of [1, 2, 3]) {
      const gone = await send({ method: 'DELETE', path: `/topics/${topic(i)}` });
      expect([gone.status, gone.body.length]).toEqual([204, 0]);
    }
    expect((await send({ method: 'GET', path: `/topics/${topic(1)}` })).status).toBe(404);
  });

  it('says that it is well', async () => {
    const reply = await send({ method: 'GET', path: '/health' });
    expect([reply.status, healthResponse.parse(reply.json)]).toEqual([200, { status: 'ok' }]);
  });
});
