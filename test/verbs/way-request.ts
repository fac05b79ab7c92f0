/** The ways of HTTP: a call as a request, its reply as an answer. */
import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { TopicDescription } from '../../lib/broker/api.ts';
import { groupSegment } from '../../lib/model/group-path.ts';
import type { GroupId } from '../../lib/model/ids.ts';
import { splitBatches } from '../../lib/record/batches.ts';
import { BATCHES_MEDIA_TYPE, decodeFrames, encodeFrames } from '../../lib/record/frames.ts';
import { json, type Reply, type Request, type Surface } from '../local/surfaces.ts';
import {
  type Answer,
  failureOf,
  fetchedAnswer,
  type ReadRecord,
  recordsFrom,
  together,
  topicAnswer,
} from './answers.ts';
import { shareBytes } from './batches.ts';
import { type Bytes, bytesOf, type CallOf, type RecordSpec, textOf, type Verb } from './calls.ts';
import type { Way } from './way-direct.ts';

// ── records in JSON ──────────────────────────────────────────────────────────────────────────────

const bytesJson = (bytes: Bytes): unknown => {
  const buffer = bytesOf(bytes);
  if (buffer === null) return null;
  return isUtf8(buffer) ? buffer.toString() : { base64: buffer.toString('base64') };
};

const bytesTold = (told: string | { readonly base64: string } | null): Bytes =>
  told === null
    ? null
    : textOf(typeof told === 'string' ? Buffer.from(told) : Buffer.from(told.base64, 'base64'));

type BytesTold = Parameters<typeof bytesTold>[0];

interface RecordTold {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: BytesTold;
  readonly value: BytesTold;
  readonly headers: Record<string, BytesTold> | [string, BytesTold][];
}

const recordTold = ({ offset, timestamp, key, value, headers }: RecordTold): ReadRecord => ({
  offset,
  timestamp,
  key: bytesTold(key),
  value: bytesTold(value),
  headers: (Array.isArray(headers) ? headers : Object.entries(headers)).map(
    ([name, bytes]) => [name, bytesTold(bytes)] as const,
  ),
});

const recordJson = (record: RecordSpec): object => ({
  ...record,
  key: bytesJson(record.key),
  value: bytesJson(record.value),
  headers: record.headers.map(([name, bytes]) => [name, bytesJson(bytes)]),
});

type Sent = Pick<Request, 'headers' | 'body'>;

const jsonOf = (records: readonly RecordSpec[]): Sent => json({ records: records.map(recordJson) });

const linesOf = (records: readonly RecordSpec[]): Sent => ({
  headers: { 'content-type': 'application/x-ndjson' },
  body: records.map((record) => `${JSON.stringify(recordJson(record))}\n`).join(''),
});

const encoded = (encoding: 'gzip' | 'zstd' | undefined, { headers, body }: Sent): Sent =>
  encoding === undefined
    ? { headers: headers!, body: body! }
    : {
        headers: { ...headers, 'content-encoding': encoding },
        body: (encoding === 'gzip' ? gzipSync : zstdCompressSync)(body!),
      };

// ── replies ──────────────────────────────────────────────────────────────────────────────────────

type Problem = Readonly<Record<string, unknown>>;

/** A part of an answer: what it tells, or why it failed. */
const partTold = ({ error, ...told }: { readonly error?: Problem }): object =>
  error === undefined ? told : { ...told, ...failureOf(error) };

const position = (told: Parameters<typeof fetchedAnswer>[0], records: readonly ReadRecord[]) =>
  fetchedAnswer(told, records);

type Position = Parameters<typeof fetchedAnswer>[0];
type PartitionTold = Position & { readonly records: RecordTold[]; readonly error?: Problem };

const partitionTold = (told: PartitionTold): object =>
  told.error
    ? { partition: told.partition, ...failureOf(told.error) }
    : position(told, told.records.map(recordTold));

const startOf = (offset: number | 'earliest' | 'latest', told: Position): number =>
  offset === 'earliest' ? told.logStartOffset : offset === 'latest' ? told.highWatermark : offset;

const framesTold = (body: Uint8Array, { partitions }: CallOf<'fetch'>): object[] =>
  decodeFrames(body).map(({ partition, meta, batches }, index) => {
    const told = { partition, ...meta } as Position & { readonly error?: Problem };
    if (told.error) return { partition, ...failureOf(told.error) };
    const from = startOf(partitions[index]!.offset, told);
    return position(told, recordsFrom(splitBatches(batches).batches, from));
  });

const bareTold = (reply: Reply, { from }: CallOf<'fetchPartition'>): object => {
  const header = (name: string) => Number(reply.headers[`stratalog-${name}`]);
  const told = {
    partition: from.partition,
    nextOffset: header('next-offset'),
    highWatermark: header('high-watermark'),
    lastStableOffset: header('last-stable-offset'),
    logStartOffset: header('log-start-offset'),
  };
  const batches = splitBatches(reply.body).batches;
  return position(told, recordsFrom(batches, startOf(from.offset, told)));
};

// ── verbs ────────────────────────────────────────────────────────────────────────────────────────

const queryOf = (parameters: Readonly<Record<string, unknown>>): Pick<Request, 'query'> => {
  const pairs = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  return pairs.length === 0 ? {} : { query: new URLSearchParams(pairs).toString() };
};

const at = (topic: string, rest = ''): string => `/topics/${topic}${rest}`;
const accepting = (as: 'json' | 'batches') => ({
  accept: as === 'json' ? 'application/json' : BATCHES_MEDIA_TYPE,
});

interface Exchange<V extends Verb> {
  request(call: CallOf<V>): Request;
  /** Of a reply that is no problem. */
  answer(reply: Reply, call: CallOf<V>): Answer;
}

const topicTold = (reply: Reply): Answer => topicAnswer(reply.json as TopicDescription);
const done = (): Answer => 'done';

const EXCHANGES: { readonly [V in Verb]: Exchange<V> } = {
  createTopic: {
    request: ({ topic: name, partitions, configs }) => ({
      method: 'POST',
      path: '/topics',
      ...json({ name, partitions, configs }),
    }),
    answer: topicTold,
  },
  listTopics: {
    request: ({ after, limit }) => ({
      method: 'GET',
      path: '/topics',
      ...queryOf({ after, limit }),
    }),
    answer: ({ json: { topics, ...page } }) => ({
      topics: topics.map(({ name, ...told }: { name: string }) => ({ topic: name, ...told })),
      ...page,
    }),
  },
  describeTopic: {
    request: ({ topic }) => ({ method: 'GET', path: at(topic) }),
    answer: topicTold,
  },
  deleteTopic: {
    request: ({ topic }) => ({ method: 'DELETE', path: at(topic) }),
    answer: done,
  },
  alterConfigs: {
    request: ({ topic, set, reset }) => ({
      method: 'PATCH',
      path: at(topic, '/configs'),
      ...json({ set, reset }),
    }),
    answer: topicTold,
  },
  addPartitions: {
    request: ({ topic, partitions }) => ({
      method: 'POST',
      path: at(topic, '/partitions'),
      ...json({ partitions }),
    }),
    answer: topicTold,
  },
  produceRecords: {
    request: ({ topic, as, encoding, records, partition, expectedEnd, producer }) => ({
      method: 'POST',
      path: at(topic, '/records'),
      ...queryOf({ partition, expectedEnd, ...producer }),
      ...encoded(encoding, as === 'json' ? jsonOf(records) : linesOf(records)),
    }),
    answer: (reply) => together(reply.json.records.map(partTold)),
  },
  produceBatches: {
    request: ({ topic, as, shares }) => ({
      method: 'POST',
      path: at(topic, '/records'),
      headers: { 'content-type': BATCHES_MEDIA_TYPE },
      ...(as === 'bare'
        ? {
            ...queryOf({ partition: shares[0]!.partition, expectedEnd: shares[0]!.expectedEnd }),
            body: shareBytes(shares[0]!),
          }
        : {
            body: encodeFrames(
              shares.map((share) => ({
                partition: share.partition,
                ...(share.expectedEnd === undefined
                  ? {}
                  : { meta: { expectedEnd: share.expectedEnd } }),
                batches: [shareBytes(share)],
              })),
            ),
          }),
    }),
    answer: (reply) => together(reply.json.partitions.map(partTold)),
  },
  fetch: {
    request: ({ topic, as, verb: _, ...asked }) => {
      const { headers, body } = json(asked);
      return {
        method: 'POST',
        path: at(topic, '/fetch'),
        headers: { ...headers, ...accepting(as) },
        ...(body === undefined ? {} : { body }),
      };
    },
    answer: (reply, call) =>
      together(
        call.as === 'json'
          ? reply.json.partitions.map(partitionTold)
          : framesTold(reply.body, call),
      ),
  },
  fetchPartition: {
    request: ({ topic, as, from: { partition, ...query } }) => ({
      method: 'GET',
      path: at(topic, `/partitions/${partition}/records`),
      headers: accepting(as),
      ...queryOf(query),
    }),
    answer: (reply, call) =>
      together([call.as === 'json' ? partitionTold(reply.json) : bareTold(reply, call)]),
  },
  listOffsets: {
    request: ({ topic, at: spec, partitions }) => ({
      method: 'GET',
      path: at(topic, '/offsets'),
      ...queryOf({
        at: typeof spec === 'object' ? spec.timestamp : spec,
        partitions: partitions?.join(','),
      }),
    }),
    answer: (reply) => together(reply.json.partitions.map(partTold)),
  },
  deleteRecords: {
    request: ({ topic, partition, before }) => ({
      method: 'DELETE',
      path: at(topic, `/partitions/${partition}/records`),
      ...queryOf({ before }),
    }),
    answer: (reply) => reply.json,
  },
  commitOffsets: {
    request: ({ group, verb: _, ...body }) => ({
      method: 'POST',
      path: `/groups/${groupSegment(group as GroupId)}/offsets`,
      ...json(body),
    }),
    answer: (reply) => together(reply.json.offsets.map(partTold)),
  },
  fetchOffsets: {
    request: ({ group, topic }) => ({
      method: 'GET',
      path: `/groups/${groupSegment(group as GroupId)}/offsets`,
      ...queryOf({ topic }),
    }),
    answer: (reply) => reply.json,
  },
  initProducer: {
    request: () => ({ method: 'POST', path: '/producers' }),
    answer: (reply) => reply.json,
  },
  describeCluster: {
    request: () => ({ method: 'GET', path: '/cluster' }),
    answer: ({ json: { maxRequestBytes: _, ...told } }) => told,
  },
  checkHealth: { request: () => ({ method: 'GET', path: '/health' }), answer: done },
  malformed: { request: ({ request }) => request, answer: done },
};

/** Sends each call through `surface`. */
export const byRequest =
  (surface: Surface): Way =>
  async (call) => {
    const { request, answer } = EXCHANGES[call.verb] as Exchange<Verb>;
    const reply = await surface(request(call as never));
    if (reply.status < 400) return answer(reply, call as never);
    assert.equal(reply.headers['content-type'], 'application/problem+json');
    assert.equal(reply.json.status, reply.status, 'a problem has the status of its answer');
    return failureOf(reply.json);
  };
