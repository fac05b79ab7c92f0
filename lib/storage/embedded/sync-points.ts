/**
 * A sync point makes all that was acknowledged before it durable, objects before the items that name
 * them. A power loss leaves at least the last one that was completed.
 *
 *   mark = end of the objects                         ┐ one turn of the event loop: every item that
 *   COMMIT: objects up to mark are indexed            │ is committed by now names objects below mark
 *   next generation of undo rows                      ┘
 *   fdatasync the volumes
 *   COMMIT: synced = mark, undo of older generations dropped, number + 1
 *   fdatasync SQLite's log
 *   number → the file `synced`                        so that a start notices if SQLite lost the above
 *   dead volumes are freed, the log is checkpointed when it is long
 *
 * Appends go on meanwhile; what they change belongs to the next generation. A crash between any two
 * lines leaves the sync point before in force.
 */
import { closeSync, constants, fdatasync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Runtime } from '../../model/runtime.ts';
import type { Database } from './database.ts';
import { groupSync } from './group-sync.ts';
import type { Health } from './health.ts';
import type { ItemRows } from './item-rows.ts';
import type { EmbeddedItems } from './items.ts';
import type { ObjectIndex } from './object-index.ts';
import { placeOf } from './position.ts';
import type { Volumes } from './volumes.ts';

const fdatasyncAsync = promisify(fdatasync);

/** Pages in SQLite's log at which it is checkpointed: 32 MiB. */
const CHECKPOINT_PAGES = 8_192;
/** Undo rows, and objects that only memory knows, at which a sync point does not wait for its time. */
const MAX_TOUCHED_ITEMS = 20_000;
const MAX_RECENT_OBJECTS = 20_000;
/** Objects that one transaction of a sync point stores: some 3 ms. */
const PERSIST_OBJECTS = 500;
/** Volumes begun since the last sync point: an unclean start has to read them. */
const MAX_UNSYNCED_VOLUMES = 8;

export interface SyncPoints {
  /** Resolves when everything acknowledged before the call is durable. @throws StoreError, and the store stops */
  run(): Promise<void>;
  /** Something was committed: runs one in the background when enough has come together. */
  noteChange(): void;
  close(): void;
}

interface SyncPointsOptions {
  readonly dataDir: string;
  readonly database: Database;
  readonly rows: ItemRows;
  readonly items: EmbeddedItems;
  readonly index: ObjectIndex;
  readonly volumes: Volumes;
  readonly runtime: Runtime;
  readonly health: Health;
}

const syncedPath = (dataDir: string): string => join(dataDir, 'synced');

/** Number of the last sync point that was completed; 0: none was, or nobody can tell. */
export const readSyncedNumber = (dataDir: string): number => {
  try {
    return Number.parseInt(readFileSync(syncedPath(dataDir), 'latin1'), 10) || 0;
  } catch {
    return 0;
  }
};

export const makeSyncPoints = ({
  dataDir,
  database,
  rows,
  items,
  index,
  volumes,
  runtime,
  health,
}: SyncPointsOptions): SyncPoints => {
  const fd = openSync(syncedPath(dataDir), constants.O_RDWR | constants.O_CREAT);
  let changed = true;
  let lastMark = -1;

  /** Stores most of the new objects in small transactions, so that appends are not held up for long. */
  const persistMost = async (): Promise<void> => {
    while (index.recent > PERSIST_OBJECTS) {
      database.transaction(() => index.persist(volumes.end, PERSIST_OBJECTS))();
      await new Promise<void>((next) => runtime.defer(next));
    }
  };

  const run = groupSync(async () => {
    health.require();
    if (!changed && volumes.end === lastMark) return;
    changed = false;
    try {
      await persistMost();
      const mark = volumes.end;
      database.transaction(() => index.persist(mark, Infinity))();
      const generation = items.beginGeneration();
      await volumes.sync();

      const number = database.meta('syncPoint') + 1;
      const dead = volumes.below(mark).filter((volume) => !index.isLive(volume));
      database.transaction(() => {
        rows.dropUndo(generation);
        database.setMeta('synced', mark);
        database.setMeta('syncPoint', number);
      });
      await database.syncLog();

      // One sector, always as long: it is written whole or not at all.
      writeSync(fd, `${String(number).padStart(16, '0')}\n`, 0, 'latin1');
      await fdatasyncAsync(fd);

      for (const volume of dead) volumes.free(volume);
      if (items.pages >= CHECKPOINT_PAGES) {
        database.checkpoint();
        items.takePages();
      }
      lastMark = mark;
    } catch (error) {
      changed = true;
      throw health.judge(error, 'making a sync point');
    }
  });

  return {
    run,
    noteChange() {
      changed = true;
      const enough =
        items.pages >= CHECKPOINT_PAGES ||
        items.touched >= MAX_TOUCHED_ITEMS ||
        index.recent >= MAX_RECENT_OBJECTS ||
        placeOf(volumes.end).volume - placeOf(Math.max(0, lastMark)).volume >= MAX_UNSYNCED_VOLUMES;
      // A failure has stopped the store, and is told to whoever calls it next.
      if (enough) run().catch(() => undefined);
    },
    close: () => closeSync(fd),
  };
};
