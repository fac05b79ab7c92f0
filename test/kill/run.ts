/**
 * The kill test: whatever was acknowledged survives SIGKILL, in every fsync mode.
 *
 *   round   start ── ready? ── load ─────────── SIGKILL          (or SIGKILL before it is ready)
 *   then    start ── ready  ── read everything ── compare with the history ── SIGTERM
 *
 * The moments and what each client sends follow from the seed; how far the clients come does not.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Runtime } from '../../lib/model/runtime.ts';
import { type Anomaly, check, type FoundRecord, type History, newHistory } from './history.ts';
import { type Draw, produceUntilKilled, readPage, readUntilKilled, type Target } from './load.ts';
import { type FsyncMode, type Service, startService } from './service.ts';

export interface KillOptions {
  readonly fsync: FsyncMode;
  readonly rounds: number;
  readonly seed: number;
  readonly producers: number;
  readonly partitions: number;
  /** The longest that a round's load lasts. */
  readonly maxLoadMs: number;
  readonly runtime: Runtime;
  /** Told what is going on. */
  readonly log: (line: string) => void;
}

export interface KillReport {
  readonly fsync: FsyncMode;
  readonly seed: number;
  readonly rounds: number;
  /** Rounds in which it was killed before it answered. */
  readonly killedAtStart: number;
  readonly sent: number;
  readonly acknowledged: number;
  readonly refused: number;
  /** Neither acknowledged nor refused when the service went away. */
  readonly unanswered: number;
  readonly found: number;
  readonly seenByReader: number;
  readonly anomalies: readonly Anomaly[];
  /** Kept when there are anomalies, else deleted. */
  readonly dataDirectory: string | undefined;
}

/** Draws that follow from a seed. */
export const drawsFrom = (seed: number): Draw => {
  const random = xoroshiro128plus(seed);
  return (from, to) => uniformInt(random, from, to);
};

const MAX_SEED = 2 ** 31 - 1;

const TOPIC = 'kill-test';
/** One round in this many is killed while it starts. */
const KILL_AT_START_EVERY = 5;
const LONGEST_START_MS = 600;

const createTopic = async (url: string, partitions: number): Promise<void> => {
  const response = await fetch(`${url}/topics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: TOPIC, partitions }),
  });
  if (!response.ok) throw new Error(`the topic was not created: ${await response.text()}`);
};

const readAll = async (target: Target): Promise<readonly FoundRecord[]> => {
  const found: FoundRecord[] = [];
  for (let partition = 0; partition < target.partitions; partition++) {
    for (let offset = 0, end = 1; offset < end; ) {
      const { records, nextOffset, highWatermark } = await readPage(target, partition, offset);
      for (const record of records) found.push({ ...record, partition });
      if (nextOffset <= offset && highWatermark > offset) {
        throw new Error(
          `${partition}@${offset} cannot be read, and the log ends at ${highWatermark}`,
        );
      }
      offset = nextOffset;
      end = highWatermark;
    }
  }
  return found;
};

const loadAndKill = async (
  service: Service,
  target: Target,
  history: History,
  round: number,
  draw: Draw,
  { producers, maxLoadMs, runtime }: KillOptions,
): Promise<void> => {
  const starts = Array.from({ length: target.partitions }, () => 0);
  for (const { partition, offset } of history.seen.values()) {
    starts[partition] = Math.max(starts[partition]!, offset + 1);
  }
  const loadMs = draw(10, maxLoadMs);
  const clients = Promise.all([
    readUntilKilled(target, history, starts),
    ...Array.from({ length: producers }, (_, i) =>
      produceUntilKilled(target, history, `r${round}.p${i}`, drawsFrom(draw(0, MAX_SEED))),
    ),
  ]);
  await Promise.race([clients, runtime.sleep(loadMs, service.ended)]);
  // The first round leaves something to lose, however slow the machine is.
  while (round === 0 && history.acknowledged.size === 0 && !service.ended.aborted) {
    await runtime.sleep(loadMs, service.ended);
  }
  if (service.ended.aborted) throw new Error(`the service ended by itself:\n${service.said()}`);
  await service.kill();
  await clients;
};

/** Starts it once more, and reads everything. */
const readBack = async (
  directory: string,
  { fsync, partitions, runtime }: KillOptions,
): Promise<readonly FoundRecord[]> => {
  const service = startService(directory, fsync, runtime);
  try {
    const url = await service.ready();
    return await readAll({ url, ended: service.ended, topic: TOPIC, partitions });
  } finally {
    await service.stop();
  }
};

/** Runs all rounds on one data directory of its own. @throws when the service does not come back */
export const runKillTest = async (options: KillOptions): Promise<KillReport> => {
  const { fsync, rounds, seed, partitions, runtime, log } = options;
  const directory = await mkdtemp(join(tmpdir(), `stratalog-kill-${fsync}-`));
  const history = newHistory();
  const draws = drawsFrom(seed);
  const drawSeed = () => draws(0, MAX_SEED);
  let killedAtStart = 0;

  for (let round = 0; round < rounds; round++) {
    const draw = drawsFrom(drawSeed());
    const service = startService(directory, fsync, runtime);
    if (round > 0 && draw(1, KILL_AT_START_EVERY) === 1) {
      await runtime.sleep(draw(0, LONGEST_START_MS));
      await service.kill();
      killedAtStart += 1;
      continue;
    }
    try {
      const url = await service.ready();
      if (round === 0) await createTopic(url, partitions);
      const target = { url, ended: service.ended, topic: TOPIC, partitions };
      await loadAndKill(service, target, history, round, draw, options);
    } finally {
      await service.kill();
    }
    log(`${fsync}: round ${round + 1} of ${rounds}, ${history.acknowledged.size} acknowledged`);
  }

  const found = await readBack(directory, options);
  const anomalies = check(history, found);
  if (anomalies.length === 0) await rm(directory, { recursive: true });
  return {
    fsync,
    seed,
    rounds,
    killedAtStart,
    sent: history.sent.size,
    acknowledged: history.acknowledged.size,
    refused: history.refused.size,
    unanswered: history.sent.size - history.acknowledged.size - history.refused.size,
    found: found.length,
    seenByReader: history.seen.size,
    anomalies,
    dataDirectory: anomalies.length === 0 ? undefined : directory,
  };
};
