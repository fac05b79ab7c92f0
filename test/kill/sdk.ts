/**
 * The kill test of the SDK: one idempotent producer and one reader live through every SIGKILL.
 *
 *   service    up ──── SIGKILL   up ─ SIGKILL   up ────── SIGKILL  …  up
 *   producer   send send send send send send send send send send send    flush: all acknowledged
 *   reader     ─ follows from the beginning, through the restarts ────▶  has read all
 *
 * In the end every message that was sent is in the log once, where its answer said, in the order in
 * which it was sent to its partition; and the reader has seen the same.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Producer, type Reader, Stratalog } from '../../lib/index.ts';
import { type Anomaly, check, type FoundRecord, type History, newHistory } from './history.ts';
import type { Draw } from './load.ts';
import { drawsFrom, type KillOptions } from './run.ts';
import { type Service, startService } from './service.ts';
import { valueFor } from './value.ts';

export interface SdkKillReport {
  readonly fsync: string;
  readonly seed: number;
  readonly kills: number;
  readonly sent: number;
  readonly acknowledged: number;
  readonly found: number;
  readonly seenByReader: number;
  /** Between the first and the last request. */
  readonly durationMs: number;
  readonly anomalies: readonly Anomaly[];
  /** Kept when there are anomalies, else deleted. */
  readonly dataDirectory: string | undefined;
}

const TOPIC = 'sdk-kill-test';
/** One round in this many is killed while it starts. */
const KILL_AT_START_EVERY = 5;
const LONGEST_START_MS = 600;
/** What a request takes, more or less. */
const LONGEST_REQUEST_MS = 6;
/** Longer than any restart takes, on a busy machine too. */
const PATIENCE_MS = 60_000;
const PAUSE_BETWEEN_SENDS_MS = 2;

type TextProducer = Producer<string | Uint8Array, string | Uint8Array>;

/** Sends to every partition without waiting for answers, until it is told to stop; then until all are there. */
const sendUntil = async (
  stop: AbortSignal,
  producer: TextProducer,
  history: History,
  draw: Draw,
  { partitions, runtime }: KillOptions,
): Promise<void> => {
  const answers: Promise<void>[] = [];
  for (let n = 0; !stop.aborted; ) {
    const partition = draw(0, partitions - 1);
    const ids = Array.from(
      { length: draw(1, 4) },
      () => `r0.p${partition}.${n++}.${draw(20, draw(0, 3) === 0 ? 12_000 : 200)}`,
    );
    for (const id of ids) history.sent.set(id, partition);
    const messages = ids.map((id) => ({ value: valueFor(id) }));
    answers.push(
      producer.send({ topic: TOPIC, partition, messages }).then((told) => {
        for (const [i, { offset }] of told.entries()) {
          history.acknowledged.set(ids[i]!, { partition, offset });
        }
      }),
    );
    await runtime.sleep(PAUSE_BETWEEN_SENDS_MS);
  }
  await producer.flush();
  await Promise.all(answers);
};

const readInto = async (reader: Reader<string, string>, found: FoundRecord[]): Promise<void> => {
  for await (const { partition, offset, value } of reader) {
    found.push({ partition, offset, value: value ?? '' });
  }
};

/** Values of a partition carry growing numbers. */
const disorder = (found: readonly FoundRecord[], who: string): readonly Anomaly[] => {
  const last = new Map<number, number>();
  return found.flatMap(({ partition, offset, value }): readonly Anomaly[] => {
    const n = Number(value.split('.')[2]);
    const before = last.get(partition) ?? -1;
    last.set(partition, n);
    const detail = `${who}: ${n} at ${partition}@${offset} comes after ${before}`;
    return n > before ? [] : [{ kind: 'out-of-order', detail }];
  });
};

/** Resolves when the producer sends its next request; passes all requests on. */
const watchProduce = () => {
  let waiting: (() => void)[] = [];
  const watched: typeof globalThis.fetch = (input, init) => {
    if (String(input).endsWith('/records')) {
      for (const resolve of waiting) resolve();
      waiting = [];
    }
    return fetch(input, init);
  };
  const next = () => new Promise<void>((resolve) => waiting.push(resolve));
  return { fetch: watched, next };
};

/** Kills and restarts it on the same port; the service that is up in the end. */
const killAgainAndAgain = async (
  first: Service,
  start: () => Service,
  nextProduce: () => Promise<void>,
  draw: Draw,
  { rounds, maxLoadMs, runtime, log }: KillOptions,
): Promise<Service> => {
  let service = first;
  for (let round = 0; round < rounds; round++) {
    const atStart = round > 0 && draw(1, KILL_AT_START_EVERY) === 1;
    if (!atStart) await service.ready();
    await runtime.sleep(draw(10, atStart ? LONGEST_START_MS : maxLoadMs));
    // Most often while a request is being worked on: its answer is then lost, and perhaps only that.
    if (!atStart) {
      await Promise.race([nextProduce(), runtime.sleep(LONGEST_START_MS)]);
      await runtime.sleep(draw(0, LONGEST_REQUEST_MS));
    }
    await service.kill();
    service = start();
    log(`sdk: kill ${round + 1} of ${rounds}`);
  }
  await service.ready();
  return service;
};

const until = async (
  condition: () => boolean,
  { runtime }: KillOptions,
  what: string,
): Promise<void> => {
  const endMs = runtime.monotonicMs() + PATIENCE_MS;
  while (!condition()) {
    if (runtime.monotonicMs() > endMs) throw new Error(`${what} within ${PATIENCE_MS} ms: no`);
    await runtime.sleep(10);
  }
};

/** Runs all rounds on one data directory of its own. @throws when anything is not acknowledged in the end */
export const runSdkKillTest = async (options: KillOptions): Promise<SdkKillReport> => {
  const { fsync, rounds, seed, partitions, runtime } = options;
  const directory = await mkdtemp(join(tmpdir(), `stratalog-sdk-kill-${fsync}-`));
  const history = newHistory();
  const draw = drawsFrom(seed);
  const seen: FoundRecord[] = [];
  const found: FoundRecord[] = [];
  let service = startService(directory, fsync, runtime);
  try {
    const endpoint = await service.ready();
    const port = Number(new URL(endpoint).port);
    const startedMs = runtime.monotonicMs();
    const watched = watchProduce();
    const stratalog = new Stratalog({ endpoint, fetch: watched.fetch });
    await stratalog.admin().createTopic({ name: TOPIC, partitions });
    const producer = stratalog.producer({ deliveryTimeoutMs: PATIENCE_MS });
    const follower = stratalog.reader({
      topic: TOPIC,
      maxWaitMs: 500,
      retryTimeoutMs: PATIENCE_MS,
    });
    const following = readInto(follower, seen);
    const stop = new AbortController();
    const sending = sendUntil(stop.signal, producer, history, drawsFrom(seed + 1), options);
    // A failure is told where they are awaited.
    for (const work of [following, sending]) work.catch(() => {});

    const restart = () => startService(directory, fsync, runtime, port);
    service = await killAgainAndAgain(service, restart, watched.next, draw, options);
    stop.abort();
    await sending;
    await producer.close();
    await Promise.race([
      until(() => seen.length >= history.sent.size, options, 'the reader has read all'),
      following,
    ]);
    await follower.close();
    await following;
    await readInto(stratalog.reader({ topic: TOPIC, until: 'end' }), found);
    const durationMs = Math.round(runtime.monotonicMs() - startedMs);

    const anomalies = [
      ...check(history, found),
      ...disorder(found, 'the log'),
      ...check({ ...history, seen: new Map() }, seen),
      ...disorder(seen, 'the reader'),
    ];
    await service.stop();
    if (anomalies.length === 0) await rm(directory, { recursive: true });
    return {
      fsync,
      seed,
      kills: rounds,
      sent: history.sent.size,
      acknowledged: history.acknowledged.size,
      found: found.length,
      seenByReader: seen.length,
      durationMs,
      anomalies,
      dataDirectory: anomalies.length === 0 ? undefined : directory,
    };
  } finally {
    await service.kill();
  }
};
