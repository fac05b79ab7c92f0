/**
 * The service for one sequence of calls, and every way to it.
 *
 *   http      socket ─► event ─► function ┐
 *   gateway              event ─► function ├─► broker ─► stores
 *   rest         another event ─► function ┤               ▲
 *   invoke             payload ─► function ┘               │
 *   direct                             broker, or another ─┘
 *
 * Time stands still but for what the sequence says; whoever sleeps moves the monotonic clock alone.
 */
import { provideBroker } from '../../functions/runtime.ts';
import type { Broker } from '../../lib/broker/api.ts';
import { createBroker } from '../../lib/broker/broker.ts';
import type { Stores } from '../../lib/local/stores.ts';
import { TOPIC_CACHE_TTL_MS } from '../../lib/model/limits.ts';
import { type Runtime, systemRuntime } from '../../lib/model/runtime.ts';
import { surfaces } from '../local/surfaces.ts';
import { FIRST_MS } from './plan-subjects.ts';
import { directly, type Way } from './way-direct.ts';
import { byRequest } from './way-request.ts';

export type WayName = 'direct' | 'gateway' | 'rest' | 'invoke' | 'http';

export const WAYS: readonly WayName[] = ['direct', 'gateway', 'rest', 'invoke', 'http'];

export interface Setting {
  /** Where the local server listens. */
  readonly port: number;
  /** A new place for a log, which can be opened again and again. */
  readonly newLog: () => () => Promise<Stores>;
  /** Give `direct` a broker of its own, as another process has one. */
  readonly twoBrokers?: boolean;
  /** What a broker is seen through. */
  readonly wrap?: (broker: Broker) => Broker;
}

export interface World {
  readonly ways: Readonly<Record<WayName, Way>>;
  /** Moves the clock on; what it shows then. */
  advance(ms: number): number;
  /** Ends all brokers and begins new ones over the same stores. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

interface Clock extends Runtime {
  advance(ms: number): number;
  /** As long as makes all that was learned of topics old. */
  outlive(): void;
}

const newClock = (): Clock => {
  let nowMs = FIRST_MS;
  let monotonicMs = 0;
  return {
    ...systemRuntime,
    now: () => nowMs,
    monotonicMs: () => monotonicMs,
    sleep: (delayMs) => {
      monotonicMs += delayMs;
      return new Promise((resolve) => systemRuntime.defer(resolve));
    },
    advance: (ms) => {
      monotonicMs += ms;
      nowMs += ms;
      return nowMs;
    },
    outlive: () => {
      monotonicMs += TOPIC_CACHE_TTL_MS + 1;
    },
  };
};

export const openWorld = async (setting: Setting): Promise<World> => {
  const { port, twoBrokers = false, wrap = (broker) => broker } = setting;
  const clock = newClock();
  const openLog = setting.newLog();
  let stores: Stores;
  let brokers: readonly Broker[];
  let takeBack = () => {};

  const open = async (): Promise<void> => {
    stores = await openLog();
    const create = (freezes: boolean) => wrap(createBroker({ ...stores, runtime: clock, freezes }));
    // Of two, one is as in Lambda: nothing goes on after it has answered.
    const served = create(twoBrokers);
    brokers = twoBrokers ? [served, create(false)] : [served];
    takeBack = provideBroker({ broker: served, runtime: clock, maxFetchWaitMs: 1_000 });
  };
  const close = async (): Promise<void> => {
    takeBack();
    for (const broker of brokers) await broker.close();
    await stores.close();
  };

  await open();
  const [gateway, invoke, http, rest] = surfaces(() => port).map(([, surface]) =>
    byRequest(surface),
  );
  return {
    ways: {
      direct: directly(() => brokers.at(-1)!, clock),
      gateway: gateway!,
      rest: rest!,
      invoke: invoke!,
      http: http!,
    },
    advance: (ms) => {
      if (twoBrokers) clock.outlive();
      return clock.advance(ms);
    },
    restart: async () => {
      await close();
      await open();
    },
    close,
  };
};
