/** What a caller can get wrong about changes, offsets and groups: the code, the status, and what to do. */
import { afterAll, beforeAll, describe, it } from 'vitest';
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

type Case = readonly [name: string, request: Request, status: number, code: string, detail: RegExp];

const alter = (body: unknown, topic = 't'): Request => ({
  method: 'PATCH',
  path: `/topics/${topic}/configs`,
  ...json(body),
});
const grow = (partitions: unknown): Request => ({
  method: 'POST',
  path: '/topics/t/partitions',
  ...json({ partitions }),
});
const offsets = (query: string): Request => ({ method: 'GET', path: '/topics/t/offsets', query });
const trim = (query: string, partition = '0'): Request => ({
  method: 'DELETE',
  path: `/topics/t/partitions/${partition}/records`,
  query,
});
const group = (name: string): Request => ({ method: 'GET', path: `/groups/${name}/offsets` });
const commit = (body: unknown): Request => ({
  method: 'POST',
  path: '/groups/g/offsets',
  ...json(body),
});
const one = (fields: object) => commit({ offsets: [{ topic: 't', partition: 0, ...fields }] });

const CHANGES: readonly Case[] = [
  ['an alter of nothing', alter({}), 400, 'INVALID_REQUEST', /names no config/],
  [
    'an alter that contradicts itself',
    alter({ set: { 'max.message.bytes': 1_000 }, reset: ['max.message.bytes'] }),
    400,
    'INVALID_REQUEST',
    /max\.message\.bytes is both to be set and to be reset/,
  ],
  [
    'an alter to what is not legal',
    alter({ set: { 'max.message.bytes': 8_388_608 } }),
    400,
    'INVALID_CONFIG',
    /"8388608"; it takes a whole number from 100 to 4194304/,
  ],
  ['an unknown config, set', alter({ set: { a: 1 } }), 400, 'INVALID_CONFIG', /config "a"/],
  ['an unknown config, reset', alter({ reset: ['a'] }), 400, 'INVALID_CONFIG', /"a"/],
  [
    'a config that JavaScript would lose',
    { ...alter({}), body: '{"set":{"__proto__":"x"}}' },
    400,
    'INVALID_CONFIG',
    /__proto__/,
  ],
  [
    'a config that is a list',
    alter({ set: { 'max.message.bytes': [1] } }),
    400,
    'INVALID_REQUEST',
    /must be a string, a number or a boolean; it is \[1\]/,
  ],
  [
    'names to reset that are no list',
    alter({ reset: 'max.message.bytes' }),
    400,
    'INVALID_REQUEST',
    /reset must be an array of config names.*it is "max\.message\.bytes"/,
  ],
  ['an unknown field', alter({ configs: {} }), 400, 'INVALID_REQUEST', /unknown field "configs"/],
  [
    'another media type',
    { ...alter({}), headers: { 'content-type': 'text/plain' } },
    415,
    'INVALID_REQUEST',
    /takes application\/json, not "text\/plain"/,
  ],
  [
    'an alter of an unknown topic',
    alter({ reset: ['max.message.bytes'] }, 'nope'),
    404,
    'UNKNOWN_TOPIC_OR_PARTITION',
    /nope/,
  ],
  ['fewer partitions', grow(1), 400, 'INVALID_PARTITIONS', /has 2 partitions, and 1 in all/],
  ['as many partitions', grow(2), 400, 'INVALID_PARTITIONS', /only ever added/],
  ['too many partitions', grow(10_001), 400, 'INVALID_PARTITIONS', /1 to 10000/],
  [
    'partitions in words',
    grow('three'),
    400,
    'INVALID_REQUEST',
    /partitions must be a whole number; it is "three"/,
  ],
  [
    'a producer that asks for something',
    { method: 'POST', path: '/producers', ...json({ transactionalId: 'x' }) },
    400,
    'INVALID_REQUEST',
    /unknown field "transactionalId"/,
  ],
];

const OFFSETS: readonly Case[] = [
  ['a time in words', offsets('at=noon'), 400, 'INVALID_REQUEST', /at must be earliest.*"noon"/],
  ['a negative time', offsets('at=-1'), 400, 'INVALID_REQUEST', /at must be/],
  ['a day that is none', offsets('at=2026-02-30T00:00:00Z'), 400, 'INVALID_REQUEST', /at must/],
  [
    'a time without a zone',
    offsets('at=2026-01-01T00:00:00'),
    400,
    'INVALID_REQUEST',
    /a time with its zone such as/,
  ],
  [
    'a time whose + became a blank',
    offsets('at=2026-01-01T00:00:00+01:00'),
    400,
    'INVALID_REQUEST',
    /write a \+ as %2B/,
  ],
  ['no partitions', offsets('partitions='), 400, 'INVALID_REQUEST', /joined by commas/],
  ['a partition twice', offsets('partitions=1,1'), 400, 'INVALID_REQUEST', /different partition/],
  ['a partition in words', offsets('partitions=a'), 400, 'INVALID_REQUEST', /it is "a"/],
  [
    'unknown partitions only',
    offsets('partitions=8,9'),
    404,
    'UNKNOWN_TOPIC_OR_PARTITION',
    /partition 8/,
  ],
  [
    'offsets of an unknown topic',
    { method: 'GET', path: '/topics/nope/offsets' },
    404,
    'UNKNOWN_TOPIC_OR_PARTITION',
    /nope/,
  ],
  ['no offset to delete before', trim(''), 400, 'INVALID_REQUEST', /before must be.*is missing/],
  ['a negative offset to delete before', trim('before=-1'), 400, 'INVALID_REQUEST', /"-1"/],
  ['an offset beyond the end', trim('before=9'), 416, 'OFFSET_OUT_OF_RANGE', /9/],
  ['an unknown partition', trim('before=0', '7'), 404, 'UNKNOWN_TOPIC_OR_PARTITION', /7/],
  ['a partition in words', trim('before=0', 'x'), 400, 'INVALID_REQUEST', /partition must be/],
];

const GROUPS: readonly Case[] = [
  ['a blank as %20', group('a%20b'), 400, 'INVALID_GROUP_ID', /"~20" for a blank/],
  ['a letter written in hex', group('~41'), 400, 'INVALID_GROUP_ID', /one spelling is "A"/],
  ['hex in lower case', group('a~2fb'), 400, 'INVALID_GROUP_ID', /upper-case/],
  ['dots', group('..'), 400, 'INVALID_GROUP_ID', /one spelling is "~2E~2E"/],
  ['encoded dots', group('%2e'), 400, 'INVALID_GROUP_ID', /~2E/],
  ['bytes that are no UTF-8', group('~FF'), 400, 'INVALID_GROUP_ID', /UTF-8/],
  [
    'a topic that none can have',
    { ...group('g'), query: 'topic=a/b' },
    400,
    'INVALID_TOPIC_EXCEPTION',
    /other than/,
  ],
  ['no offsets', commit({ offsets: [] }), 400, 'INVALID_REQUEST', /at least one offset/],
  [
    'too many offsets',
    commit({ offsets: Array(1_001).fill({ topic: 't', partition: 0, offset: 0 }) }),
    400,
    'INVALID_REQUEST',
    /at most 1000 offsets/,
  ],
  [
    'an offset twice',
    commit({ offsets: Array(2).fill({ topic: 't', partition: 0, offset: 0 }) }),
    400,
    'INVALID_REQUEST',
    /t/,
  ],
  ['a negative offset', one({ offset: -1 }), 400, 'INVALID_REQUEST', /offsets\[0\]\.offset must/],
  ['no offset', one({}), 400, 'INVALID_REQUEST', /offsets\[0\]\.offset.*is missing/],
  [
    'metadata that is no text',
    one({ offset: 0, metadata: 7 }),
    400,
    'INVALID_REQUEST',
    /metadata must be a string; it is 7/,
  ],
  [
    'too much metadata',
    one({ offset: 0, metadata: 'x'.repeat(5_000) }),
    400,
    'OFFSET_METADATA_TOO_LARGE',
    /4096/,
  ],
  [
    'an unknown topic',
    commit({ offsets: [{ topic: 'nope', partition: 0, offset: 0 }] }),
    404,
    'UNKNOWN_TOPIC_OR_PARTITION',
    /nope/,
  ],
  ['a negative epoch', commit({ epoch: -1, offsets: [] }), 400, 'INVALID_REQUEST', /must/],
];

describe.each(surfaces(() => stack.port))('over %s', (_surface, send) => {
  it.each([...CHANGES, ...OFFSETS, ...GROUPS])(
    '%s',
    async (_name, request, status, code, detail) => {
      const reply = await send(request);
      expectProblem(reply, status, code, detail, 500);
    },
  );
});
