/**
 * The SQLite file: who holds it, what is in it, and when it is synced.
 *
 *   items.db        items     one row an item; `due` is a sparse index over duty and due_at
 *                   undo      what items were before they first changed since the last sync point
 *                   objects   where the objects of the volumes lie (`object-index.ts`)
 *                   meta      positions and counters, one number each
 *   items.db-wal    SQLite's write-ahead log: frames with cumulative checksums, so that what survives
 *                   of it is always a prefix of the transactions
 *
 * The connection holds SQLite's exclusive lock from the first statement on. The operating system drops
 * it when the process dies, however it dies: that is what makes one process per data directory.
 *
 * `synchronous=NORMAL`: a commit is written and not synced, a checkpoint syncs the log before it copies
 * pages and the pages before it forgets the log. Commits are made durable by `syncLog` instead, which
 * does on a thread of the pool, for many commits at once, what FULL would do in the way of all others.
 */
import { closeSync, fdatasync, openSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { StratalogError } from '../../model/errors.ts';
import type { Runtime } from '../../model/runtime.ts';
import { groupSync } from './group-sync.ts';
import { type Health, isFull } from './health.ts';
import { readLockInfo, writeLockInfo } from './lock-info.ts';

const fdatasyncAsync = promisify(fdatasync);

/** Migration: `open` brings an older file up to this, step by step, in one transaction. */
const SCHEMA_VERSION = 1;

const SCHEMA = `
  CREATE TABLE items (
    id INTEGER PRIMARY KEY,
    pk TEXT NOT NULL,
    sk TEXT NOT NULL,
    body BLOB NOT NULL,
    duty TEXT,
    due_at INTEGER,
    UNIQUE (pk, sk)
  ) STRICT;
  CREATE INDEX due ON items (duty, due_at, pk, sk) WHERE duty IS NOT NULL;
  CREATE TABLE undo (generation INTEGER NOT NULL, pk TEXT NOT NULL, sk TEXT NOT NULL, body BLOB) STRICT;
  CREATE TABLE objects (key TEXT PRIMARY KEY, position INTEGER NOT NULL, size INTEGER NOT NULL)
    STRICT, WITHOUT ROWID;
  CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** SQLite's SQLITE_BUSY: somebody else holds the file. */
const SQLITE_BUSY = 5;

/**
 * `acknowledged`: end of the objects that were acknowledged when the newest item was committed;
 * `indexed`: the objects below it are in `objects`; `synced`: those below it are on the disk;
 * `syncPoint`: number of the newest sync point.
 */
export type MetaName = 'acknowledged' | 'indexed' | 'synced' | 'syncPoint';

export interface Database {
  readonly sql: DatabaseSync;
  /** Runs `work` in one transaction. @throws what `work` or SQLite throws; then nothing of it is visible */
  transaction<T>(work: () => T): T;
  meta(name: MetaName): number;
  setMeta(name: MetaName, value: number): void;
  /** Resolves when every transaction committed before the call is on the disk. @throws StoreError, and the store stops */
  syncLog(): Promise<void>;
  /** Copies the log into the file, so that the log starts anew. Blocks: a few ms for some MB. */
  checkpoint(): void;
  close(): void;
}

/**
 * @throws DATA_DIRECTORY_LOCKED when another process (or this one) holds the directory;
 * CORRUPT_STORE when the file is newer than this release, or no database; what SQLite or the file system
 * says of a full disk, or of a damaged file
 */
export const openDatabase = (dataDir: string, runtime: Runtime, health: Health): Database => {
  const path = join(dataDir, 'items.db');
  const sql = lock(path, dataDir);
  try {
    writeLockInfo(dataDir, { pid: process.pid, host: hostname(), since: runtime.now() });
    return databaseOf(sql, path, health);
  } catch (error) {
    sql.close();
    throw error;
  }
};

const databaseOf = (sql: DatabaseSync, path: string, health: Health): Database => {
  const begin = sql.prepare('BEGIN IMMEDIATE');
  const commit = sql.prepare('COMMIT');
  const transaction = <T>(work: () => T): T => {
    begin.run();
    try {
      const result = work();
      commit.run();
      return result;
    } catch (error) {
      // Some failures (a full disk) have rolled back already.
      if (sql.isTransaction) sql.exec('ROLLBACK');
      throw error;
    }
  };

  const getMeta = sql.prepare('SELECT value FROM meta WHERE name = ?');
  const putMeta = sql.prepare('INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)');

  // The log exists from the first write on; it is one file for as long as the connection lives.
  transaction(() => putMeta.run('syncPoint', Number(getMeta.get('syncPoint')?.value ?? 0)));
  const log = openSync(`${path}-wal`, 'r');

  return {
    sql,
    transaction,
    meta: (name) => Number(getMeta.get(name)?.value ?? 0),
    setMeta: (name, value) => putMeta.run(name, value),
    syncLog: groupSync(async () => {
      health.require();
      try {
        await fdatasyncAsync(log);
      } catch (error) {
        throw health.judge(error, 'syncing the log of the items');
      }
    }),
    checkpoint: () => sql.exec('PRAGMA wal_checkpoint(PASSIVE)'),
    close() {
      closeSync(log);
      sql.close();
    },
  };
};

const lock = (path: string, dataDir: string): DatabaseSync => {
  let sql: DatabaseSync | undefined;
  try {
    sql = new DatabaseSync(path);
    sql.exec(`
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA wal_autocheckpoint = 0;
      PRAGMA cache_size = -65536;
      BEGIN EXCLUSIVE;
      COMMIT;
    `);
    migrate(sql, path);
    return sql;
  } catch (error) {
    sql?.close();
    if (error instanceof StratalogError || isFull(error)) throw error;
    if (((error as { errcode?: number }).errcode ?? 0) % 256 !== SQLITE_BUSY) {
      throw corrupt(`${path} cannot be opened: ${(error as Error).message}`, error);
    }
    throw locked(dataDir, error);
  }
};

const locked = (dataDir: string, cause: unknown): StratalogError => {
  const holder = readLockInfo(dataDir);
  const who =
    holder === undefined
      ? 'another process'
      : `process ${holder.pid} on ${holder.host}, since ${new Date(holder.since).toISOString()}`;
  return new StratalogError(
    'DATA_DIRECTORY_LOCKED',
    `The data directory ${dataDir} is in use by ${who}. Stop it, or choose another directory.`,
    { context: { dataDir, pid: holder?.pid ?? null, host: holder?.host ?? null }, cause },
  );
};

const migrate = (sql: DatabaseSync, path: string): void => {
  const version = Number(sql.prepare('PRAGMA user_version').get()?.user_version);
  if (version > SCHEMA_VERSION) {
    throw corrupt(
      `${path} has version ${version}; this release reads ${SCHEMA_VERSION}. Upgrade it.`,
    );
  }
  if (version === 0) sql.exec(`BEGIN; ${SCHEMA}; COMMIT`);
};

const corrupt = (message: string, cause?: unknown): StratalogError =>
  new StratalogError('CORRUPT_STORE', message, { cause });
