/**
 * The DynamoDB adapter where things go wrong: what is asked again and what is not, and what is believed.
 */
import { describe, expect, it } from 'vitest';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { absent, equals, set } from '../../lib/storage/algebra.ts';
import { dynamoClient } from '../../lib/storage/aws/clients.ts';
import { dynamoItems } from '../../lib/storage/aws/dynamo-items.ts';
import { ConditionFailed, StoreError } from '../../lib/storage/ports.ts';
import { type Answer, failure, scriptedDynamo } from '../support/scripted-dynamo.ts';

const key = { pk: 'P', sk: 'HEAD' };
const row = (sk: string, more: object = {}) => ({ pk: { S: 'P' }, sk: { S: sk }, ...more });
const update = { if: { free: absent('by') }, change: [set('by', 1)] };

const told = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StoreError);
  const { reason, effect, message } = error as StoreError;
  return { reason, effect, message };
};

const refusalOf = async (call: Promise<unknown>): Promise<ConditionFailed> => {
  const error = await call.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ConditionFailed);
  return error as ConditionFailed;
};

describe('a write', () => {
  it.each<readonly [string, Answer, object]>([
    ['throttled', failure('ThrottlingException'), { reason: 'throttled', effect: 'none' }],
    [
      'a server error',
      failure('InternalServerError', 500),
      { reason: 'unavailable', effect: 'unknown' },
    ],
    ['no answer', () => {}, { reason: 'timeout', effect: 'unknown' }],
    [
      'half an answer',
      (response) => {
        response.writeHead(200, { 'content-length': 1000 });
        response.write('{"Attributes":');
      },
      { reason: 'timeout', effect: 'unknown' },
    ],
    ['a reset', (response) => response.destroy(), { effect: 'unknown' }],
    [
      'a web page',
      (response) => response.writeHead(200).end('<html>Hello!</html>'),
      { reason: 'unavailable', effect: 'unknown' },
    ],
    [
      'a broken proxy',
      (response) => response.writeHead(502).end('<html>Bad Gateway</html>'),
      { reason: 'unavailable', effect: 'unknown' },
    ],
  ])('is sent once: %s', async (_, answer, expected) => {
    const { items, calls } = await scriptedDynamo(() => answer);
    expect(await told(items.update(key, update))).toMatchObject(expected);
    expect(await told(items.put({ ...key, a: 1 }))).toMatchObject(expected);
    expect(await told(items.delete(key))).toMatchObject(expected);
    expect(calls.map(({ verb }) => verb)).toEqual(['UpdateItem', 'PutItem', 'DeleteItem']);
  });

  it('to where nobody listens did not happen', async () => {
    const { endpoint } = await scriptedDynamo(() => ({ body: {} }));
    const elsewhere = dynamoClient({
      endpoint: endpoint.replace(/\d+$/, '1'),
      region: 'eu-north-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
    const items = dynamoItems({ client: elsewhere, table: 'the-table', runtime: systemRuntime });
    const error = await told(items.update(key, update));
    expect(error).toMatchObject({ reason: 'unavailable', effect: 'none' });
    expect(error.message).toMatch(/ECONNREFUSED.*AWS_ENDPOINT_URL/);
  });

  it('says where and what to do', async () => {
    const { items } = await scriptedDynamo(() => failure('ResourceNotFoundException'));
    const { reason, message } = await told(items.update(key, update));
    expect(reason).toBe('invalid');
    expect(message).toMatch(/update in the table the-table \(eu-north-1\): .*STRATALOG_TABLE/);
  });

  it('sends expressions whose names are placeholders', async () => {
    const { items, calls } = await scriptedDynamo(() => ({ body: { Attributes: row('HEAD') } }));
    await items.update(key, { if: { same: equals(['size', 'a.b'], 7) }, change: [set('x', [])] });
    expect(calls[0]!.input).toEqual({
      TableName: 'the-table',
      Key: row('HEAD'),
      ConditionExpression: '#0.#1 = :0',
      UpdateExpression: 'SET #2 = :1',
      ExpressionAttributeNames: { '#0': 'size', '#1': 'a.b', '#2': 'x' },
      ExpressionAttributeValues: { ':0': { N: '7' }, ':1': { L: [] } },
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
  });
});

describe('a refusal', () => {
  const refuse = (more: object = {}): Answer =>
    failure('ConditionalCheckFailedException', 400, more);

  it('tells the item that came with it, and reads nothing', async () => {
    const { items, calls } = await scriptedDynamo(() =>
      refuse({ Item: row('HEAD', { by: { N: '2' } }) }),
    );
    expect((await refusalOf(items.update(key, update))).item).toEqual({ ...key, by: 2 });
    expect(calls.length).toBe(1);
  });

  it('is followed by a strong read where the endpoint tells no item', async () => {
    const { items, calls } = await scriptedDynamo(({ verb }) =>
      verb === 'GetItem' ? { body: { Item: row('HEAD', { by: { N: '2' } }) } } : refuse(),
    );
    expect((await refusalOf(items.update(key, update))).item).toEqual({ ...key, by: 2 });
    expect((await refusalOf(items.put(key, update.if))).item).toEqual({ ...key, by: 2 });
    expect((await refusalOf(items.delete(key, update.if))).item).toEqual({ ...key, by: 2 });
    expect(calls.map(({ verb }) => verb)).toEqual([
      ...['UpdateItem', 'GetItem', 'PutItem', 'GetItem', 'DeleteItem', 'GetItem'],
    ]);
    expect(calls[1]!.input.ConsistentRead).toBe(true);
  });

  it('without an item means that there is none, once the endpoint has told one', async () => {
    const { items, calls } = await scriptedDynamo((_, n) =>
      refuse(n === 1 ? { Item: row('HEAD') } : {}),
    );
    await refusalOf(items.update(key, update));
    expect((await refusalOf(items.update(key, update))).item).toBeUndefined();
    expect(calls.length).toBe(2);
  });

  it('is of unknown effect when what there is cannot be read', async () => {
    const { items } = await scriptedDynamo(({ verb }) =>
      verb === 'GetItem' ? failure('AccessDeniedException') : refuse(),
    );
    expect(await told(items.update(key, update))).toMatchObject({
      reason: 'denied',
      effect: 'unknown',
    });
  });
});

describe('a read', () => {
  it.each([
    ['throttled', failure('ProvisionedThroughputExceededException')],
    ['a server error', failure('InternalServerError', 500)],
    ['a reset', (response) => response.destroy()],
  ] satisfies readonly (readonly [string, Answer])[])('is tried again: %s', async (_, answer) => {
    const { items, calls } = await scriptedDynamo((_call, n) =>
      n < 3 ? answer : { body: { Item: row('HEAD', { a: { N: '1' } }) } },
    );
    expect(await items.get(key)).toEqual({ ...key, a: 1 });
    expect(calls.length).toBe(3);
  });

  it('gives up, and nothing happened', async () => {
    const { items, calls } = await scriptedDynamo(() => failure('ThrottlingException'));
    expect(await told(items.get(key))).toMatchObject({ reason: 'throttled', effect: 'none' });
    expect(calls.length).toBeGreaterThan(1);
    expect(await told(items.getMany([key]))).toMatchObject({ reason: 'throttled', effect: 'none' });
    expect(await told(items.query('P', 'A', 'Z'))).toMatchObject({ reason: 'throttled' });
    expect(await told(items.due('seal', 1))).toMatchObject({ reason: 'throttled' });
  });

  it('is not tried again when that cannot help, or nothing was heard for long', async () => {
    const denied = await scriptedDynamo(() => failure('AccessDeniedException'));
    expect(await told(denied.items.get(key))).toMatchObject({ reason: 'denied', effect: 'none' });
    expect(denied.calls.length).toBe(1);
    const silent = await scriptedDynamo(() => () => {});
    expect(await told(silent.items.get(key))).toMatchObject({ reason: 'timeout', effect: 'none' });
    expect(silent.calls.length).toBe(1);
  });

  it('of many asks for each key once, and again for what was not processed', async () => {
    const { items, calls } = await scriptedDynamo(({ input }, n) => {
      const { Keys } = input.RequestItems['the-table'];
      const done = n === 1 ? Keys.slice(0, 1) : Keys;
      const left = Keys.slice(done.length);
      return {
        body: {
          Responses: { 'the-table': done.map((one: object) => ({ ...one, n: { N: String(n) } })) },
          UnprocessedKeys: left.length === 0 ? {} : { 'the-table': { Keys: left } },
        },
      };
    });
    const [a, b] = [key, { ...key, sk: 'LOG' }];
    const found = await items.getMany([a, b, a], { consistent: false });
    expect(found.map((item) => item?.n)).toEqual([1, 2, 1]);
    const asked = calls.map(({ input }) => input.RequestItems['the-table']);
    expect(asked).toEqual([
      { Keys: [row('HEAD'), row('LOG')], ConsistentRead: false },
      { Keys: [row('LOG')], ConsistentRead: false },
    ]);
  });

  it('of many ends although nothing is ever processed', async () => {
    const { items } = await scriptedDynamo(({ input }) => ({
      body: { Responses: {}, UnprocessedKeys: input.RequestItems },
    }));
    expect(await told(items.getMany([key]))).toMatchObject({ reason: 'throttled', effect: 'none' });
  });

  it('goes on over empty pages', async () => {
    const { items } = await scriptedDynamo((_, n) => ({
      body:
        n < 3
          ? { Items: [], LastEvaluatedKey: row(`LOG${n}`) }
          : { Items: [row('LOG7'), row('LOG8')] },
    }));
    expect(await items.query('P', 'A', 'Z', { limit: 2 })).toHaveLength(2);
  });

  it.each([
    ['a set', { SS: ['a'] }],
    ['null', { NULL: true }],
    ['a fraction', { N: '1.5' }],
    ['a large number', { N: '9007199254740993' }],
    ['a prototype', { M: JSON.parse('{"__proto__":{"N":"1"}}') }],
  ])('tells what is never written as damage: %s', async (_, value) => {
    const { items } = await scriptedDynamo(() => ({ body: { Item: row('HEAD', { odd: value }) } }));
    const { reason, message } = await told(items.get(key));
    expect(reason).toBe('corrupt');
    expect(message).toMatch(/item\.odd/);
  });
});
