/**
 * The torture of the local service: clients go on and on, the service is killed, halted, stopped and left
 * without disk space, always on the same data directory. What the clients were told is one history over
 * all rounds, and the checker of the simulation judges it.
 *
 *   clients   ────── live, crash, are born again under other names ──────▶ finish    read everything
 *   service   round 1 ✗  round 2 ✗  round 3 ✗  …  round n ✗              start ───────────────── SIGTERM
 *
 * The faults, their moments and what each client sends follow from the seed; how far the clients come
 * in between does not.
 */
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Runtime } from '../../lib/model/runtime.ts';
import { checkHistory, type Verdict } from '../sim/checker/check.ts';
import {
  FSYNC_MODES,
  type FsyncMode,
  type Service,
  startService,
} from '../support/local-service.ts';
import { readEverything } from './clients/final-reader.ts';
import { type Disk, mountDisk } from './disk.ts';
import { drawsFrom, forked } from './draw.ts';
import { type Evidence, keepEvidence } from './evidence.ts';
import { type Crowd, type Field, type NewField, newField } from './field.ts';
import { drawRound, type Fault } from './plan.ts';
import { carryOut, newTally, progress, type Stage, type Tally, terminate } from './round.ts';
import { createTopic, freePort } from './topic.ts';

export interface TortureOptions {
  readonly fsync: FsyncMode;
  readonly rounds: number;
  readonly seed: number;
  readonly faults: ReadonlySet<Fault>;
  readonly crowd: Crowd;
  /** The longest time between two faults, ms. */
  readonly maxLoadMs: number;
  readonly runtime: Runtime;
  /** Told after each round. */
  readonly onRound?: (tally: Tally, operations: number) => void;
}

export interface TortureReport extends Tally {
  readonly fsync: FsyncMode;
  readonly seed: number;
  readonly operations: number;
  readonly byKind: Verdict['summary']['byKind'];
  /** Values. */
  readonly acknowledged: number;
  /** What was told instead, by code. */
  readonly refusals: Readonly<Record<string, number>>;
  /** How often each rule was broken. */
  readonly anomalies: Readonly<Record<string, number>>;
  /** What no rule speaks of and no fault explains. */
  readonly surprises: readonly string[];
  readonly durationMs: number;
  /** There when something was found. */
  readonly kept?: Evidence;
}

/** Whether a run found nothing. */
export const isClean = ({ anomalies, surprises }: TortureReport): boolean =>
  Object.keys(anomalies).length === 0 && surprises.length === 0;

const refusedIn = ({ refusals }: Field): number =>
  [...refusals.values()].reduce((sum, count) => sum + count, 0);

/** Everything healed: the clients finish, and everything is read. */
const heal = async (
  stage: Stage,
  { field, over }: NewField,
  crowd: Promise<void>,
  seed: number,
) => {
  const service: Service = stage.start();
  try {
    await service.ready();
    over.abort();
    await crowd;
    await readEverything(field, drawsFrom(seed));
    await terminate(stage, service, false);
  } finally {
    await service.kill();
  }
};

/** All rounds and the end; whatever goes wrong in them is a surprise. */
const live = async (
  stage: Stage,
  run: NewField,
  { fsync, rounds, seed, faults, maxLoadMs, crowd, onRound }: TortureOptions,
): Promise<void> => {
  const { field, over } = run;
  // Each mode meets faults of its own.
  const draws = drawsFrom(seed + FSYNC_MODES.indexOf(fsync));
  let working: Promise<void> | undefined;
  try {
    const first = stage.start();
    await first.ready();
    await createTopic(field);
    // Programs begin where there is a service; from then on they live without one.
    working = crowd(field, forked(draws));
    // A failure is told where it is awaited.
    working.catch(() => {});
    await progress(stage, first, 'after the first start');
    await terminate(stage, first, false);
    for (let round = 0; round < rounds; round++) {
      stage.disk?.grow();
      await carryOut(stage, drawRound(forked(draws), faults, maxLoadMs, round === 0));
      onRound?.(stage.tally, field.recorder.operations.length);
    }
    await heal(stage, run, working, seed);
  } catch (error) {
    field.surprise(error instanceof Error ? (error.stack ?? error.message) : String(error));
    over.abort();
    await working?.catch(() => {});
  }
};

/** Runs all rounds on one data directory. @throws Error when there is no disk to fill */
export const torture = async (options: TortureOptions): Promise<TortureReport> => {
  const { fsync, seed, faults, runtime } = options;
  const directory = await mkdtemp(join(tmpdir(), `stratalog-torture-${fsync}-`));
  const startedMs = runtime.monotonicMs();
  const remove = () => rmSync(directory, { recursive: true, force: true });
  let disk: Disk | undefined;
  let isKept = false;
  try {
    if (faults.has('full')) disk = mountDisk(join(directory, 'disk'));
    // After the disk, which an exit unmounts as well: what is interrupted leaves nothing behind.
    process.once('exit', remove);
    const dataDirectory = disk?.directory ?? join(directory, 'data');
    const port = await freePort(runtime);
    const run = newField(`http://127.0.0.1:${port}`, runtime);
    const { field, surprises } = run;
    const tally = newTally();
    const stage: Stage = {
      runtime,
      disk,
      tally,
      start: () => startService(dataDirectory, fsync, runtime, port),
      acknowledged: () => field.recorder.acknowledged,
      refused: () => refusedIn(field),
      surprise: field.surprise,
    };
    await live(stage, run, options);
    const history = { operations: field.recorder.operations };
    const verdict = checkHistory(history);
    const { operations, byKind } = verdict.summary;
    const report = {
      fsync,
      seed,
      ...tally,
      operations,
      byKind,
      acknowledged: field.recorder.acknowledged,
      refusals: Object.fromEntries(field.refusals),
      anomalies: Object.fromEntries(
        [...verdict.anomalies].map(([rule, found]) => [rule, found.length]),
      ),
      surprises,
      durationMs: Math.round(runtime.monotonicMs() - startedMs),
    };
    isKept = !isClean(report);
    if (!isKept) return report;
    return { ...report, kept: await keepEvidence(directory, dataDirectory, history, verdict) };
  } finally {
    disk?.unmount();
    process.off('exit', remove);
    if (!isKept) remove();
  }
};
