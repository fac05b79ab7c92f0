/** Pages of other origins in a browser: they cannot write to a log here unless they were allowed. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type LocalStack, startLocal } from '../../../lib/local/start.ts';
import { launchChromium } from './chromium.ts';

let browser: Browser;
let site: Server;
let origin: string;
let stack: LocalStack | undefined;
beforeAll(async () => {
  browser = await launchChromium();
  site = createServer((_, response) => response.end('<!doctype html><title>elsewhere</title>'));
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
});
afterEach(() => stack?.close());
afterAll(async () => {
  await browser.close();
  site.close();
});

/** What a page of the site gets for creating a topic: with a preflight, or in the ways that need none. */
const tryFrom = async (url: string): Promise<readonly (number | string)[]> => {
  const page = await browser.newPage();
  await page.goto(origin);
  return page.evaluate(async (to) => {
    const body = '{"name":"theirs"}';
    const headers = { 'content-type': 'application/json' };
    const tries: RequestInit[] = [
      { method: 'POST', body, headers },
      { method: 'POST', body: new Blob([body]), mode: 'no-cors' },
      { method: 'POST', body, mode: 'no-cors' },
    ];
    const told: (number | string)[] = [];
    for (const init of tries) {
      told.push(
        await fetch(`${to}/topics`, init).then(
          ({ status }) => status,
          () => 'refused',
        ),
      );
    }
    return told;
  }, url);
};

const topicsOf = async ({ url }: LocalStack): Promise<readonly string[]> => {
  const { topics } = (await (await fetch(`${url}/topics`)).json()) as {
    topics: { name: string }[];
  };
  return topics.map(({ name }) => name);
};

it('writes nothing for a page that was not allowed', async () => {
  stack = await startLocal({ httpPort: 0 });
  expect(await tryFrom(stack.url)).toEqual(['refused', 0, 0]);
  expect(await topicsOf(stack)).toEqual([]);
});

it('serves a page that was allowed', async () => {
  stack = await startLocal({ httpPort: 0, allowedOrigins: [origin] });
  expect((await tryFrom(stack.url))[0]).toBe(201);
  expect(await topicsOf(stack)).toEqual(['theirs']);
  const page = await browser.newPage();
  await page.goto(origin);
  const told = await page.evaluate(async (url) => {
    const accept = 'application/vnd.stratalog.batches';
    const path = `${url}/topics/theirs/partitions/0/records`;
    const response = await fetch(path, { headers: { accept } });
    return response.headers.get('stratalog-next-offset');
  }, stack.url);
  expect(told).toBe('0');
});
