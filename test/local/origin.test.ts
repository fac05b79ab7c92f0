/** The local service answers programs and its own page; other pages when it was told to. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { originOf } from '../../lib/local/origin.ts';
import { type LocalStack, startLocal } from '../../lib/local/start.ts';
import { json, type Reply, viaServer } from './surfaces.ts';

const FRIEND = 'http://localhost:5173';
let stack: LocalStack;
beforeAll(async () => {
  stack = await startLocal({ httpPort: 0, allowedOrigins: [FRIEND] });
});
afterAll(() => stack.close());

const send = (headers: Readonly<Record<string, string>>, method = 'GET', path = '/topics') =>
  viaServer(stack.port)({ method, path, headers });

const corsOf = ({ headers }: Reply) =>
  Object.keys(headers).filter((name) => name.startsWith('access-control-'));

describe('the host', () => {
  it.each(['localhost', '127.0.0.1', '[::1]', 'LOCALHOST'])('may be %s', async (name) => {
    expect((await send({ host: `${name}:${stack.port}` })).status).toBe(200);
    expect((await send({ host: name })).status).toBe(200);
  });

  it.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example:80',
    '0.0.0.0',
    '10.0.0.1',
  ])('may not be %s', async (host) => {
    const reply = await send({ host });
    expect(reply.status).toBe(403);
    expect(reply.json).toMatchObject({
      code: 'CLUSTER_AUTHORIZATION_FAILED',
      host,
      detail: expect.stringContaining('localhost, 127.0.0.1'),
    });
  });
});

describe('the origin', () => {
  it('may be absent, and is then no business of CORS', async () => {
    const reply = await send({});
    expect([reply.status, corsOf(reply)]).toEqual([200, []]);
  });

  it('may be the page that the service has itself', async () => {
    const host = `localhost:${stack.port}`;
    expect((await send({ host, origin: `http://${host}` })).status).toBe(200);
  });

  it.each(['https://evil.example', 'null', 'http://localhost:3000', 'http://127.0.0.1', 'file://'])(
    'may not be %s, which can neither read nor write',
    async (origin) => {
      const topic = json({ name: 'mine' });
      const write = await viaServer(stack.port)({
        method: 'POST',
        path: '/topics',
        ...topic,
        headers: { ...topic.headers, origin },
      });
      for (const reply of [write, await send({ origin }), await send({ origin }, 'OPTIONS')]) {
        expect([reply.status, corsOf(reply)]).toEqual([403, []]);
      }
      expect(write.json).toMatchObject({
        code: 'CLUSTER_AUTHORIZATION_FAILED',
        effect: 'none',
        detail: expect.stringContaining(`--allow-origin ${origin}`),
      });
      expect((await send({})).json.topics).toEqual([]);
    },
  );

  it('may be one that was allowed, which may read our headers, of problems too', async () => {
    for (const path of ['/topics', '/topics/nope']) {
      const { headers } = await send({ origin: FRIEND }, 'GET', path);
      expect(headers).toMatchObject({
        'access-control-allow-origin': FRIEND,
        'access-control-expose-headers': expect.stringContaining('stratalog-next-offset'),
        vary: 'origin',
      });
    }
  });

  it('that was allowed has its preflights answered', async () => {
    const asked = { origin: FRIEND, 'access-control-request-method': 'PATCH' };
    const { status, headers, body } = await send(asked, 'OPTIONS', '/topics/t/configs');
    expect([status, body.length]).toEqual([204, 0]);
    expect(headers).toMatchObject({
      'access-control-allow-origin': FRIEND,
      'access-control-allow-methods': 'POST, GET, DELETE, PATCH',
      'access-control-allow-headers': 'accept, content-encoding, content-type',
    });
  });
});

it('takes origins as browsers write them, and nothing else', () => {
  expect(originOf('http://localhost:5173/')).toBe('http://localhost:5173');
  expect(originOf('https://example.com')).toBe('https://example.com');
  for (const text of ['*', 'localhost:5173', 'http://a/b', 'file:///x', 'null', 'HTTP://a']) {
    expect(() => originOf(text)).toThrow(/is no origin; it is scheme, host and port/);
  }
});
