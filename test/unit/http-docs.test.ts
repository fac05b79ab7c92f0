/** The page at `/docs` and its files, over every surface: all fit an answer, and nothing else is there. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DOCS_ASSETS } from '../../lib/http/docs-assets.ts';
import { escapedBytes, MAX_ENCODED_BODY_BYTES } from '../../lib/http/payload.ts';
import { type LocalStack, startLocal } from '../../lib/local/start.ts';
import { surfaces } from '../local/surfaces.ts';

let stack: LocalStack;
beforeAll(async () => {
  stack = await startLocal({ httpPort: 0 });
});
afterAll(() => stack.close());

describe.each(surfaces(() => stack.port))('over %s', (_name, send) => {
  it('has a page that may load nothing from elsewhere', async () => {
    const { status, headers, body } = await send({ method: 'GET', path: '/docs' });
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
    const linked = [...body.toString().matchAll(/(?:src|href)="docs\/([^"]+)"/g)];
    expect(linked.map(([, name]) => name).sort()).toEqual(
      ['start.js', ...DOCS_ASSETS.keys()].sort(),
    );
  });

  it.each(['start.js', ...DOCS_ASSETS.keys()])('has its file %s', async (name) => {
    const { status, headers, body } = await send({ method: 'GET', path: `/docs/${name}` });
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^text\/(javascript|css); charset=utf-8$/);
    expect(body.length).toBeGreaterThan(100);
    expect(escapedBytes(body.toString())).toBeLessThan(MAX_ENCODED_BODY_BYTES);
  });

  it.each(['nope.js', '__proto__', 'package.json', '..', '%2e%2e'])(
    'has no file %s',
    async (name) => {
      const { status, json } = await send({ method: 'GET', path: `/docs/${name}` });
      expect([status, json.code]).toEqual([404, 'INVALID_REQUEST']);
      expect(json.detail).toContain('its files are start.js, swagger-ui-bundle.js, swagger-ui.css');
    },
  );
});
