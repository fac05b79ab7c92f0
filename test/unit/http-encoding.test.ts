/** Text that has no UTF-8, and names that JavaScript treats as its own. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handler as produceHandler } from '../../functions/produce.ts';
import { type LocalStack, startLocal } from '../../lib/local/start.ts';
import { json, surfaces } from '../local/surfaces.ts';

let stack: LocalStack;
beforeAll(async () => {
  stack = await startLocal({ httpPort: 0 });
  const [, send] = surfaces(() => stack.port)[0]!;
  await send({ method: 'POST', path: '/topics', ...json({ name: 't' }) });
});
afterAll(() => stack.close());

it('refuses an event whose text has half of a surrogate pair', async () => {
  const body = '{"records":[{"value":"\ud800"}]}';
  const answer = await produceHandler(
    { method: 'POST', path: '/topics/t/records', body },
    { awsRequestId: 'test' },
  );
  expect(answer).toMatchObject({ status: 400, body: expect.stringMatching(/is not text/) });
});

it('takes base64 with padding, and nothing that only looks like it', async () => {
  const legal = /^[A-Za-z0-9+/]*={0,2}$/;
  const digits = fc.string({ unit: fc.constantFrom(...'AZaz09+/=-_ \n.éŁ'), maxLength: 9 });
  const real = fc
    .uint8Array({ minLength: 1 })
    .map((bytes) => Buffer.from(bytes).toString('base64'));
  await fc.assert(
    fc.asyncProperty(fc.oneof(digits, real), async (body) => {
      fc.pre(body !== '');
      const event = { method: 'POST', path: '/topics/t/records', body, isBase64Encoded: true };
      const answer = (await produceHandler(event, { awsRequestId: 'test' })) as { body: string };
      const isRefused = answer.body.includes('claims to be base64 and is not');
      expect(isRefused).toBe(!(legal.test(body) && body.length % 4 === 0));
    }),
  );
});

it('leaves out a byte order mark, however the body came', async () => {
  const body = '\ufeff{"records":[{"value":"marked"}]}';
  const event = { method: 'POST', path: '/topics/t/records' };
  const bytes = { body: Buffer.from(body).toString('base64'), isBase64Encoded: true };
  for (const sent of [{ body }, bytes]) {
    const answer = await produceHandler({ ...event, ...sent }, { awsRequestId: 'test' });
    expect(answer).toMatchObject({ status: 200 });
  }
});

describe.each(surfaces(() => stack.port))('over %s', (_surface, send) => {
  it('keeps a header named __proto__', async () => {
    const body = '{"records":[{"value":"a","headers":{"a":"1","__proto__":"x"}}]}';
    const sent = await send({ method: 'POST', path: '/topics/t/records', ...json({}), body });
    const { offset } = sent.json.records[0];
    const query = `offset=${offset}`;
    const read = await send({ method: 'GET', path: '/topics/t/partitions/0/records', query });
    expect(Object.entries(read.json.records[0].headers)).toEqual([
      ['a', '1'],
      ['__proto__', 'x'],
    ]);
  });

  it('keeps the order of headers whose names are numbers', async () => {
    const headers = [
      ['2', 'second'],
      ['1', 'first'],
    ];
    const records = [{ value: 'a', headers }];
    const sent = await send({ method: 'POST', path: '/topics/t/records', ...json({ records }) });
    const query = `offset=${sent.json.records[0].offset}`;
    const read = await send({ method: 'GET', path: '/topics/t/partitions/0/records', query });
    expect(read.json.records[0].headers).toEqual(headers);
  });
});
