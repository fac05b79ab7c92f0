/**
 * Requests to every route, as they should be.
 */
import { groupSegment } from '../../lib/model/group-path.ts';
import { encodeBatch } from '../../lib/record/encode.ts';
import { BATCHES_MEDIA_TYPE, encodeFrames } from '../../lib/record/frames.ts';
import type { RecordInput } from '../../lib/record/record.ts';
import { json, type Request } from '../local/surfaces.ts';
import type { Chance } from './chance.ts';
import { GROUP, ORDERS, OTHERS, PRODUCER_ID } from './world.ts';

const TOPICS = [ORDERS, ORDERS, OTHERS, 'unknown', 'new'] as const;
const OFFSETS = [0, 1, 5, 40, 46, 47, 'earliest', 'latest'] as const;

const some = <T>(chance: Chance, most: number, make: () => T): T[] =>
  Array.from({ length: chance.between(1, most) }, make);

/** `name=value` of those that the dice leave in. */
const query = (
  chance: Chance,
  parameters: Readonly<Record<string, string | number>>,
): Pick<Request, 'query'> => ({
  query: Object.entries(parameters)
    .filter(() => chance.flip(0.6))
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&'),
});

const text = (chance: Chance): string | { base64: string } | null =>
  chance.pick(['', 'a', 'ünïcode \u{1f600}', { base64: 'AP8=' }, null, 'x'.repeat(300)]);

const recordJson = (chance: Chance): object => ({
  value: text(chance),
  ...(chance.flip() ? { key: text(chance) } : {}),
  ...(chance.flip(0.3) ? { timestamp: chance.pick([-1, 0, 1_700_000_000_000]) } : {}),
  ...(chance.flip(0.3) ? { partition: chance.below(3) } : {}),
  ...(chance.flip(0.3) ? { headers: chance.pick([{ h: 'v' }, [['h', null]], {}]) } : {}),
});

/** Batches that decode: what is answered to readers later depends on it. */
const batches = (chance: Chance): Uint8Array => {
  const records: RecordInput[] = some(chance, 3, () => ({
    value: chance.bytes(chance.below(40)),
    timestamp: 1_700_000_000_000,
  }));
  const producer = {
    producerId: PRODUCER_ID,
    producerEpoch: 0,
    baseSequence: chance.pick([46, 45, 0]),
  };
  return encodeBatch(records, chance.flip(0.3) ? { producer } : {});
};

const CONFIGS = [
  {},
  { 'retention.ms': '1000' },
  { 'max.message.bytes': '2000' },
  { 'message.timestamp.type': 'LogAppendTime' },
] as const;

const records = (topic: string) => `/topics/${topic}/records`;

const ROUTES: readonly ((chance: Chance, topic: string) => Request)[] = [
  (chance) => ({
    method: 'POST',
    path: '/topics',
    ...json({
      name: chance.pick(TOPICS),
      partitions: chance.between(1, 3),
      configs: chance.pick(CONFIGS),
    }),
  }),
  (chance) => ({ method: 'GET', path: '/topics', ...query(chance, { after: 'orders', limit: 2 }) }),
  (_chance, topic) => ({ method: 'GET', path: `/topics/${topic}` }),
  (_chance, topic) => ({ method: 'DELETE', path: `/topics/${topic}` }),
  (chance, topic) => ({
    method: 'PATCH',
    path: `/topics/${topic}/configs`,
    ...json({ set: chance.pick(CONFIGS), reset: chance.pick([[], ['retention.ms']]) }),
  }),
  (chance, topic) => ({
    method: 'POST',
    path: `/topics/${topic}/partitions`,
    ...json({ partitions: chance.between(1, 5) }),
  }),
  (chance, topic) => ({
    method: 'GET',
    path: `/topics/${topic}/offsets`,
    ...query(chance, {
      at: chance.pick(['earliest', 'latest', 'max-timestamp', 5]),
      partitions: '0,2',
    }),
  }),
  (chance, topic) => ({
    method: 'POST',
    path: records(topic),
    ...query(chance, { partition: 0, expectedEnd: 46 }),
    ...json({ records: some(chance, 3, () => recordJson(chance)) }),
  }),
  (chance, topic) => ({
    method: 'POST',
    path: records(topic),
    ...query(chance, { partition: 1, producerId: PRODUCER_ID, producerEpoch: 0, baseSequence: 6 }),
    headers: { 'content-type': 'application/x-ndjson' },
    body: some(chance, 3, () => `${JSON.stringify(recordJson(chance))}\n`).join(''),
  }),
  (chance, topic) => ({
    method: 'POST',
    path: records(topic),
    ...query(chance, { partition: chance.below(3), expectedEnd: 46 }),
    headers: { 'content-type': BATCHES_MEDIA_TYPE },
    body: batches(chance),
  }),
  (chance, topic) => ({
    method: 'POST',
    path: records(topic),
    headers: { 'content-type': BATCHES_MEDIA_TYPE },
    body: encodeFrames(
      some(chance, 3, () => ({
        partition: chance.below(3),
        ...(chance.flip(0.3) ? { meta: { expectedEnd: chance.pick([0, 6, 46]) } } : {}),
        batches: [batches(chance)],
      })),
    ),
  }),
  (chance, topic) => {
    const asked = {
      partitions: some(chance, 3, () => ({
        partition: chance.below(3),
        offset: chance.pick(OFFSETS),
      })),
      ...(chance.flip() ? { maxBytes: chance.pick([1, 1_000]), minBytes: 1, maxWaitMs: 0 } : {}),
    };
    const { body, headers } = json(asked);
    const accept = chance.pick(['application/json', BATCHES_MEDIA_TYPE, '*/*']);
    return {
      method: 'POST',
      path: `/topics/${topic}/fetch`,
      body: body!,
      headers: { ...headers, accept },
    };
  },
  (chance, topic) => ({
    method: 'GET',
    path: `/topics/${topic}/partitions/${chance.below(3)}/records`,
    headers: { accept: chance.pick(['application/json', BATCHES_MEDIA_TYPE]) },
    ...query(chance, { offset: chance.pick(OFFSETS), maxBytes: 500, maxWaitMs: 0 }),
  }),
  (chance, topic) => ({
    method: 'DELETE',
    path: `/topics/${topic}/partitions/${chance.below(3)}/records`,
    query: `before=${chance.pick([1, 5, 46, 'latest'])}`,
  }),
  () => ({ method: 'POST', path: '/producers' }),
  (chance) => ({
    method: 'POST',
    path: `/groups/${groupSegment(GROUP)}/offsets`,
    ...json({
      offsets: some(chance, 2, () => ({
        topic: chance.pick(TOPICS),
        partition: chance.below(3),
        offset: chance.pick([0, 5, 46]),
        ...(chance.flip(0.3) ? { metadata: 'note', leaderEpoch: 0 } : {}),
      })),
      ...(chance.flip(0.3) ? { epoch: chance.pick([0, 4]) } : {}),
    }),
  }),
  (chance) => ({
    method: 'GET',
    path: `/groups/${groupSegment(GROUP)}/offsets`,
    ...query(chance, { topic: chance.pick(TOPICS) }),
  }),
  (chance) => ({
    method: 'GET',
    path: chance.pick(['/cluster', '/health', '/openapi.json', '/docs', '/docs/nothing.js']),
  }),
];

/** A request that some route takes. */
export const anyRequest = (chance: Chance): Request =>
  chance.pick(ROUTES)(chance, chance.pick(TOPICS));
