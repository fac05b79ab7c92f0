/** Every verb beyond produce and fetch, over every surface: what it does and what it tells. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterDescription } from '../../lib/http/schemas/cluster.ts';
import { commitOffsetsResponse, fetchOffsetsResponse } from '../../lib/http/schemas/group.ts';
import { deleteRecordsResponse, listOffsetsResponse } from '../../lib/http/schemas/offsets.ts';
import { producerIdentity } from '../../lib/http/schemas/producer.ts';
import { topicDescription } from '../../lib/http/schemas/topic.ts';
import { type LocalStack, startLocal } from '../../lib/local/start.ts';
import { groupSegment } from '../../lib/model/group-path.ts';
import { groupId } from '../../lib/model/ids.ts';
import { json, type Surface, surfaces } from '../local/surfaces.ts';

let stack: LocalStack;
let topics = 0;
const ways = surfaces(() => stack.port);
beforeAll(async () => {
  stack = await startLocal({ httpPort: 0 });
});
afterAll(() => stack.close());

const TIMES = [1_000, 3_000, 2_000];

/** A topic of two partitions, with three records in the first. */
const topicVia = async (via: Surface): Promise<string> => {
  topics += 1;
  const name = `verbs-${topics}`;
  await via({ method: 'POST', path: '/topics', ...json({ name, partitions: 2 }) });
  for (const timestamp of TIMES) {
    const records = [{ value: 'v', partition: 0, timestamp }];
    await via({ method: 'POST', path: `/topics/${name}/records`, ...json({ records }) });
  }
  return name;
};

describe.each(ways)('over %s', (_name, via) => {
  it('alters configs: sets some, resets others', async () => {
    const topic = await topicVia(via);
    const path = `/topics/${topic}/configs`;
    const alter = (body: unknown) => via({ method: 'PATCH', path, ...json(body) });
    const set = await alter({
      set: { 'max.message.bytes': 65_536, 'message.timestamp.type': 'LogAppendTime' },
    });
    expect(set.status).toBe(200);
    const reset = await alter({ reset: ['message.timestamp.type'] });
    const { configs } = topicDescription.parse(reset.json);
    const told = Object.fromEntries(configs.map((config) => [config.name, config]));
    expect(told['max.message.bytes']).toMatchObject({
      value: '65536',
      source: 'DYNAMIC_TOPIC_CONFIG',
    });
    expect(told['message.timestamp.type']).toMatchObject({
      value: 'CreateTime',
      source: 'DEFAULT_CONFIG',
    });
    const forEver = topicDescription.parse((await alter({ set: { 'retention.ms': -1 } })).json);
    expect(forEver.configs.at(-1)).toMatchObject({ name: 'retention.ms', value: '-1' });
  });

  it('adds partitions', async () => {
    const topic = await topicVia(via);
    const path = `/topics/${topic}/partitions`;
    const grown = await via({ method: 'POST', path, ...json({ partitions: 5 }) });
    expect(grown.status).toBe(200);
    expect(topicDescription.parse(grown.json).partitions).toHaveLength(5);
    const records = [{ value: 'v', partition: 4 }];
    const sent = await via({
      method: 'POST',
      path: `/topics/${topic}/records`,
      ...json({ records }),
    });
    expect(sent.json.records).toEqual([{ partition: 4, offset: 0 }]);
  });

  it.each([
    ['', [3, -1], [0, -1]],
    ['at=latest', [3, -1], [0, -1]],
    ['at=earliest', [0, -1], [0, -1]],
    ['at=max-timestamp', [1, 3_000], [-1, -1]],
    ['at=1001', [1, 3_000], [-1, -1]],
    ['at=1970-01-01T00:00:01Z', [0, 1_000], [-1, -1]],
    ['at=1970-01-01T01:00:03%2B01:00', [1, 3_000], [-1, -1]],
    ['at=3001', [-1, -1], [-1, -1]],
  ])('lists offsets: %s', async (query, first, second) => {
    const topic = await topicVia(via);
    const path = `/topics/${topic}/offsets`;
    const listed = await via({ method: 'GET', path, query });
    expect(listed.status).toBe(200);
    const { partitions } = listOffsetsResponse.parse(listed.json);
    const told = [first, second].map(([offset, timestamp], partition) => ({
      partition,
      offset,
      timestamp,
    }));
    expect(partitions).toEqual(told);
    const some = await via({ method: 'GET', path, query: `${query}&partitions=1,7` });
    expect(some.json.partitions).toMatchObject([
      told[1],
      { partition: 7, error: { code: 'UNKNOWN_TOPIC_OR_PARTITION' } },
    ]);
  });

  it('deletes records before an offset', async () => {
    const topic = await topicVia(via);
    const path = `/topics/${topic}/partitions/0/records`;
    const some = await via({ method: 'DELETE', path, query: 'before=2' });
    expect(deleteRecordsResponse.parse(some.json)).toEqual({ partition: 0, logStartOffset: 2 });
    const early = await via({ method: 'GET', path, query: 'offset=1' });
    expect([early.status, early.json.logStartOffset]).toEqual([416, 2]);
    const all = await via({ method: 'DELETE', path, query: 'before=latest' });
    expect(all.json).toEqual({ partition: 0, logStartOffset: 3 });
  });

  it('gives each producer an id of its own', async () => {
    const empty = await via({ method: 'POST', path: '/producers' });
    const given = await via({ method: 'POST', path: '/producers', ...json({}) });
    expect([empty.status, given.status]).toEqual([201, 201]);
    const ids = [empty, given].map((reply) => producerIdentity.parse(reply.json).producerId);
    expect(new Set(ids).size).toBe(2);
  });

  it('commits the offsets of a group and tells them', async () => {
    const topic = await topicVia(via);
    const group = groupSegment(groupId(`Rechnungen / ${topic}`));
    const path = `/groups/${group}/offsets`;
    expect((await via({ method: 'GET', path })).json).toEqual({ epoch: 0, offsets: [] });
    const committed = await via({
      method: 'POST',
      path,
      ...json({
        offsets: [
          { topic, partition: 0, offset: 2, metadata: 'ü', leaderEpoch: 0 },
          { topic, partition: 9, offset: 2 },
          { topic, partition: 1, offset: 0 },
        ],
      }),
    });
    expect(committed.status).toBe(200);
    expect(commitOffsetsResponse.parse(committed.json).offsets).toMatchObject([
      { topic, partition: 0 },
      { topic, partition: 9, error: { code: 'UNKNOWN_TOPIC_OR_PARTITION' } },
      { topic, partition: 1 },
    ]);
    const all = fetchOffsetsResponse.parse((await via({ method: 'GET', path })).json);
    expect(all).toEqual({
      epoch: 0,
      offsets: [
        { topic, partition: 0, offset: 2, metadata: 'ü', leaderEpoch: 0 },
        { topic, partition: 1, offset: 0, metadata: '', leaderEpoch: -1 },
      ],
    });
    const other = await via({ method: 'GET', path, query: 'topic=other' });
    expect(other.json.offsets).toEqual([]);
    const late = { epoch: 7, offsets: [{ topic, partition: 0, offset: 3 }] };
    expect((await via({ method: 'POST', path, ...json(late) })).status).toBeLessThan(500);
  });

  it('describes the installation', async () => {
    const reply = await via({ method: 'GET', path: '/cluster' });
    expect(clusterDescription.parse(reply.json)).toMatchObject({
      clusterId: expect.stringMatching(/^[\w-]{22}$/),
      maxBatchBytes: 4_194_304,
      maxRequestBytes: { encoded: 6_225_920, binary: 4_669_440, decoded: 16_777_216 },
    });
  });
});
