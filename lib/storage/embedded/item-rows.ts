/**
 * Items as rows, and what they were at the last sync point.
 *
 * The first change of an item in a *generation* (the time between two sync points) keeps the row as it
 * was in `undo`. When a power loss took objects that surviving items may name, the rows go back, newest
 * generation first, to the last sync point, below which every object is on the disk (`recover.ts`).
 */
import type { Item, ItemKey } from '../algebra.ts';
import type { Database } from './database.ts';
import { decodeItem, encodeItem } from './item-body.ts';

/** What one transaction does to one item; undefined: there is none. */
export interface ItemChange {
  readonly key: ItemKey;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

export interface ItemRows {
  read(key: ItemKey): { readonly item: Item; readonly bodyBytes: number } | undefined;
  query(pk: string, from: string, to: string, limit: number, reverse: boolean): Item[];
  due(duty: string, before: number, limit: number): Item[];
  /** Within a transaction. Returns the bytes of the new body, 0 when the item went. */
  write(change: ItemChange): number;
  /** Within a transaction: keeps the row as it is now. */
  keepUndo(generation: number, key: ItemKey): void;
  /** Within a transaction: forgets what was kept before `generation`. */
  dropUndo(generation: number): void;
  /** Within a transaction: puts back all that was kept. Returns how many rows that were. */
  rollBack(): number;
}

export const openItemRows = ({ sql }: Database): ItemRows => {
  const select = sql.prepare('SELECT body FROM items WHERE pk = ? AND sk = ?');
  const ascending = sql.prepare(
    'SELECT body FROM items WHERE pk = ? AND sk BETWEEN ? AND ? ORDER BY sk LIMIT ?',
  );
  const descending = sql.prepare(
    'SELECT body FROM items WHERE pk = ? AND sk BETWEEN ? AND ? ORDER BY sk DESC LIMIT ?',
  );
  const dueNow = sql.prepare(
    'SELECT body FROM items WHERE duty = ? AND due_at <= ? ORDER BY due_at, pk, sk LIMIT ?',
  );
  // An upsert that names `duty` and `due_at` writes the index anew; most updates leave both alone.
  const updateBody = sql.prepare('UPDATE items SET body = ? WHERE pk = ? AND sk = ?');
  const upsert = sql.prepare(`
    INSERT INTO items (pk, sk, body, duty, due_at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (pk, sk) DO UPDATE
    SET body = excluded.body, duty = excluded.duty, due_at = excluded.due_at
  `);
  const remove = sql.prepare('DELETE FROM items WHERE pk = ? AND sk = ?');
  const keep = sql.prepare(`
    INSERT INTO undo (generation, pk, sk, body)
    VALUES (?1, ?2, ?3, (SELECT body FROM items WHERE pk = ?2 AND sk = ?3))
  `);
  const drop = sql.prepare('DELETE FROM undo WHERE generation < ?');
  const kept = sql.prepare('SELECT pk, sk, body FROM undo ORDER BY generation DESC');

  const itemsOf = (rows: readonly Record<string, unknown>[]): Item[] =>
    rows.map(({ body }) => decodeItem(body as Uint8Array));

  const put = (item: Item, body: Uint8Array): void => {
    const { duty, dueAt } = indexed(item);
    upsert.run(item.pk, item.sk, body, duty, dueAt);
  };

  return {
    read({ pk, sk }) {
      const row = select.get(pk, sk);
      if (row === undefined) return undefined;
      const body = row.body as Uint8Array;
      return { item: decodeItem(body), bodyBytes: body.length };
    },
    query: (pk, from, to, limit, reverse) =>
      itemsOf((reverse ? descending : ascending).all(pk, from, to, rowLimit(limit))),
    due: (duty, before, limit) => itemsOf(dueNow.all(duty, before, rowLimit(limit))),
    write({ key, before, after }) {
      if (after === undefined) {
        remove.run(key.pk, key.sk);
        return 0;
      }
      const body = encodeItem(after);
      if (before !== undefined && sameIndex(before, after)) updateBody.run(body, key.pk, key.sk);
      else put(after, body);
      return body.length;
    },
    keepUndo: (generation, { pk, sk }) => keep.run(generation, pk, sk),
    dropUndo: (generation) => drop.run(generation),
    rollBack() {
      const rows = kept.all();
      for (const { pk, sk, body } of rows) {
        if (body === null) remove.run(String(pk), String(sk));
        else put(decodeItem(body as Uint8Array), body as Uint8Array);
      }
      return rows.length;
    },
  };
};

/** SQLite takes −1 for "all". */
const rowLimit = (limit: number): number => (Number.isFinite(limit) ? limit : -1);

/** The columns of the index `due`; only items that carry both attributes are in it. */
const indexed = (item: Item): { readonly duty: string | null; readonly dueAt: number | null } =>
  typeof item.duty === 'string' && typeof item.dueAt === 'number'
    ? { duty: item.duty, dueAt: item.dueAt }
    : { duty: null, dueAt: null };

const sameIndex = (before: Item, after: Item): boolean => {
  const left = indexed(before);
  const right = indexed(after);
  return left.duty === right.duty && left.dueAt === right.dueAt;
};
