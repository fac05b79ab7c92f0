/**
 * One service in this process, called at three depths over the same stores (files, without fsync):
 *
 *   http       a socket ─► event ─► function ─► broker      by 64 connections of another process
 *   function               event ─► function ─► broker      by 64 loops in this one
 *   broker                                      broker      likewise
 *
 * `cpuMicros` is what one call costs this process, all its threads together, and tells what a layer adds
 * even where the machine is busy: with two cores, the generator has one.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { provideBroker } from '../functions/runtime.ts';
import type { Broker } from '../lib/broker/api.ts';
import { createBroker } from '../lib/broker/broker.ts';
import { type LocalHttp, serveHttp } from '../lib/local/http-server.ts';
import { installNativeCrc } from '../lib/local/native-crc.ts';
import { systemRuntime } from '../lib/model/runtime.ts';
import { openEmbedded } from '../lib/storage/embedded/open.ts';
import { percentiles } from './percentiles.ts';

/** Callers at a time. */
export const CALLERS = 64;
/** How long one figure is measured, after a shorter run for the compiler. */
export const RUN_MS = 1_000;
export const WARM_UP_MS = 400;

export interface Service {
  readonly broker: Broker;
  readonly http: LocalHttp;
}

/** Runs `work` with a service in a directory of its own. */
export const withService = async <T>(work: (service: Service) => Promise<T>): Promise<T> => {
  installNativeCrc();
  const dataDir = await mkdtemp(join(tmpdir(), 'stratalog-bench-'));
  const stores = await openEmbedded({ dataDir, fsync: 'never', runtime: systemRuntime });
  const broker = createBroker(stores);
  const takeBack = provideBroker({ broker, runtime: systemRuntime, maxFetchWaitMs: 0 });
  const http = await serveHttp({ port: 0, host: '127.0.0.1', runtime: systemRuntime });
  try {
    return await work({ broker, http });
  } finally {
    await http.close();
    takeBack();
    await broker.close();
    await stores.close();
    await rm(dataDir, { recursive: true });
  }
};

/** What calls of one kind came to. */
export interface Measured {
  readonly calls: number;
  readonly seconds: number;
  readonly cpuMicros: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What `work` costs this process, µs of CPU. */
export const cpuOf = async <T>(work: () => Promise<T>): Promise<readonly [T, number]> => {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return [result, user + system];
};

/** Calls in this process, by loops that each wait for their answer. */
export const measureCalls = async (
  call: (turn: number) => Promise<void>,
  runMs: number,
): Promise<Measured> => {
  const { monotonicMs } = systemRuntime;
  const start = monotonicMs();
  const latenciesMs: number[] = [];
  let turn = 0;
  const loop = async (): Promise<void> => {
    while (monotonicMs() - start < runMs) {
      const sentMs = monotonicMs();
      await call(turn++);
      latenciesMs.push(monotonicMs() - sentMs);
    }
  };
  const [, cpuMicros] = await cpuOf(() => Promise.all(Array.from({ length: CALLERS }, loop)));
  return {
    calls: latenciesMs.length,
    seconds: (monotonicMs() - start) / 1_000,
    cpuMicros: Math.round(cpuMicros / latenciesMs.length),
    ...percentiles(latenciesMs),
  };
};
