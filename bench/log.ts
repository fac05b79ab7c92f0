/**
 * The log in one process over the embedded stores: appends by concurrent writers, reads, and how a
 * read at the end of a log depends on its length.
 *
 * `node bench/log.ts` prints the figures as JSON. MB are 10⁶ bytes of record batches; writers each
 * wait for their answer before they send again; objects and items go to files without fsync.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32c } from '@node-rs/crc32';
import type { Broker } from '../lib/broker/api.ts';
import { createBroker } from '../lib/broker/broker.ts';
import { useCrc32c } from '../lib/bytes/crc32c.ts';
import { encodeEntry } from '../lib/log/entry.ts';
import { createFetcher } from '../lib/log/fetch/fetcher.ts';
import { createTopic } from '../lib/log/topics/create.ts';
import { findTopic, partitionRefs } from '../lib/log/topics/find.ts';
import { newWalId, walKey } from '../lib/log/wal.ts';
import { type TopicName, topicName } from '../lib/model/ids.ts';
import { systemRuntime } from '../lib/model/runtime.ts';
import { encodeBatch } from '../lib/record/encode.ts';
import { add, append, set } from '../lib/storage/algebra.ts';
import { type EmbeddedStores, openEmbedded } from '../lib/storage/embedded/open.ts';
import { chunkItem } from '../lib/storage/keys/chunk.ts';
import { HEAD, headKey, partitionKey } from '../lib/storage/keys/head.ts';
import { percentiles } from './percentiles.ts';

const RUN_MS = 1_000;
const TOPIC = topicName('bench');

const { monotonicMs } = systemRuntime;

const withDirectory = async <T>(work: (dataDir: string) => Promise<T>): Promise<T> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'stratalog-bench-'));
  try {
    return await work(dataDir);
  } finally {
    await rm(dataDir, { recursive: true });
  }
};

const withStoresIn = async <T>(
  dataDir: string,
  work: (stores: EmbeddedStores) => Promise<T>,
): Promise<T> => {
  const stores = await openEmbedded({ dataDir, fsync: 'never', runtime: systemRuntime });
  try {
    return await work(stores);
  } finally {
    await stores.close();
  }
};

const withStores = <T>(work: (stores: EmbeddedStores) => Promise<T>): Promise<T> =>
  withDirectory((dataDir) => withStoresIn(dataDir, work));

const batchOfSize = (sizeBytes: number): Uint8Array =>
  encodeBatch([{ value: Buffer.alloc(sizeBytes - 72, 'log'), timestamp: 1_700_000_000_000 }]);

/** Appends by `writers`, each to its own partition round robin, for a while. */
const benchAppend = (sizeBytes: number, writers: number, partitions: number): Promise<object> =>
  withStores(async (stores) => {
    const broker = createBroker(stores);
    await broker.createTopic({ name: TOPIC, partitions });
    const batch = batchOfSize(sizeBytes);
    const start = monotonicMs();
    const untilMs = start + RUN_MS;
    let appends = 0;
    const latenciesMs: number[] = [];
    const writer = async (partition: number): Promise<void> => {
      while (monotonicMs() < untilMs) {
        const sentMs = monotonicMs();
        // The broker takes the bytes over, so each append brings its own.
        const [result] = await broker.produce({
          topic: TOPIC,
          partitions: [{ partition, batches: new Uint8Array(batch) }],
        });
        if (result?.error !== undefined) throw result.error;
        appends++;
        latenciesMs.push(monotonicMs() - sentMs);
      }
    };
    await Promise.all(Array.from({ length: writers }, (_, n) => writer(n % partitions)));
    const seconds = (monotonicMs() - start) / 1_000;
    await broker.close();
    return {
      batchBytes: batch.length,
      writers,
      partitions,
      appendsPerSecond: Math.round(appends / seconds),
      megabytesPerSecond: Math.round((appends * batch.length) / seconds / 1e6),
      ...percentiles(latenciesMs),
    };
  });

/** Reads a partition from its beginning, by the process that wrote it and by one that has nothing in memory. */
const benchFetch = (sizeBytes: number, totalBytes: number): Promise<object> =>
  withStores(async (stores) => {
    const broker = createBroker(stores);
    await broker.createTopic({ name: TOPIC, partitions: 1 });
    const batch = batchOfSize(sizeBytes);
    const count = Math.ceil(totalBytes / batch.length);
    for (let sent = 0; sent < count; sent += 256) {
      await Promise.all(
        Array.from({ length: Math.min(256, count - sent) }, () =>
          broker.produce({
            topic: TOPIC,
            partitions: [{ partition: 0, batches: new Uint8Array(batch) }],
          }),
        ),
      );
    }
    const read = async (reader: Broker): Promise<object> => {
      const start = monotonicMs();
      let bytes = 0;
      for (let offset = 0; offset < count; ) {
        const [result] = await reader.fetch({
          partitions: [{ topic: TOPIC, partition: 0, offset }],
        });
        if (result?.error !== undefined) throw result.error;
        bytes += result!.batches.reduce((sum, one) => sum + one.length, 0);
        offset = result!.nextOffset;
      }
      const seconds = (monotonicMs() - start) / 1_000;
      return {
        megabytesPerSecond: Math.round(bytes / seconds / 1e6),
        batchesPerSecond: Math.round(count / seconds),
      };
    };
    await broker.close();
    return {
      batchBytes: batch.length,
      recentlyWritten: await read(broker),
      fromFiles: await read(createBroker(stores)),
    };
  });

/** Fetches at the end and in the middle of a short and a long log, by turns, so that both meet the same machine. */
const benchLogLength = (shortEntries: number, longEntries: number): Promise<object> =>
  withLog(shortEntries, (short) =>
    withLog(longEntries, async (long) => {
      const logs = [short, long];
      const latenciesMs = logs.map(() => ({
        atTheEnd: [] as number[],
        inTheMiddle: [] as number[],
      }));
      for (let round = 0; round < 4_000; round++) {
        for (const [index, { entries, fetch }] of logs.entries()) {
          const [end, middle] = [await fetch(entries - 2), await fetch(entries / 2)];
          // The first rounds are for the compiler.
          if (round < 500) continue;
          latenciesMs[index]!.atTheEnd.push(end);
          latenciesMs[index]!.inTheMiddle.push(middle);
        }
      }
      const figures = latenciesMs.map(({ atTheEnd, inTheMiddle }, index) => ({
        entries: logs[index]!.entries,
        atTheEnd: percentiles(atTheEnd),
        inTheMiddle: percentiles(inTheMiddle),
      }));
      const ratio = (place: 'atTheEnd' | 'inTheMiddle'): number =>
        Number((figures[1]![place].p50Ms / figures[0]![place].p50Ms).toFixed(2));
      return {
        logs: figures,
        ratio: { atTheEnd: ratio('atTheEnd'), inTheMiddle: ratio('inTheMiddle') },
      };
    }),
  );

interface LongLog {
  readonly entries: number;
  /** Reads two records, as a process that has nothing in memory; in ms. */
  readonly fetch: (offset: number) => Promise<number>;
}

/** A log of this many entries in stores that were opened after it was written. */
const withLog = <T>(entries: number, work: (log: LongLog) => Promise<T>): Promise<T> =>
  withDirectory(async (dataDir) => {
    await withStoresIn(dataDir, async (stores) => {
      await createTopic(stores.items, systemRuntime, { name: TOPIC, partitions: 1, configs: {} });
      await layOut(stores, TOPIC, entries, batchOfSize(2_000));
    });
    return withStoresIn(dataDir, async (stores) => work(await openLog(stores, entries)));
  });

const openLog = async ({ items, blobs }: EmbeddedStores, entries: number): Promise<LongLog> => {
  const ref = partitionRefs(await findTopic(items, TOPIC))[0]!;
  const fetch = async (offset: number): Promise<number> => {
    const fetcher = createFetcher({ items, blobs, runtime: systemRuntime, cacheBytes: 0 });
    const start = monotonicMs();
    const [fetched] = await fetcher.fetch([{ ref, offset }], { maxBytes: 4_000 });
    const elapsedMs = monotonicMs() - start;
    if (!fetched || 'error' in fetched || fetched.batches.length === 0) {
      throw new Error(`nothing at offset ${offset}`);
    }
    return elapsedMs;
  };
  return { entries, fetch };
};

/** Writes the rows and the head of a long log as rolls would have left them; one object serves all entries. */
const layOut = async (
  { items, blobs }: Pick<EmbeddedStores, 'items' | 'blobs'>,
  name: TopicName,
  count: number,
  batch: Uint8Array,
): Promise<void> => {
  const ref = partitionRefs(await findTopic(items, name))[0]!;
  const objectId = newWalId(systemRuntime, systemRuntime.now());
  await blobs.put(walKey(objectId), [batch]);
  const entry = encodeEntry({
    sizeBytes: batch.length,
    recordCount: 1,
    maxTimestamp: 1_700_000_000_000,
    producer: undefined,
    place: { objectId, position: 0 },
  });
  const perRow = 16;
  const tail = 8;
  const inRows = count - tail;
  for (let base = 0; base < inRows; base += perRow * 500) {
    const rows = [];
    for (let row = base; row < Math.min(inRows, base + perRow * 500); row += perRow) {
      const end = Math.min(inRows, row + perRow);
      const entries = Array.from({ length: end - row }, () => entry);
      rows.push(
        items.put(chunkItem(partitionKey(ref), { base: row, end, entries, maxTimestamp: 0 })),
      );
    }
    await Promise.all(rows);
  }
  await items.update(headKey(ref), {
    change: [
      set(HEAD.tailStart, inRows),
      set(HEAD.end, count),
      append(
        HEAD.tail,
        Array.from({ length: tail }, () => entry),
      ),
      add(HEAD.tailBytes, tail * entry.length),
    ],
  });
};

/** Appends, reads and reads at the end of long logs; see the head of this file. */
export const benchLog = async (): Promise<object> => {
  useCrc32c(crc32c);
  const appends: object[] = [];
  for (const sizeBytes of [100, 1_000, 1_000_000]) {
    for (const partitions of [1, 16]) {
      for (const writers of [1, 16, 64])
        appends.push(await benchAppend(sizeBytes, writers, partitions));
    }
  }
  const fetches = [await benchFetch(1_000, 50_000_000), await benchFetch(1_000_000, 500_000_000)];
  return { appends, fetches, logLength: await benchLogLength(1_000, 1_000_000) };
};

if (import.meta.main) console.log(JSON.stringify(await benchLog(), null, 2));
