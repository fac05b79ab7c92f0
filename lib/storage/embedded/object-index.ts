/**
 * Where each object of the volumes lies: newest ones in memory, the rest in SQLite.
 *
 * An acknowledgement writes nothing here. What came since `persist` was last called is found again by
 * scanning the volumes from the position that `persist` stored (`indexed`), in the same transaction.
 */
import { compareStrings } from '../interpret.ts';
import type { BlobInfo } from '../ports.ts';
import type { Database } from './database.ts';
import { type Position, placeOf } from './position.ts';

/** An object in a volume. */
export interface Located {
  readonly position: Position;
  readonly sizeBytes: number;
}

export interface ObjectIndex {
  find(key: string): Located | undefined;
  add(key: string, located: Located): void;
  /** Objects that only memory knows. */
  readonly recent: number;
  /**
   * Within a transaction: stores the `limit` oldest of what is recent; if that is all, everything below
   * `end` is in SQLite. Returns what to call once it is committed.
   */
  persist(end: Position, limit: number): () => void;
  /** Forgets objects, in a transaction of its own. */
  remove(keys: readonly string[], end: Position): void;
  /** As `BlobStore.list`. */
  list(prefix: string, after: string, limit: number): readonly BlobInfo[];
  /** Whether any object lies in this volume. */
  isLive(volume: number): boolean;
}

export const openObjectIndex = (database: Database): ObjectIndex => {
  const { sql } = database;
  const select = sql.prepare('SELECT position, size FROM objects WHERE key = ?');
  const insert = sql.prepare('INSERT INTO objects (key, position, size) VALUES (?, ?, ?)');
  const drop = sql.prepare('DELETE FROM objects WHERE key = ?');
  const range = sql.prepare(
    'SELECT key, size FROM objects WHERE key >= ? AND key > ? AND key < ? ORDER BY key LIMIT ?',
  );
  const recents = new Map<string, Located>();
  const live = new Map<number, number>();
  const count = (position: Position, by: number): void => {
    const { volume } = placeOf(position);
    live.set(volume, (live.get(volume) ?? 0) + by);
  };
  const counted = sql.prepare(
    'SELECT position >> 32 AS volume, count(*) AS objects FROM objects GROUP BY 1',
  );
  for (const row of counted.all()) live.set(Number(row.volume), Number(row.objects));

  const find = (key: string): Located | undefined => {
    const recent = recents.get(key);
    if (recent !== undefined) return recent;
    const row = select.get(key);
    return row && { position: Number(row.position), sizeBytes: Number(row.size) };
  };

  // `recents` is in order of position, because objects are added as they are written.
  const persist = (end: Position, limit: number): (() => void) => {
    const stored: string[] = [];
    let indexed = end;
    for (const [key, { position, sizeBytes }] of recents) {
      if (stored.length >= limit) {
        indexed = position;
        break;
      }
      insert.run(key, position, sizeBytes);
      stored.push(key);
    }
    database.setMeta('indexed', indexed);
    return () => {
      for (const key of stored) recents.delete(key);
    };
  };

  return {
    find,
    add(key, located) {
      recents.set(key, located);
      count(located.position, 1);
    },
    get recent() {
      return recents.size;
    },
    persist,
    remove(keys, end) {
      const gone = new Map<string, Located>();
      for (const key of keys) {
        const located = find(key);
        if (located !== undefined) gone.set(key, located);
      }
      if (gone.size === 0) return;
      const persisted = database.transaction(() => {
        // A recent one must be stored to be forgotten: else a scan would find it again.
        const done = persist(end, Infinity);
        for (const key of gone.keys()) drop.run(key);
        return done;
      });
      persisted();
      for (const { position } of gone.values()) count(position, -1);
    },
    list(prefix, after, limit) {
      // The bound is above every key: they are ASCII.
      const above = `${prefix}\u{10ffff}`;
      const found: BlobInfo[] = range
        .all(prefix, after, above, Math.min(limit, Number.MAX_SAFE_INTEGER))
        .map((row) => ({ key: String(row.key), sizeBytes: Number(row.size) }));
      const before = found.length;
      for (const [key, { sizeBytes }] of recents) {
        if (key.startsWith(prefix) && key > after) found.push({ key, sizeBytes });
      }
      if (found.length > before) found.sort((a, b) => compareStrings(a.key, b.key));
      return found.slice(0, limit);
    },
    isLive: (volume) => (live.get(volume) ?? 0) > 0,
  };
};
