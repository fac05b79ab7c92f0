/**
 * What the embedded stores do on this machine, per fsync mode: `node bench/storage.ts` prints JSON.
 *
 *   updates    heads of 2 KB, 16 of them, 64 callers at a time; a second's worth of appends each
 *   putsLarge  objects of 1 MiB, 4 at a time          putsSmall  objects of 4 KiB, 64 at a time
 *   readLarge  1 MiB of what was just written, 4 at a time
 *
 * Disks and neighbours differ by the hour: compare within one run.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRuntime } from '../lib/model/runtime.ts';
import { add, append, atMost, dropFirst, exists, sizeBelow } from '../lib/storage/algebra.ts';
import { type EmbeddedStores, type FsyncMode, openEmbedded } from '../lib/storage/embedded/open.ts';

/** Figures of one mode; rates per second of wall clock. */
export interface StorageFigures {
  readonly updatesPerSecond: number;
  readonly putsLargeMBPerSecond: number;
  readonly putsSmallPerSecond: number;
  readonly readLargeMBPerSecond: number;
  /** Longest that the event loop was held up, ms. */
  readonly longestStallMs: number;
  readonly closeMs: number;
  readonly reopenMs: number;
}

const SECONDS = 3;
const MiB = 1024 * 1024;

/** Runs `work` in `callers` loops for `SECONDS`; calls per second. */
const rate = async (callers: number, work: (caller: number, round: number) => Promise<unknown>) => {
  const begun = systemRuntime.monotonicMs();
  let calls = 0;
  await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      for (let round = 0; systemRuntime.monotonicMs() - begun < SECONDS * 1_000; round++) {
        await work(caller, round);
        calls++;
      }
    }),
  );
  return Math.round((calls * 1_000) / (systemRuntime.monotonicMs() - begun));
};

/** Watches for turns of the event loop that take long; `stop` tells the longest, ms. */
const watchStalls = (): { stop(): number } => {
  let longestMs = 0;
  let lastMs = systemRuntime.monotonicMs();
  const periodMs = 5;
  const stop = systemRuntime.every(periodMs, () => {
    const nowMs = systemRuntime.monotonicMs();
    longestMs = Math.max(longestMs, nowMs - lastMs - periodMs);
    lastMs = nowMs;
  });
  return {
    stop() {
      stop();
      return Math.round(longestMs);
    },
  };
};

const HEADS = 16;
const headKey = (head: number) => ({ pk: `P#${'0'.repeat(36)}#${head}`, sk: 'HEAD' });

const putHeads = async ({ items }: EmbeddedStores): Promise<void> => {
  const tail = Array.from({ length: 24 }, (_, n) => new Uint8Array(33).fill(n));
  const producers = Array.from({ length: 12 }, (_, n) => [`${10_000 + n}`, 5 * 2 ** 31 + n]);
  for (let head = 0; head < HEADS; head++) {
    await items.put({
      ...headKey(head),
      end: 0,
      bytes: 0,
      floor: 0,
      tail,
      inline: new Uint8Array(700),
      p: Object.fromEntries(producers),
      duty: 'seal',
      dueAt: 1_750_000_000_000,
    });
  }
};

const updateHead = ({ items }: EmbeddedStores, caller: number, round: number) =>
  items.update(headKey(caller % HEADS), {
    if: { there: exists('end'), 'tail-not-full': sizeBelow('tail', 64), fresh: atMost('floor', 1) },
    change: [
      add('end', 10),
      add('bytes', 1_000),
      round % 2 === 0 ? append('tail', [new Uint8Array(33)]) : dropFirst('tail', 1),
    ],
  });

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const begun = systemRuntime.monotonicMs();
  await work();
  return Math.round(systemRuntime.monotonicMs() - begun);
};

const benchMode = async (dataDir: string, fsync: FsyncMode): Promise<StorageFigures> => {
  const open = () => openEmbedded({ dataDir, fsync, runtime: systemRuntime });
  const stores = await open();
  const { blobs, close } = stores;
  const large = new Uint8Array(MiB).fill(7);
  const small = new Uint8Array(4_096).fill(7);
  await putHeads(stores);
  const stalls = watchStalls();
  const updatesPerSecond = await rate(64, (caller, round) => updateHead(stores, caller, round));
  const putsSmallPerSecond = await rate(64, (caller, round) =>
    blobs.put(`wal/small/${caller}-${round}`, [small]),
  );
  let puts = 0;
  const putsLarge = await rate(4, () => blobs.put(`wal/large/${puts++}`, [large]));
  const readLarge = await rate(4, (caller, round) =>
    blobs.get(`wal/large/${(caller * 97 + round * 7) % puts}`),
  );
  const longestStallMs = stalls.stop();
  const closeMs = await timed(close);
  let again = stores;
  const reopenMs = await timed(async () => {
    again = await open();
  });
  await again.close();
  return {
    updatesPerSecond,
    putsLargeMBPerSecond: Math.round((putsLarge * MiB) / 1e6),
    putsSmallPerSecond,
    readLargeMBPerSecond: Math.round((readLarge * MiB) / 1e6),
    longestStallMs,
    closeMs,
    reopenMs,
  };
};

/** Figures of each mode, in a directory of its own under the system's temporary one. */
export const benchStorage = async (): Promise<Readonly<Record<FsyncMode, StorageFigures>>> => {
  const root = mkdtempSync(join(tmpdir(), 'stratalog-bench-'));
  try {
    return {
      never: await benchMode(join(root, 'never'), 'never'),
      interval: await benchMode(join(root, 'interval'), 'interval'),
      always: await benchMode(join(root, 'always'), 'always'),
    };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
};

if (import.meta.main) console.log(JSON.stringify(await benchStorage(), undefined, 2));
