/** The tail of the examples in a browser: what was there, what comes, and the filter and pause over it. */
import type { ChildProcess } from 'node:child_process';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Stratalog } from '../../../lib/index.ts';
import { untilSays } from '../../cli/process.ts';
import { serviceForTests, startExample } from '../../examples/program.ts';
import { launchChromium } from './chromium.ts';

const endpoint = serviceForTests();
let browser: Browser;
let server: ChildProcess;
let url = '';

beforeAll(async () => {
  browser = await launchChromium();
  server = startExample(['browser-tail/main.ts'], endpoint(), { PORT: '0' });
  url = /http\S+/.exec(await untilSays(server, /http\S+\n/))![0];
});
afterAll(async () => {
  server.kill();
  await browser.close();
});

it('follows a topic', async () => {
  const log = new Stratalog({ endpoint: endpoint() });
  await log.admin().createTopic({ name: 'clicks', partitions: 3 });
  const producer = log.producer({ compression: 'zstd' });
  const click = (at: number) => ({
    key: `user-${at % 7}`,
    value: JSON.stringify({ page: `/shop/${at}`, button: at % 3 === 0 ? 'buy' : 'look' }),
  });
  const send = (from: number, to: number) =>
    producer.send({
      topic: 'clicks',
      messages: Array.from({ length: to - from }, (_, at) => click(from + at)),
    });
  await send(0, 12);

  const page = await browser.newPage({ viewport: { width: 1100, height: 700 } });
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(url);
  const rows = page.locator('#log li');
  const records = page.locator('#records');
  await expect.poll(() => rows.count()).toBe(12);

  // What comes is on top, in order of arrival.
  await producer.send({ topic: 'clicks', messages: [{ value: null }] });
  await producer.send({ topic: 'clicks', messages: [{ key: Uint8Array.of(255), value: '<b>' }] });
  await expect.poll(() => records.innerText()).toBe('14');
  await expect.poll(() => rows.first().locator('.value').innerText()).toBe('<b>');
  expect(await rows.first().locator('.key').innerText()).toBe('ff');
  expect(await rows.nth(1).locator('.value').innerText()).toBe('null');

  await page.fill('#filter', 'BUY');
  expect(await page.locator('#log li:visible').count()).toBe(4);
  await page.fill('#filter', '');

  await page.click('#pause');
  await send(12, 500);
  await expect.poll(() => records.innerText()).toBe('502');
  expect(await rows.count()).toBe(14);
  await page.click('#pause');
  await expect.poll(() => rows.count()).toBe(200);

  if (process.env.SCREENSHOTS !== undefined) {
    for (let at = 500; at < 640; at += 20) {
      await send(at, at + 20);
      await page.waitForTimeout(400);
    }
    await page.screenshot({ path: `${process.env.SCREENSHOTS}/tail.png` });
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.waitForTimeout(1_500);
    await page.screenshot({ path: `${process.env.SCREENSHOTS}/tail-dark.png` });
    await page.setViewportSize({ width: 420, height: 700 });
    await page.screenshot({ path: `${process.env.SCREENSHOTS}/tail-narrow.png` });
  }
  expect(complaints).toEqual([]);
});

it('says what is wrong', async () => {
  const page = await browser.newPage();
  await page.goto(url.replace('clicks', 'nothing'));
  await expect.poll(() => page.locator('#status').innerText()).toContain('no topic nothing');
  expect(await page.locator('body').getAttribute('data-state')).toBe('lost');
});
