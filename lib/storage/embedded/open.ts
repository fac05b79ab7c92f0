/**
 * A data directory, opened: items in SQLite, objects in volumes and files, one process at a time.
 *
 *   items.db, items.db-wal   SQLite (`database.ts`)         lock.json   who holds it (`lock-info.ts`)
 *   volumes/                 objects of `wal/`              synced      number of the last sync point
 *   segments/…               objects that are files         incoming/   files being written
 *
 * What holds for what was acknowledged:
 *
 *                kill -9             power loss
 *   always       all of it stays     all of it stays
 *   interval     all of it stays     a prefix stays: at least what is older than the last sync point,
 *                                    which begins every `intervalMs`
 *   never        all of it stays     the same, but sync points come only when much has gathered, before
 *                                    objects are deleted, and at the end
 *
 * "A prefix" means: there is a moment such that every item is as it was then, and every object that was
 * acknowledged by then is there and whole. An item never survives naming an object that did not.
 *
 * How: `always` syncs an object before its put is answered, and SQLite's log before an item's write is.
 * In the other modes SQLite's log may reach the disk before the objects do, in any part, so each
 * transaction stores how far objects were acknowledged, and the rows that it changes are kept as they
 * were at the last sync point; `recover.ts` compares and, if objects are missing, goes back to it.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { getSystemErrorMessage } from 'node:util';
import { StratalogError } from '../../model/errors.ts';
import type { Runtime, Stop } from '../../model/runtime.ts';
import type { BlobStore, ItemStore } from '../ports.ts';
import { embeddedBlobs } from './blobs.ts';
import { openDatabase } from './database.ts';
import { openFiles } from './files.ts';
import { isCorrupt, isFull, makeHealth } from './health.ts';
import { openItemRows } from './item-rows.ts';
import { embeddedItems } from './items.ts';
import { removeLockInfo } from './lock-info.ts';
import { openObjectIndex } from './object-index.ts';
import { recover } from './recover.ts';
import { makeSyncPoints, type SyncPoints } from './sync-points.ts';
import { openVolumes } from './volumes.ts';

/** When an acknowledgement waits for the disk: each, every `intervalMs` in the background, or not at all. */
export type FsyncMode = 'always' | 'interval' | 'never';

export interface EmbeddedOptions {
  /** Made when it does not exist. */
  readonly dataDir: string;
  readonly fsync: FsyncMode;
  readonly runtime: Runtime;
  /** Between two sync points. Default 1,000. */
  readonly intervalMs?: number;
  /** Size at which the next volume is begun. Default 128 MiB. */
  readonly volumeBytes?: number;
  /** Bytes of encoded items whose decoded form is kept in memory. Default 64 MiB. */
  readonly cacheBytes?: number;
}

export interface EmbeddedStores {
  readonly items: ItemStore;
  readonly blobs: BlobStore;
  /** Makes everything durable and lets go of the directory. Calls after it are refused. */
  close(): Promise<void>;
}

const MiB = 1024 * 1024;
const DEFAULT_INTERVAL_MS = 1_000;
const DEFAULT_VOLUME_BYTES = 128 * MiB;
const DEFAULT_CACHE_BYTES = 64 * MiB;

/**
 * @throws DATA_DIRECTORY_LOCKED when another process holds it; INVALID_CONFIG when it cannot be made;
 * CORRUPT_STORE when something is missing that was synced, or damaged; KAFKA_STORAGE_ERROR when the disk is full
 */
export const openEmbedded = async (options: EmbeddedOptions): Promise<EmbeddedStores> => {
  try {
    return await openDirectory(options);
  } catch (error) {
    const dataDir = resolve(options.dataDir);
    throw isFull(error)
      ? noRoom(dataDir, error)
      : isCorrupt(error)
        ? spoilt(dataDir, error)
        : error;
  }
};

const noRoom = (dataDir: string, cause: unknown): StratalogError =>
  new StratalogError(
    'KAFKA_STORAGE_ERROR',
    `There is no room on the disk of the data directory ${dataDir}. Make some and start again; what was acknowledged is there.`,
    { context: { dataDir }, cause },
  );

const spoilt = (dataDir: string, cause: unknown): StratalogError =>
  new StratalogError(
    'CORRUPT_STORE',
    `${join(dataDir, 'items.db')} is damaged (${(cause as Error).message}); restore the data directory from a copy.`,
    { context: { dataDir }, cause },
  );

const openDirectory = async ({
  dataDir: givenDir,
  fsync,
  runtime,
  intervalMs = DEFAULT_INTERVAL_MS,
  volumeBytes = DEFAULT_VOLUME_BYTES,
  cacheBytes = DEFAULT_CACHE_BYTES,
}: EmbeddedOptions): Promise<EmbeddedStores> => {
  const dataDir = resolve(givenDir);
  const directory = join(dataDir, 'volumes');
  makeDirectory(directory, dataDir);
  const health = makeHealth();
  const database = openDatabase(dataDir, runtime, health);
  try {
    const rows = openItemRows(database);
    const end = recover({ dataDir, directory, database, rows });
    makeDirectory(join(dataDir, 'incoming'), dataDir);
    for (const path of [dataDir, dirname(dataDir)]) syncDirectory(path);

    const syncEach = fsync === 'always';
    const volumes = openVolumes({ directory, end, volumeBytes, runtime, health });
    const index = openObjectIndex(database);
    let syncPoints: SyncPoints | undefined;
    const items = embeddedItems({
      database,
      rows,
      runtime,
      health,
      cacheBytes,
      syncEach,
      objectsEnd: () => (syncEach ? volumes.synced : volumes.end),
      committed: () => syncPoints?.noteChange(),
    });
    syncPoints = makeSyncPoints({
      dataDir,
      database,
      rows,
      items,
      index,
      volumes,
      runtime,
      health,
    });
    const { run } = syncPoints;
    const blobs = embeddedBlobs({
      volumes,
      index,
      files: openFiles(dataDir, health),
      health,
      syncEach,
      syncPoint: run,
    });
    const stop: Stop =
      fsync === 'never'
        ? () => undefined
        : runtime.every(intervalMs, () => void run().catch(() => undefined));

    return {
      items: items.store,
      blobs,
      async close() {
        stop();
        // Lets the writes of this turn be answered first.
        await new Promise<void>((done) => runtime.defer(done));
        try {
          await run();
          database.checkpoint();
        } finally {
          health.close();
          syncPoints.close();
          volumes.close();
          removeLockInfo(dataDir);
          database.close();
        }
      },
    };
  } catch (error) {
    removeLockInfo(dataDir);
    database.close();
    throw error;
  }
};

/**
 * Makes `path` and what is missing above it, one level after the other. Node's own `recursive` never
 * ends where the parent exists and the system still answers ENOENT, as it does in /proc.
 */
const makeDirectory = (path: string, dataDir: string): void => {
  const missing: string[] = [];
  for (let at = path; !existsSync(at) && at !== dirname(at); at = dirname(at)) missing.push(at);
  try {
    for (const level of missing.reverse()) makeLevel(level);
  } catch (cause) {
    const { code, errno } = cause as NodeJS.ErrnoException;
    const reason =
      errno === undefined ? String(cause) : `${getSystemErrorMessage(errno)} (${code})`;
    throw new StratalogError(
      'INVALID_CONFIG',
      `Cannot create the data directory ${dataDir}: ${reason}. Choose another with --data-dir.`,
      { context: { dataDir, reason }, cause },
    );
  }
};

/** Someone else may make it at the same time: the lock decides later who has it. */
const makeLevel = (path: string): void => {
  try {
    mkdirSync(path);
  } catch (error) {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
};

const syncDirectory = (path: string): void => {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
};
