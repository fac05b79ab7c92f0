/** Carries out what a round was drawn to be, and tells of a service that does not take it well. */
import type { Runtime } from '../../lib/model/runtime.ts';
import type { Service } from '../support/local-service.ts';
import type { Disk } from './disk.ts';
import { PATIENCE_MS } from './field.ts';
import type { FullEnd, Round, Step } from './plan.ts';

/** What was done, and what came of it. */
export interface Tally {
  rounds: number;
  kills: number;
  /** Of the kills: before it answered. */
  killedAtStart: number;
  /** Halts, SIGSTOP to SIGCONT. */
  stops: number;
  /** SIGTERM. */
  cleanStops: number;
  fullDisks: number;
  /** Requests that were refused while the disk was full. */
  refusedWhileFull: number;
  /** Ends of its own accord, saying why, when the disk was full. */
  endedWhileFull: number;
}

export const newTally = (): Tally => ({
  rounds: 0,
  kills: 0,
  killedAtStart: 0,
  stops: 0,
  cleanStops: 0,
  fullDisks: 0,
  refusedWhileFull: 0,
  endedWhileFull: 0,
});

/** What a round is done to. */
export interface Stage {
  readonly runtime: Runtime;
  readonly disk: Disk | undefined;
  readonly tally: Tally;
  start(): Service;
  acknowledged(): number;
  refused(): number;
  surprise(what: string): void;
}

/** The disk is full, says whoever ends for that. */
const SAYS_FULL = /ENOSPC|no room|disk is full/;

/** Waits until something is acknowledged that was not before. */
export const progress = async (stage: Stage, service: Service, after: string): Promise<void> => {
  const { runtime } = stage;
  const before = stage.acknowledged();
  const untilMs = runtime.monotonicMs() + PATIENCE_MS;
  while (stage.acknowledged() === before && !service.ended.aborted) {
    if (runtime.monotonicMs() > untilMs) {
      stage.surprise(`nothing was acknowledged in ${PATIENCE_MS} ms ${after}: ${service.said()}`);
      return;
    }
    await runtime.sleep(5, service.ended);
  }
};

const kill = async ({ tally }: Stage, service: Service): Promise<void> => {
  await service.kill();
  tally.kills += 1;
};

/** SIGTERM: everything is finished and kept, or it says that there was no room for it. */
export const terminate = async (
  { runtime, tally, surprise }: Stage,
  service: Service,
  isFull: boolean,
): Promise<void> => {
  const stopped = service.stop();
  await runtime.sleep(PATIENCE_MS, service.ended);
  const code = service.ended.aborted ? await stopped : 'late';
  tally.cleanStops += 1;
  const isExplained = isFull && code !== 'late' && SAYS_FULL.test(service.said());
  if (code === 0 || isExplained) return;
  surprise(
    `SIGTERM led to ${code === 'late' ? 'nothing' : `exit code ${code}`}: ${service.said()}`,
  );
  await service.kill();
};

/** A start without room: it comes up, or ends and says why. */
const startWhileFull = async (stage: Stage): Promise<Service> => {
  const service = stage.start();
  try {
    await service.ready();
  } catch {
    stage.tally.endedWhileFull += 1;
    if (!service.ended.aborted || !SAYS_FULL.test(service.said())) {
      stage.surprise(`started on a full disk it said: ${service.said() || 'nothing'}`);
    }
  }
  return service;
};

/** A full disk under load. The service that is there afterwards, if it is to go on. */
const fillDisk = async (
  stage: Stage,
  running: Service,
  forMs: number,
  end: FullEnd,
): Promise<Service | undefined> => {
  const { disk, runtime, tally } = stage;
  const refusedBefore = stage.refused();
  tally.fullDisks += 1;
  let service = running;
  disk!.fill();
  try {
    await runtime.sleep(forMs, service.ended);
    if (service.ended.aborted) {
      tally.endedWhileFull += 1;
      if (!SAYS_FULL.test(service.said())) {
        stage.surprise(`on a full disk it ended, and said: ${service.said() || 'nothing'}`);
      }
      return undefined;
    }
    if (end === 'term') await terminate(stage, service, true);
    else if (end !== 'space') await kill(stage, service);
    if (end === 'start') service = await startWhileFull(stage);
  } finally {
    disk!.empty();
    tally.refusedWhileFull += stage.refused() - refusedBefore;
  }
  if (service.ended.aborted) return undefined;
  await progress(stage, service, 'after there was room again');
  return service;
};

/** One fault. Undefined: the service is gone, and the round is over. */
const take = async (stage: Stage, service: Service, step: Step): Promise<Service | undefined> => {
  const { runtime, tally } = stage;
  if (step.kind === 'full') return fillDisk(stage, service, step.forMs, step.end);
  if (step.kind === 'stop') {
    tally.stops += 1;
    service.pause();
    await runtime.sleep(step.forMs);
    service.resume();
    return service;
  }
  await runtime.sleep(step.forMs, service.ended);
  return service;
};

/** @throws when the service does not come up */
export const carryOut = async (
  stage: Stage,
  { killAtStartMs, steps, end }: Round,
): Promise<void> => {
  const { runtime, tally, surprise } = stage;
  tally.rounds += 1;
  let service: Service | undefined = stage.start();
  try {
    if (killAtStartMs !== undefined) {
      await runtime.sleep(killAtStartMs, service.ended);
      if (service.ended.aborted) surprise(`it ended when it started: ${service.said()}`);
      tally.killedAtStart += 1;
      return await kill(stage, service);
    }
    await service.ready();
    await progress(stage, service, 'after a start');
    for (const step of steps) {
      service = await take(stage, service, step);
      if (!service) return;
      if (service.ended.aborted) {
        surprise(`it ended by itself: ${service.said() || 'without a word'}`);
        return;
      }
    }
    await (end === 'kill' ? kill(stage, service) : terminate(stage, service, false));
  } finally {
    await service?.kill();
  }
};
