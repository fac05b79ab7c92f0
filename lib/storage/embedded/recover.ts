/**
 * What a start does before anyone is served: find out how far the objects are whole, and hold the items
 * to it.
 *
 *        synced                    X = first bad record           acknowledged (by the newest item)
 *   ───────┼───── good ──────────────┼──────── torn ─────────────────┼───
 *
 *   acknowledged ≤ X   every object that an item may name is there: all items stay
 *   acknowledged > X   the disk lost objects under items that it kept: the items go back to the sync
 *                      point, whose objects are all below `synced`
 *
 * After a clean end, and after kill -9, it is the first case. What lies behind X is cut off. Both
 * cases leave a prefix of what was acknowledged, with no item that names an object that is not there.
 * A store that must not lose anything (`fsync: always`) keeps no undo rows, and what is missing below
 * a position that was synced is no torn end: then the start fails and says where the damage is.
 */
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { StratalogError } from '../../model/errors.ts';
import type { Database } from './database.ts';
import type { ItemRows } from './item-rows.ts';
import { type Position, placeOf, positionOf } from './position.ts';
import { readSyncedNumber } from './sync-points.ts';
import { type Place, RECORD_HEADER_BYTES } from './volume-record.ts';
import { type Scan, scanVolumes } from './volume-scan.ts';
import { listVolumes, volumePath } from './volumes.ts';

interface RecoverOptions {
  readonly dataDir: string;
  /** The directory of the volumes. */
  readonly directory: string;
  readonly database: Database;
  readonly rows: ItemRows;
}

/**
 * Brings objects and items to one state and makes it durable.
 * @returns where the next object goes
 * @throws CORRUPT_STORE when something is missing that was synced
 */
export const recover = ({ dataDir, directory, database, rows }: RecoverOptions): Place => {
  requireSyncPoint(dataDir, database.meta('syncPoint'));
  const pathOf = (volume: number): string => volumePath(directory, volume);
  const synced = database.meta('synced');
  requireIndexed(database, synced, pathOf);
  const scan = scanVolumes(placeOf(synced), pathOf);
  const end = positionOf(scan.end);

  syncFiles(directory, placeOf(synced), pathOf);
  adopt(database, rows, scan, end);
  cutOff(directory, scan.end, pathOf);
  rmSync(join(dataDir, 'incoming'), { recursive: true, force: true });
  return scan.end;
};

/** SQLite drops what is damaged in its log, and all after it: down to the last sync point that may not be. */
const requireSyncPoint = (dataDir: string, found: number): void => {
  const expected = readSyncedNumber(dataDir);
  if (found >= expected) return;
  throw damaged(`items.db-wal lost what was synced (sync point ${expected}, found ${found})`, {
    dataDir,
    expected,
    found,
  });
};

/** Every volume must reach as far as its objects below `synced`, and the newest up to it. */
const requireIndexed = (
  database: Database,
  synced: Position,
  pathOf: (volume: number) => string,
): void => {
  const newest = database.sql
    .prepare(
      'SELECT max(position) AS position, key, size FROM objects WHERE position < ? GROUP BY position >> 32',
    )
    .all(synced)
    .map(({ position, key, size }) => {
      const place = placeOf(Number(position));
      const recordBytes = RECORD_HEADER_BYTES + String(key).length + Number(size);
      return { volume: place.volume, offset: place.offset + recordBytes };
    });
  for (const { volume, offset } of [...newest, placeOf(synced)]) {
    if (offset === 0) continue;
    const path = pathOf(volume);
    const sizeBytes = existsSync(path) ? statSync(path).size : 0;
    if (sizeBytes < offset) {
      throw damaged(`${path} has ${sizeBytes} bytes; ${offset} were synced`, {
        path,
        sizeBytes,
        syncedBytes: offset,
      });
    }
  }
};

const adopt = (database: Database, rows: ItemRows, scan: Scan, end: Position): void => {
  const { sql } = database;
  const acknowledged = database.meta('acknowledged');
  const indexed = database.meta('indexed');
  const insert = sql.prepare(
    'INSERT OR IGNORE INTO objects (key, position, size) VALUES (?, ?, ?)',
  );
  database.transaction(() => {
    if (acknowledged > end && rows.rollBack() === 0) {
      const { volume, offset } = scan.end;
      throw damaged(
        `volume ${volume} is damaged at byte ${offset}, which was acknowledged as synced`,
        {
          volume,
          offset,
        },
      );
    }
    rows.dropUndo(Number.MAX_SAFE_INTEGER);
    sql.prepare('DELETE FROM objects WHERE position >= ?').run(end);
    for (const { key, position, sizeBytes } of scan.objects) {
      if (position >= indexed) insert.run(key, position, sizeBytes);
    }
    database.setMeta('acknowledged', end);
    database.setMeta('indexed', end);
    database.setMeta('synced', end);
  });
  database.checkpoint();
};

/** What was verified may still be in the page cache only: before `synced` moves over it, it is synced. */
const syncFiles = (directory: string, from: Place, pathOf: (volume: number) => string): void => {
  for (const volume of listVolumes(directory)) {
    if (volume < from.volume) continue;
    withFile(pathOf(volume), 'r+', fdatasyncSync);
  }
  withFile(directory, 'r', fsyncSync);
};

/** Removes what lies behind the end: the next scan must not take it for new. */
const cutOff = (directory: string, end: Place, pathOf: (volume: number) => string): void => {
  for (const volume of listVolumes(directory)) {
    if (volume > end.volume) rmSync(pathOf(volume));
  }
  if (existsSync(pathOf(end.volume))) {
    withFile(pathOf(end.volume), 'r+', (fd) => {
      ftruncateSync(fd, end.offset);
      fdatasyncSync(fd);
    });
  }
  for (const name of readdirSync(directory)) {
    if (name.startsWith('spare-')) rmSync(join(directory, name));
  }
  withFile(directory, 'r', fsyncSync);
};

const withFile = (path: string, flags: string, use: (fd: number) => void): void => {
  const fd = openSync(path, flags);
  try {
    use(fd);
  } finally {
    closeSync(fd);
  }
};

const damaged = (
  message: string,
  context: Readonly<Record<string, string | number>>,
): StratalogError =>
  new StratalogError(
    'CORRUPT_STORE',
    `${message}. The data directory is damaged; restore it from a copy.`,
    { context },
  );
