/**
 * The item store of a data directory: group commit over SQLite, with the hot items in memory.
 *
 *   update, update, put …   one turn of the event loop
 *        └ defer → evaluate in order → BEGIN, one row an item, COMMIT → all are answered
 *                                                                └ syncEach: fdatasync, then answered
 *
 * This is the only process, so an update is a look into memory, the interpreter, and one row. Sixteen
 * heads updated four times each by one turn are sixteen rows. Nothing is told (an item, a refusal, a
 * read) that could still be taken back: evaluation happens in the transaction that keeps it, reads see
 * what is committed, and with `syncEach` they wait until it is on the disk.
 */
import { LRUCache } from 'lru-cache';
import type { Runtime } from '../../model/runtime.ts';
import type { Item, ItemKey } from '../algebra.ts';
import { evaluateDelete, evaluatePut, evaluateUpdate } from '../evaluate.ts';
import { ConditionFailed, type ItemStore } from '../ports.ts';
import type { Database } from './database.ts';
import type { Health } from './health.ts';
import type { ItemChange, ItemRows } from './item-rows.ts';
import type { Position } from './position.ts';

interface Write {
  readonly key: ItemKey;
  /** The item as it is to be, undefined: gone. Throws what the caller gets. */
  readonly evaluate: (before: Item | undefined) => Item | undefined;
  readonly resolve: (after: Item | undefined) => void;
  readonly reject: (error: unknown) => void;
}

interface ItemsOptions {
  readonly database: Database;
  readonly rows: ItemRows;
  readonly runtime: Runtime;
  readonly health: Health;
  /** Bytes of item bodies kept in memory. */
  readonly cacheBytes: number;
  /** Whether a write waits for the disk; if not, `undo` rows are kept. */
  readonly syncEach: boolean;
  /** End of the acknowledged objects: what a committed item may name lies below. */
  readonly objectsEnd: () => Position;
  /** Told after each commit. */
  readonly committed: () => void;
}

export interface EmbeddedItems {
  readonly store: ItemStore;
  /** Pages written to SQLite's log since the last call of `takePages`, about. */
  readonly pages: number;
  takePages(): void;
  /** Items that have an undo row in this generation. */
  readonly touched: number;
  /** Begins a generation and returns its number; the caller commits at once. */
  beginGeneration(): number;
}

/** SQLite's default. */
const PAGE_BYTES = 4096;

export const embeddedItems = ({
  database,
  rows,
  runtime,
  health,
  cacheBytes,
  syncEach,
  objectsEnd,
  committed,
}: ItemsOptions): EmbeddedItems => {
  const cache = new LRUCache<string, Item>({ maxSize: cacheBytes });
  const touched = new Set<string>();
  /** Items committed and not yet synced, each with its commit (`syncEach` only). */
  const unsynced = new Map<string, number>();
  let commits = 0;
  let generation = 1;
  let pages = 0;
  let namedEnd = database.meta('acknowledged');
  let queue: Write[] = [];

  const current = (key: ItemKey, name: string): Item | undefined => {
    const cached = cache.get(name);
    if (cached !== undefined) return cached;
    const row = rows.read(key);
    if (row !== undefined) cache.set(name, row.item, { size: row.bodyBytes });
    return row?.item;
  };

  const reading = <T>(work: () => T): T => {
    health.require();
    try {
      return work();
    } catch (error) {
      throw health.judge(error, 'reading items');
    }
  };

  const commit = (changes: ReadonlyMap<string, ItemChange>): void => {
    const end = objectsEnd();
    const sizes = new Map<string, number>();
    database.transaction(() => {
      for (const [name, change] of changes) {
        if (!syncEach && !touched.has(name)) rows.keepUndo(generation, change.key);
        const bodyBytes = rows.write(change);
        sizes.set(name, bodyBytes);
        pages += 1 + Math.ceil(bodyBytes / PAGE_BYTES);
      }
      if (end !== namedEnd) database.setMeta('acknowledged', end);
    });
    namedEnd = end;
    commits++;
    for (const [name, { after }] of changes) {
      if (after === undefined) cache.delete(name);
      else cache.set(name, after, { size: sizes.get(name)! });
      if (syncEach) unsynced.set(name, commits);
      else touched.add(name);
    }
  };

  /** Resolves when what was committed of `name` (undefined: of any item) is on the disk. */
  const durable = async (name?: string): Promise<void> => {
    if (unsynced.size === 0 || (name !== undefined && !unsynced.has(name))) return;
    const covered = commits;
    await database.syncLog();
    for (const [one, at] of unsynced) if (at <= covered) unsynced.delete(one);
  };

  const flush = (): void => {
    const batch = queue;
    queue = [];
    const changes = new Map<string, ItemChange>();
    const answers: (() => void)[] = [];
    try {
      health.require();
      for (const { key, evaluate, resolve, reject } of batch) {
        const name = nameOf(key);
        const change = changes.get(name);
        try {
          const before = change === undefined ? current(key, name) : change.after;
          const after = evaluate(before);
          if (before !== undefined || after !== undefined) {
            changes.set(name, {
              key,
              before: change === undefined ? before : change.before,
              after,
            });
          }
          answers.push(() => resolve(after));
        } catch (error) {
          const refusal = error instanceof ConditionFailed;
          const told = refusal ? error : health.judge(error, `evaluating a write of ${key.pk}`);
          answers.push(() => reject(told));
        }
      }
      if (changes.size > 0) commit(changes);
    } catch (error) {
      const judged = health.judge(error, 'writing items', 'none');
      for (const { reject } of batch) reject(judged);
      return;
    }
    for (const answer of answers) answer();
    if (changes.size > 0) committed();
  };

  const write = async (key: ItemKey, evaluate: Write['evaluate']): Promise<Item | undefined> => {
    health.require();
    try {
      return await new Promise((resolve, reject) => {
        queue.push({ key, evaluate, resolve, reject });
        if (queue.length === 1) runtime.defer(flush);
      });
    } finally {
      // A refusal as well as a success may rest on a commit that is not on the disk yet.
      if (syncEach) await durable(nameOf(key));
    }
  };

  const read = async (key: ItemKey): Promise<Item | undefined> => {
    const name = nameOf(key);
    const item = reading(() => current(key, name));
    await durable(name);
    return item;
  };

  return {
    store: {
      get: read,
      getMany: (keys) => Promise.all(keys.map(read)),
      async query(pk, from, to, { limit = Infinity, reverse = false } = {}) {
        const items = reading(() => rows.query(pk, from, to, limit, reverse));
        await durable();
        return items;
      },
      async due(duty, before, { limit = Infinity } = {}) {
        const items = reading(() => rows.due(duty, before, limit));
        await durable();
        return items;
      },
      async put(item, conditions) {
        const { pk, sk } = item;
        await write({ pk, sk }, (before) => evaluatePut(item, before, conditions));
      },
      async update(key, update) {
        const { pk, sk } = key;
        return (await write({ pk, sk }, (before) => evaluateUpdate({ pk, sk }, before, update)))!;
      },
      async delete(key, conditions) {
        const { pk, sk } = key;
        await write({ pk, sk }, (before) => {
          evaluateDelete({ pk, sk }, before, conditions);
          return undefined;
        });
      },
    },
    get pages() {
      return pages;
    },
    takePages() {
      pages = 0;
    },
    get touched() {
      return touched.size;
    },
    beginGeneration() {
      touched.clear();
      generation++;
      return generation;
    },
  };
};

/** Keys hold no NUL: pks and sks are made by `keys/`. */
const nameOf = ({ pk, sk }: ItemKey): string => `${pk}\0${sk}`;
