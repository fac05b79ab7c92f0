/**
 * What the functions do to their stores: every route of every function, as Lambda runs them, each over
 * stores that write down what is asked of them.
 *
 *   request ── route ──► function ──► its own broker ──► its own recorder ─┐
 *   request ── route ──► function ──► its own broker ──► its own recorder ─┴─► faults ──► stores
 *
 * With a seed the stores fail, lose answers and refuse what they did, so that what is only done when something went
 * wrong is seen as well.
 */
import { provideBroker } from '../../functions/runtime.ts';
import { createBroker } from '../../lib/broker/broker.ts';
import { type FunctionName, type RouteName, routesAt } from '../../lib/http/routes.ts';
import { ABANDONED_TOPIC_MS, MAX_HEAD_PRODUCERS } from '../../lib/model/limits.ts';
import type { ItemKey } from '../../lib/storage/algebra.ts';
import { faultyBlobs } from '../../lib/storage/faulty/blobs.ts';
import { faultyItems } from '../../lib/storage/faulty/items.ts';
import { randomFaults } from '../../lib/storage/faulty/plans.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import { type BlobStore, type ItemStore, StoreError } from '../../lib/storage/ports.ts';
import { json, type Reply, type Request, type Surface, surfaces } from '../local/surfaces.ts';
import { seededBy, virtualRuntime } from '../support/virtual-runtime.ts';

/** One verb of a port, and what it was done to. */
export interface Use {
  readonly port: 'items' | 'blobs';
  readonly verb: string;
  /** Of an item its partition key, of an object its key; ids are left out: `P#*`, `wal/*`. */
  readonly key: string;
  /** Of an item that is written, the beginning of its sort key: `LOG#`. */
  readonly row: string;
}

/** What each function did, each thing once. */
export type Usage = ReadonlyMap<FunctionName, readonly Use[]>;

/** `P#<id>#0` → `P#*`, `wal/3/0c…` → `wal/*`; a name alone stays. */
const keyPattern = (key: string): string => key.replace(/^([^#/]+[#/]).*$/s, '$1*');

const rowPattern = (key: ItemKey): string =>
  keyPattern(key.pk).endsWith('*') ? key.sk.replace(/#.*$/s, '#') : '';

interface Recorder {
  readonly uses: Map<string, Use>;
  items(store: ItemStore): ItemStore;
  blobs(store: BlobStore): BlobStore;
}

/** @param isSpoilt whether one of many items can never be read */
const newRecorder = (isSpoilt: boolean): Recorder => {
  const uses = new Map<string, Use>();
  const note = (port: Use['port'], verb: string, key: string, row = ''): void => {
    const use = { port, verb, key: keyPattern(key), row };
    uses.set(Object.values(use).join(' '), use);
  };
  /** Under a condition the adapter reads what refused it, unless it is told (`lib/storage/aws`). */
  const noteWrite = (verb: keyof ItemStore, key: ItemKey, conditions: unknown): void => {
    note('items', verb, key.pk, rowPattern(key));
    if (conditions !== undefined) note('items', 'get', key.pk);
  };
  return {
    uses,
    items: (store) => ({
      get: (key, options) => {
        note('items', 'get', key.pk);
        return store.get(key, options);
      },
      getMany: async (keys, options) => {
        for (const { pk } of keys) note('items', 'getMany', pk);
        if (isSpoilt) throw new StoreError('corrupt', 'one of them is spoilt');
        return store.getMany(keys, options);
      },
      query: (pk, from, to, options) => {
        note('items', 'query', pk);
        return store.query(pk, from, to, options);
      },
      due: (duty, before, options) => {
        note('items', 'due', duty);
        return store.due(duty, before, options);
      },
      put: (item, conditions) => {
        noteWrite('put', item, conditions);
        return store.put(item, conditions);
      },
      update: (key, update) => {
        noteWrite('update', key, update.if);
        return store.update(key, update);
      },
      delete: (key, conditions) => {
        noteWrite('delete', key, conditions);
        return store.delete(key, conditions);
      },
    }),
    blobs: (store) => ({
      get: (key, range) => {
        note('blobs', 'get', key);
        return store.get(key, range);
      },
      put: (key, buffers) => {
        note('blobs', 'put', key);
        return store.put(key, buffers);
      },
      list: (prefix, options) => {
        note('blobs', 'list', prefix);
        return store.list(prefix, options);
      },
      delete: (keys) => {
        for (const key of keys) note('blobs', 'delete', key);
        return store.delete(keys);
      },
    }),
  };
};

const FUNCTIONS: readonly FunctionName[] = ['topics', 'produce', 'fetch', 'commit'];

/** Now and then; what is refused or damaged for good would keep the work from being done. */
const RATES = { fail: 0.03, loseAnswer: 0.05, denySuccess: 0.03, repeat: 0.02 };
/** What a caller sends again, when the service could not do it. */
const ATTEMPTS = 8;

export interface Observation {
  readonly usage: Usage;
  /** Routes that answered well at least once. */
  readonly served: ReadonlySet<RouteName>;
}

/** What goes wrong meanwhile. */
export interface Trouble {
  /** Faults of the stores, by this seed. */
  readonly seed?: number;
  /** Reads of many items find one that is spoilt. */
  readonly isSpoilt?: boolean;
}

/** Does everything that callers can do; in trouble some of it may fail. */
export const observe = async ({ seed, isSpoilt = false }: Trouble = {}): Promise<Observation> => {
  const runtime = virtualRuntime(seed ?? 1);
  const plan = seed === undefined ? () => undefined : randomFaults(seededBy(seed, 'faults'), RATES);
  const items = faultyItems(memoryItems(), plan, runtime);
  const blobs = faultyBlobs(memoryBlobs(), plan, runtime);
  const recorders = new Map(FUNCTIONS.map((name) => [name, newRecorder(isSpoilt)]));
  const services = new Map(
    [...recorders].map(([name, recorder]) => {
      const stores = { items: recorder.items(items), blobs: recorder.blobs(blobs) };
      const broker = createBroker({ ...stores, runtime, freezes: true, cacheBytes: 0 });
      return [name, { broker, runtime, maxFetchWaitMs: 1_000 }];
    }),
  );
  const [, byInvoke] = surfaces(() => 0).find(([name]) => name === 'an Invoke payload')!;
  const served = new Set<RouteName>();

  const send: Surface = async (request) => {
    const route = routesAt(request.path).find(({ method }) => method === request.method)!;
    const takeBack = provideBroker(services.get(route.function)!);
    try {
      const reply = await byInvoke(request);
      if (reply.status < 300) served.add(route.name);
      return reply;
    } finally {
      takeBack();
    }
  };
  const insist: Surface = async (request) => {
    for (let attempt = 1; ; attempt++) {
      const reply = await send(request);
      const isBeingMade = reply.status === 409 && !served.has('createTopic');
      if ((reply.status < 500 && !isBeingMade) || attempt === ATTEMPTS) return reply;
      await runtime.sleep(ABANDONED_TOPIC_MS + 1);
    }
  };
  await runtime.drive(() => doEverything(insist));
  // They wait for files and not for time.
  for (const path of ['/openapi.json', '/docs', '/docs/swagger-ui.css']) await send(get(path));
  return {
    usage: new Map([...recorders].map(([name, { uses }]) => [name, [...uses.values()]])),
    served,
  };
};

const get = (path: string, query?: string): Request => ({
  method: 'GET',
  path,
  ...(query === undefined ? {} : { query }),
});
const post = (path: string, body: unknown, query?: string): Request => ({
  method: 'POST',
  path,
  ...(query === undefined ? {} : { query }),
  ...json(body),
});

/** More than a tail holds, so that rows are rolled out of it. */
const APPENDS = 40;
/** More than a head remembers, so that some leave it. */
const PRODUCERS = MAX_HEAD_PRODUCERS + 16;

const appended = (partition: number, value: string) => ({ records: [{ partition, value }] });

const doEverything = async (send: Surface): Promise<void> => {
  const topic = '/topics/orders';
  await send(post('/topics', { name: 'orders', partitions: 2 }));
  await send(get('/cluster'));
  await send(get('/health'));

  // Larger than what is kept inline, in objects; and small.
  for (let n = 0; n < APPENDS; n++) {
    await send(post(`${topic}/records`, appended(0, n % 8 === 0 ? 'x'.repeat(4_000) : `${n}`)));
  }
  await produceOnce(send, `${topic}/records`);

  await send(get(topic));
  await send(get('/topics'));
  await send({
    method: 'PATCH',
    path: `${topic}/configs`,
    ...json({ set: { 'retention.ms': -1 } }),
  });
  await send(post(`${topic}/partitions`, { partitions: 3 }));

  for (const offset of [0, 20, 'latest'] as const) {
    await send(post(`${topic}/fetch`, { partitions: [{ partition: 0, offset }] }));
  }
  await send(get(`${topic}/partitions/0/records`, 'offset=earliest'));
  await send(get(`${topic}/offsets`, 'at=1'));
  await send(get(`${topic}/offsets`, 'at=max-timestamp'));

  const offsets = [{ topic: 'orders', partition: 0, offset: 3 }];
  for (let n = 0; n < 3; n++) await send(post('/groups/billing/offsets', { offsets }));
  await send(get('/groups/billing/offsets'));
  await send(get('/groups/billing/offsets', 'topic=orders'));

  const records = `${topic}/partitions/0/records`;
  await send({ method: 'DELETE', path: records, query: 'before=10' });
  await send({ method: 'DELETE', path: records, query: 'before=latest' });
  await send({ method: 'DELETE', path: topic });
};

/** Idempotent producers, so many that the first ones leave the head and come back. */
const produceOnce = async (send: Surface, path: string): Promise<void> => {
  const producers: Reply[] = [];
  for (let n = 0; n < PRODUCERS; n++) producers.push(await send(post('/producers', {})));
  for (const baseSequence of [0, 0, 1]) {
    for (const { status, json: told } of producers) {
      if (status >= 300) continue;
      const query = new URLSearchParams({
        partition: '1',
        producerId: String(told.producerId),
        producerEpoch: '0',
        baseSequence: String(baseSequence),
      });
      await send(post(path, { records: [{ value: 'once' }] }, String(query)));
    }
  }
};
