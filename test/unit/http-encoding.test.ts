/** Text that has no UTF-8, and names that JavaScript treats as its own. */
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
