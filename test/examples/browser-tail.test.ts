/** The server of the page, without a browser: what it serves, passes on and refuses. */
import type { ChildProcess } from 'node:child_process';
import { request } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Stratalog } from '../../lib/index.ts';
import { untilSays } from '../cli/process.ts';
import { serviceForTests, startExample } from './program.ts';

const endpoint = serviceForTests();
let server: ChildProcess;
let page = '';

beforeAll(async () => {
  server = startExample(['browser-tail/main.ts'], endpoint(), { PORT: '0' });
  page = new URL(/http\S+/.exec(await untilSays(server, /http\S+\n/))![0]).origin;
});
afterAll(() => server.kill());

it('serves the page with the SDK in it, for browsers', async () => {
  expect(await (await fetch(page)).text()).toContain('<script type="module" src="/tail.js">');
  expect((await fetch(`${page}/tail.css`)).headers.get('content-type')).toContain('text/css');
  const script = await (await fetch(`${page}/tail.js`)).text();
  expect(/\bimport ?["'{(]/.test(script)).toBe(false);
  expect(script.length).toBeLessThan(100_000);
});

it('lets the page read', async () => {
  const log = new Stratalog({ endpoint: endpoint() });
  await log.admin().createTopic({ name: 'clicks', partitions: 2 });
  await log.producer().send({ topic: 'clicks', messages: [{ value: 'one' }] });
  const reader = new Stratalog({ endpoint: page }).reader({ topic: 'clicks', until: 'end' });
  const values: (string | null)[] = [];
  for await (const { value } of reader) values.push(value);
  expect(values).toEqual(['one']);
});

it('lets nobody write, nor a page of somebody else read', async () => {
  const written = await fetch(`${page}/topics/clicks/records`, { method: 'POST', body: '{}' });
  expect(written.status).toBe(404);
  expect((await fetch(`${page}/topics/clicks`, { method: 'DELETE' })).status).toBe(404);
  // `fetch` does not let a program choose its Host.
  const status = await new Promise((resolve, reject) => {
    request(`${page}/topics/clicks`, { headers: { host: 'elsewhere.example' } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .once('error', reject)
      .end();
  });
  expect(status).toBe(403);
});
