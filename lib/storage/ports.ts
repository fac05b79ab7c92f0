/**
 * The two ports that the whole system rests on. Few verbs, hard promises; every adapter passes the
 * suites in `test/contract/`. Every call ends: an adapter whose store may not answer gives up after a
 * time of its own.
 *
 *   BlobStore   immutable objects by key              S3, files
 *   ItemStore   small items, atomic one at a time     DynamoDB, SQLite
 *
 * An update is *data* (see `algebra.ts`): DynamoDB's expressions and an interpreter both run it.
 */
import type { Effect } from '../model/errors.ts';
import type { Conditions, Item, ItemKey, Update } from './algebra.ts';

// ── blobs ────────────────────────────────────────────────────────────────────────────────────────

/** Bytes [start, end) of an object. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** An object in a list. */
export interface BlobInfo {
  readonly key: string;
  readonly sizeBytes: number;
}

/** Keys are `/`-separated, of `[a-zA-Z0-9._-]` segments that are not `.` or `..`. */
export interface BlobStore {
  /**
   * Stores the joined `buffers` under a key that was never used. Durable when it resolves. Buffers
   * must not change until then.
   * @throws BlobExists when the key is taken: on a random key that this process made, that is its own success.
   */
  put(key: string, buffers: readonly Uint8Array[]): Promise<void>;
  /**
   * The object, or a range of it, in memory that is the caller's own.
   * @throws BlobMissing when there is no such object; StoreError `invalid` when the range leaves it.
   */
  get(key: string, range?: ByteRange): Promise<Uint8Array>;
  /** Up to `limit` (default 1,000) objects whose key starts with `prefix` and is above `after`, in key order. */
  list(
    prefix: string,
    options?: { readonly after?: string; readonly limit?: number },
  ): Promise<readonly BlobInfo[]>;
  /** Deletes; keys that do not exist are no error. */
  delete(keys: readonly string[]): Promise<void>;
}

// ── items ────────────────────────────────────────────────────────────────────────────────────────

export interface ReadOptions {
  /** `false` allows a stale answer at half the price. Default: strong. */
  readonly consistent?: boolean;
}

export interface QueryOptions extends ReadOptions {
  /** At most this many items; default: all. */
  readonly limit?: number;
  /** Descending by `sk`. */
  readonly reverse?: boolean;
}

export interface ItemStore {
  get(key: ItemKey, options?: ReadOptions): Promise<Item | undefined>;
  /** Answers in the order of `keys`, `undefined` where there is no item. Any number of keys. */
  getMany(keys: readonly ItemKey[], options?: ReadOptions): Promise<readonly (Item | undefined)[]>;
  /** Items of one `pk` with `from` ≤ `sk` ≤ `to` (by UTF-8 bytes), in order of `sk`. */
  query(pk: string, from: string, to: string, options?: QueryOptions): Promise<readonly Item[]>;
  /**
   * Items whose `duty` is this and whose `dueAt` is at or before `before` (ms), earliest first. The
   * index may lag behind the items (eventual consistency): confirm before acting.
   */
  due(
    duty: string,
    before: number,
    options?: { readonly limit?: number },
  ): Promise<readonly Item[]>;
  /** Puts the whole item. @throws ConditionFailed, StoreError */
  put(item: Item, conditions?: Conditions): Promise<void>;
  /**
   * Applies all changes to one item atomically if all conditions hold; makes the item if there is
   * none. Never retried by the adapter: the protocol retries, because it knows how to find out what
   * happened.
   * @returns the item as it is afterwards
   * @throws ConditionFailed, StoreError
   */
  update(key: ItemKey, update: Update): Promise<Item>;
  /** Deletes the item; none there is no error. @throws ConditionFailed, StoreError */
  delete(key: ItemKey, conditions?: Conditions): Promise<void>;
}

// ── what goes wrong ──────────────────────────────────────────────────────────────────────────────

/**
 * This evaluation changed nothing. Whether an earlier copy of the same call, sent again by something
 * on the way, was applied before it is not told: look for your mark.
 */
export class ConditionFailed extends Error {
  override readonly name = 'ConditionFailed';
  /** The item as the store had it when it refused, or newer; undefined: there is none. */
  readonly item: Item | undefined;

  constructor(key: ItemKey, item: Item | undefined) {
    super(`a condition on ${key.pk} / ${key.sk} does not hold`);
    this.item = item;
  }
}

/** The key is taken. */
export class BlobExists extends Error {
  override readonly name = 'BlobExists';
  readonly key: string;

  constructor(key: string) {
    super(`the object ${key} exists`);
    this.key = key;
  }
}

/** No object has this key. */
export class BlobMissing extends Error {
  override readonly name = 'BlobMissing';
  readonly key: string;

  constructor(key: string) {
    super(`there is no object ${key}`);
    this.key = key;
  }
}

/**
 * A store did not do its work. `effect: 'none'` only for refusals before evaluation (throttled,
 * denied, invalid); everything else is `unknown`.
 */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly reason:
    | 'throttled'
    | 'denied'
    | 'invalid'
    | 'unavailable'
    | 'timeout'
    | 'corrupt'
    | 'full';
  readonly effect: Effect;

  constructor(
    reason: StoreError['reason'],
    message: string,
    options: { readonly effect?: Effect; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.reason = reason;
    this.effect = options.effect ?? 'unknown';
  }

  /** Whether the same call may succeed later. */
  get retriable(): boolean {
    return (
      this.reason === 'throttled' || this.reason === 'unavailable' || this.reason === 'timeout'
    );
  }
}
