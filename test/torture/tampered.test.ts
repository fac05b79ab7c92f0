/** The torture finds what a service does wrong: its clients talk to one whose answers are tampered with. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type LocalStack, startLocal } from '../../lib/local/start.ts';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { checkHistory, type RuleName } from '../sim/checker/check.ts';
import { drawTimeline } from '../sim/checker/timeline.ts';
import { readEverything } from './clients/final-reader.ts';
import { httpCrowd } from './crowd.ts';
import { drawsFrom } from './draw.ts';
import { newField } from './field.ts';
import {
  type Forward,
  isFetch,
  isPlainSend,
  jsonReply,
  type Lie,
  type Reply,
  type Request,
  startProxy,
} from './tampering-proxy.ts';
import { createTopic } from './topic.ts';

/** The load goes on for so long after the lie, which others then contradict. */
const AFTERWARDS_MS = 500;
const PATIENCE_MS = 30_000;
/** Requests that are passed on as they are before the lie. */
const BEFORE = 4;

let stack: LocalStack;
beforeAll(async () => {
  stack = await startLocal({ httpPort: 0 });
});
afterAll(() => stack.close());

interface RecordAt {
  readonly partition: number;
  offset?: number;
  value: string;
}

const recordsOf = ({ body }: Request | Reply): RecordAt[] => JSON.parse(String(body)).records;

const hasPartition0 = (request: Request): boolean =>
  isPlainSend(request) && recordsOf(request).some(({ partition }) => partition === 0);

/** A lie, and whether it was told. */
interface OneLie {
  readonly lie: Lie;
  readonly isTold: () => boolean;
}

/** Tells it once, of a request that `suits`, when some have passed. A lie that does not apply is tried again. */
const once = (
  suits: (request: Request) => boolean,
  tell: (request: Request, forward: Forward) => Promise<Reply | undefined>,
): OneLie => {
  let passed = 0;
  let isTold = false;
  const attempt = async (request: Request, forward: Forward): Promise<Reply> => {
    const reply = await tell(request, forward);
    if (reply === undefined) return forward(request);
    isTold = true;
    return reply;
  };
  return {
    isTold: () => isTold,
    lie: (request, forward) =>
      isTold || !suits(request) || ++passed <= BEFORE ? undefined : attempt(request, forward),
  };
};

/** Changes one long list of records of a fetch, of the partition from which nobody deletes. */
const inFetch = (change: (records: RecordAt[]) => void): OneLie =>
  once(isFetch, async (request, forward) => {
    const reply = await forward(request);
    if (reply.contentType !== 'application/json' || reply.status !== 200) return undefined;
    const answer: { partitions: { partition: number; records?: RecordAt[] }[] } = JSON.parse(
      String(reply.body),
    );
    const long = answer.partitions.find(
      ({ partition, records = [] }) => partition === 0 && records.length > 2,
    );
    if (!long) return undefined;
    change(long.records!);
    return jsonReply(answer);
  });

const LIES: readonly (readonly [string, RuleName, OneLie])[] = [
  [
    'acknowledges records, and drops them',
    'lost write',
    // Nobody deletes from partition 0, which would excuse what is missing.
    once(hasPartition0, async (request, forward) => {
      const path = request.path.replace(/\/records.*/, '/offsets?at=latest');
      const ends = await forward({ method: 'GET', path, headers: {}, body: Buffer.alloc(0) });
      const { partitions } = JSON.parse(String(ends.body));
      const records = recordsOf(request).map(({ partition }) => partitions[partition]);
      return records.every((told) => told) ? jsonReply({ records }) : undefined;
    }),
  ],
  [
    'refuses records, and writes them',
    'aborted read',
    once(isPlainSend, async (request, forward) => {
      await forward(request);
      return jsonReply({ code: 'KAFKA_STORAGE_ERROR', effect: 'none' }, 503);
    }),
  ],
  [
    'writes records twice',
    'duplicate',
    once(isPlainSend, async (request, forward) => {
      await forward(request);
      return forward(request);
    }),
  ],
  [
    'tells where the log ended a while ago',
    'stale tail',
    (() => {
      let old: Reply | undefined;
      const isLook = ({ path }: Request) => path.endsWith('/offsets?at=latest');
      return once(isLook, async (request, forward) => {
        if (old) return old;
        old = await forward(request);
        return undefined;
      });
    })(),
  ],
  ['leaves a record out of a read', 'gap', inFetch((records) => void records.splice(1, 1))],
  [
    'reads what nobody wrote',
    'phantom',
    inFetch((records) => {
      records[1]!.value = `${records[1]!.value.slice(0, -1)}\0`;
    }),
  ],
];

/** The clients at work until the lie is told, and a little longer; what the checker makes of it. */
const historyOf = async ({ lie, isTold }: OneLie, topic: string) => {
  const proxy = await startProxy(stack.url, lie);
  const { field: plain, over, surprises } = newField(proxy.url, systemRuntime);
  const field = { ...plain, topic };
  try {
    await createTopic(field);
    const working = httpCrowd(field, drawsFrom(7));
    await vi.waitUntil(isTold, { timeout: PATIENCE_MS });
    await systemRuntime.sleep(AFTERWARDS_MS);
    over.abort();
    await working;
    await readEverything(field, drawsFrom(8));
  } finally {
    await proxy.close();
  }
  return { ...checkHistory({ operations: field.recorder.operations }), surprises };
};

describe('a service', () => {
  it('that tells the truth is found to', async () => {
    const { anomalies, surprises, summary } = await historyOf(
      { lie: () => undefined, isTold: () => true },
      'truth',
    );
    expect([...anomalies.keys()]).toEqual([]);
    expect(surprises).toEqual([]);
    expect(summary.byKind.send!.ok).toBeGreaterThan(0);
  });

  it.each(LIES)(
    'that %s is found out: %s',
    { timeout: 2 * PATIENCE_MS },
    async (what, rule, lie) => {
      const { anomalies } = await historyOf(lie, what.replaceAll(/\W+/g, '-'));
      const [first] = anomalies.get(rule) ?? [];
      expect([...anomalies.keys()]).toContain(rule);
      expect(drawTimeline(rule, first!)).toContain('├───');
    },
  );
});
