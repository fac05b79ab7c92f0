/** What is refused, and how it is told through the gateway. */
import { describe, expect, it } from 'vitest';
import { MALFORMED } from '../verbs/malformed.ts';
import { deployed, newName } from './deployed.ts';

const { endpoint, request, invoke } = await deployed();

describe('a refusal is a problem with a code', () => {
  it.each([
    ['the API', request],
    ['Invoke', invoke],
  ] as const)('by %s', async (_way, send) => {
    const { status, headers, json } = await send({ method: 'GET', path: `/topics/${newName()}` });
    expect(status).toBe(404);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(json).toMatchObject({
      status: 404,
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
      retriable: true,
    });
  });
});

describe('what is no request of ours', () => {
  it.each(['/nowhere', '/topics/a/b/c'])('no such path: %s', async (path) => {
    const { status } = await request({ method: 'GET', path });
    expect(status).toBe(404);
  });

  it('no such method', async () => {
    expect((await request({ method: 'PUT', path: '/topics' })).status).toBe(404);
  });

  it('malformed, in every way that there is', async () => {
    // Paths and methods that the gateway has not are its own to refuse.
    const ours = MALFORMED.filter(({ method, path }) => path !== '/nothing' && method !== 'PUT');
    const answers = await Promise.all(ours.map((malformed) => request(malformed)));
    for (const [index, { status, json }] of answers.entries()) {
      expect([400, 415], JSON.stringify(ours[index])).toContain(status);
      expect(json).toMatchObject({ status, code: 'INVALID_REQUEST' });
    }
  });
});

describe('too large a body', () => {
  it('for a function', async () => {
    const body = Buffer.alloc(5 * 1024 * 1024);
    const { status } = await request({
      method: 'POST',
      path: '/topics/orders/records',
      query: 'partition=0',
      headers: { 'content-type': 'application/vnd.stratalog.batches' },
      body,
    });
    expect(status).toBe(413);
  });
});

it('is refused when it is not signed', async () => {
  expect((await fetch(`${endpoint}/topics`)).status).toBe(403);
});
