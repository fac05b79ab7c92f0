/** Everything a caller can get wrong about topics and reading: the right code, the right status, and what to do about it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalStack, startLocal } from '../../lib/local/start.ts';
import { json, type Request, surfaces } from '../local/surfaces.ts';
import { expectProblem } from '../support/problem.ts';

let stack: LocalStack;
beforeAll(async () => {
  stack = await startLocal({ httpPort: 0 });
  const [, send] = surfaces(() => stack.port)[0]!;
  await send({ method: 'POST', path: '/topics', ...json({ name: 't', partitions: 2 }) });
});
afterAll(() => stack.close());

const create = (value: unknown): Request => ({ method: 'POST', path: '/topics', ...json(value) });

const get = (path: string, query?: string): Request => ({
  method: 'GET',
  path,
  ...(query === undefined ? {} : { query }),
});

const partition0 = '/topics/t/partitions/0/records';

const CASES: readonly (readonly [string, Request, number, string, RegExp])[] = [
  ['an unknown path', get('/nothing'), 404, 'INVALID_REQUEST', /The paths are \/topics/],
  [
    'a wrong method',
    { method: 'PATCH', path: '/topics/t' },
    405,
    'INVALID_REQUEST',
    /takes GET, DELETE/,
  ],
  [
    'a method that fetch itself forbids',
    { method: 'TRACE', path: '/topics/t' },
    405,
    'INVALID_REQUEST',
    /takes GET, DELETE, not TRACE/,
  ],
  ['an unknown topic, described', get('/topics/nope'), 404, 'UNKNOWN_TOPIC_OR_PARTITION', /nope/],
  [
    'an unknown topic, deleted',
    { method: 'DELETE', path: '/topics/nope' },
    404,
    'UNKNOWN_TOPIC_OR_PARTITION',
    /nope/,
  ],
  [
    'an unknown topic, read',
    get('/topics/nope/partitions/0/records'),
    404,
    'UNKNOWN_TOPIC_OR_PARTITION',
    /nope/,
  ],
  [
    'an unknown partition, read',
    get('/topics/t/partitions/2/records'),
    404,
    'UNKNOWN_TOPIC_OR_PARTITION',
    /partition 2/,
  ],
  [
    'a partition that is no number',
    get('/topics/t/partitions/x/records'),
    400,
    'INVALID_REQUEST',
    /partition must be a whole number/,
  ],
  ['a topic created twice', create({ name: 't' }), 409, 'TOPIC_ALREADY_EXISTS', /t/],
  [
    'a topic name with a blank',
    create({ name: 'a b' }),
    400,
    'INVALID_TOPIC_EXCEPTION',
    /other than/,
  ],
  ['a topic name of dots', create({ name: '..' }), 400, 'INVALID_TOPIC_EXCEPTION', /must not be/],
  [
    'a topic name that climbs',
    create({ name: '../x' }),
    400,
    'INVALID_TOPIC_EXCEPTION',
    /other than/,
  ],
  [
    'a topic name that is too long',
    create({ name: 'x'.repeat(250) }),
    400,
    'INVALID_TOPIC_EXCEPTION',
    /250 characters/,
  ],
  ['an empty topic name', create({ name: '' }), 400, 'INVALID_TOPIC_EXCEPTION', /is empty/],
  ['a path of dots', get('/topics/..'), 400, 'INVALID_TOPIC_EXCEPTION', /must not be/],
  ['a path of encoded dots', get('/topics/%2e%2e'), 400, 'INVALID_TOPIC_EXCEPTION', /must not be/],
  ['a path with a blank', get('/topics/a%20b'), 400, 'INVALID_TOPIC_EXCEPTION', /other than/],
  [
    'a path that climbs out of a topic',
    get('/topics/../../etc/passwd'),
    404,
    'INVALID_REQUEST',
    /nothing at/,
  ],
  ['no partitions', create({ name: 'n', partitions: 0 }), 400, 'INVALID_PARTITIONS', /1 to 10000/],
  [
    'too many partitions',
    create({ name: 'n', partitions: 10_001 }),
    400,
    'INVALID_PARTITIONS',
    /1 to 10000/,
  ],
  [
    'partitions of another type',
    create({ name: 'n', partitions: '3' }),
    400,
    'INVALID_REQUEST',
    /partitions must be a whole number; it is "3"/,
  ],
  [
    'an unknown field',
    create({ name: 'n', partition: 3 }),
    400,
    'INVALID_REQUEST',
    /unknown field "partition"/,
  ],
  [
    'an unknown config',
    create({ name: 'n', configs: { 'max.bytes': 1 } }),
    400,
    'INVALID_CONFIG',
    /max\.bytes/,
  ],
  [
    'a config that JavaScript would lose',
    { ...create({}), body: '{"name":"n","configs":{"__proto__":"x"}}' },
    400,
    'INVALID_CONFIG',
    /__proto__/,
  ],
  [
    'a config out of range',
    create({ name: 'n', configs: { 'max.message.bytes': '1' } }),
    400,
    'INVALID_CONFIG',
    /takes a whole number/,
  ],
  ['an offset beyond the end', get(partition0, 'offset=5000'), 416, 'OFFSET_OUT_OF_RANGE', /5000/],
  [
    'an offset that is none',
    get(partition0, 'offset=-1'),
    400,
    'INVALID_REQUEST',
    /offset must be an offset/,
  ],
  [
    'an offset in words',
    get(partition0, 'offset=soon'),
    400,
    'INVALID_REQUEST',
    /"earliest" or "latest"; it is "soon"/,
  ],
  [
    'too long a wait',
    get(partition0, 'maxWaitMs=999999'),
    400,
    'INVALID_REQUEST',
    /maxWaitMs must be a whole number from 0 to 20000/,
  ],
  ['an unknown parameter', get(partition0, 'ofset=1'), 400, 'INVALID_REQUEST', /ofset/],
  [
    'a fetch of nothing',
    { method: 'POST', path: '/topics/t/fetch', ...json({ partitions: [] }) },
    400,
    'INVALID_REQUEST',
    /at least one partition/,
  ],
  [
    'an offset too large to be exact',
    {
      method: 'POST',
      path: '/topics/t/fetch',
      ...json({}),
      body: '{"partitions":[{"partition":0,"offset":9007199254740993}]}',
    },
    400,
    'INVALID_REQUEST',
    /offset must be an offset \(a whole.*"latest"; it is beyond 9007199254740991\.$/,
  ],
  [
    'partitions beyond every number',
    { ...create({}), body: '{"name":"n","partitions":-1e999}' },
    400,
    'INVALID_REQUEST',
    /partitions must be a whole number; it is beyond -9007199254740991\.$/,
  ],
  [
    'a fetch beyond the end',
    {
      method: 'POST',
      path: '/topics/t/fetch',
      ...json({ partitions: [{ partition: 0, offset: 9999 }] }),
    },
    416,
    'OFFSET_OUT_OF_RANGE',
    /9999/,
  ],
];

describe.each(surfaces(() => stack.port))('over %s', (_surface, send) => {
  it.each(CASES)('%s', async (_name, request, status, code, detail) => {
    const reply = await send(request);
    expectProblem(reply, status, code, detail);
    if (status === 405) expect(reply.headers.allow).toBe('GET, DELETE');
  });
});
