/** The page at `/docs` in a browser: it shows every route, tries one, and needs nothing from elsewhere. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ROUTES } from '../../../lib/http/routes.ts';
import { type LocalStack, startLocal } from '../../../lib/local/start.ts';
import { launchChromium } from './chromium.ts';

let stack: LocalStack;
let browser: Browser;
beforeAll(async () => {
  stack = await startLocal({ httpPort: 0 });
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await stack.close();
});

/** The page, and what went wrong on it. */
const openDocs = async (): Promise<{ page: Page; complaints: string[]; hosts: Set<string> }> => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 1600 } });
  const complaints: string[] = [];
  const hosts = new Set<string>();
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol !== 'data:') hosts.add(host);
  });
  await page.goto(`${stack.url}/docs`);
  await page.waitForSelector('.opblock');
  return { page, complaints, hosts };
};

it('shows every route, without a complaint and without asking anybody else', async () => {
  const { page, complaints, hosts } = await openDocs();
  expect(await page.title()).toBe('Stratalog: HTTP API');
  expect(await page.locator('.opblock').count()).toBe(ROUTES.length);
  const shown = await page.locator('.opblock-summary-path').allInnerTexts();
  const plain = shown.map((text) => text.replaceAll(/[\s\u200b]/g, ''));
  for (const { path } of ROUTES) expect(plain).toContain(path);
  if (process.env.SCREENSHOTS !== undefined) {
    await page.screenshot({ path: `${process.env.SCREENSHOTS}/docs.png` });
  }
  expect(complaints).toEqual([]);
  expect([...hosts]).toEqual([new URL(stack.url).host]);
});

it('creates a topic with the example that is shown', async () => {
  const { page, complaints } = await openDocs();
  const block = page.locator('#operations-Topics-createTopic');
  await block.locator('.opblock-summary').click();
  await block.locator('button.try-out__btn').click();
  await block.locator('button.execute').click();
  await block.locator('.live-responses-table .response-col_status').first().waitFor();
  if (process.env.SCREENSHOTS !== undefined) {
    await page.screenshot({ path: `${process.env.SCREENSHOTS}/try.png` });
  }
  const told = await block.locator('.live-responses-table').innerText();
  expect(told).toContain('201');
  const topic = await fetch(`${stack.url}/topics/orders`);
  expect(await topic.json()).toMatchObject({ name: 'orders', partitions: { length: 6 } });
  expect(complaints).toEqual([]);
});
