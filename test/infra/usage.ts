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
import type { LogFunction } from '../../infra/names.ts';
import { createBroker } from '../../lib/broker/broker.ts';
import { type RouteName, routesAt } from '../../lib/http/routes.ts';
import { ABANDONED_TOPIC_MS } from '../../lib/model/limits.ts';
import { faultyBlobs } from '../../lib/storage/faulty/blobs.ts';
import { faultyItems } from '../../lib/storage/faulty/items.ts';
import { randomFaults } from '../../lib/storage/faulty/plans.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import { type Surface, surfaces } from '../local/surfaces.ts';
import { seededBy, virtualRuntime } from '../support/virtual-runtime.ts';
import { newRecorder, type Use } from './recorder.ts';
import { callEverything, deployEverything, get } from './workload.ts';

/** Those that work on the stores. */
export type WorkingFunction = Exclude<LogFunction, 'maintain'>;

export const WORKING_FUNCTIONS: readonly WorkingFunction[] = [
  'topics',
  'produce',
  'fetch',
  'commit',
  'topic-resource',
];

/** What each function did, each thing once. */
export type Usage = ReadonlyMap<WorkingFunction, readonly Use[]>;

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
  const recorders = new Map(WORKING_FUNCTIONS.map((name) => [name, newRecorder(isSpoilt)]));
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
  await runtime.drive(async () => {
    await callEverything(insist);
    await deployEverything(services.get('topic-resource')!);
  });
  // They wait for files and not for time.
  for (const path of ['/openapi.json', '/docs', '/docs/swagger-ui.css']) await send(get(path));
  return {
    usage: new Map([...recorders].map(([name, { uses }]) => [name, [...uses.values()]])),
    served,
  };
};
