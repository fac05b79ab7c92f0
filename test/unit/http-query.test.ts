/** Query strings: what is unknown or said twice is refused, on every route alike. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROUTES } from '../../lib/http/routes.ts';
import { type LocalStack, startLocal } from '../../lib/local/start.ts';
import { viaServer } from '../local/surfaces.ts';

let stack: LocalStack;
beforeAll(async () => {
  stack = await startLocal({ httpPort: 0 });
});
afterAll(() => stack.close());

const ask = async (method: string, path: string, query: string) => {
  const { status, json } = await viaServer(stack.port)({ method, path, query });
  return { status, detail: json.detail };
};

describe.each(ROUTES)('$name', ({ method, path: template }) => {
  it('names a parameter that it does not take', async () => {
    const path = template.replace('{partition}', '0').replaceAll(/[{}]/g, '');
    const { status, detail } = await ask(method, path, 'foo=1');
    expect(status).toBe(400);
    expect(detail).toMatch(
      /^The query has no parameter "foo"; it takes (no parameters|\w+(, \w+)*)\.$/,
    );
  });
});

it('names the parameters that there are', async () => {
  const { detail } = await ask('GET', '/topics', 'foo=1');
  expect(detail).toBe('The query has no parameter "foo"; it takes after, limit.');
});

it('refuses a name of the language as any other', async () => {
  const { status, detail } = await ask('GET', '/topics', '__proto__=1');
  expect([status, detail]).toEqual([400, expect.stringContaining('no parameter "__proto__"')]);
});

it('refuses to choose between two values', async () => {
  const path = '/topics/t/partitions/0/records';
  expect(await ask('GET', path, 'offset=3&offset=1')).toEqual({
    status: 400,
    detail: 'The query has the parameter offset more than once; send it once.',
  });
});
