/**
 * Fetches ahead of whoever reads, in bounded memory.
 *
 *   fetch ─▶ [chunk chunk chunk] ─▶ next()
 *     ▲        held bytes │
 *     ╰── again, while they are fewer than prefetchBytes
 *
 * One fetch at a time asks for all partitions, each time beginning with another one, so that a busy one
 * does not starve the others.
 */
import type { StratalogError } from '../../model/errors.ts';
import { MAX_FETCH_PARTITIONS } from '../../model/limits.ts';
import type { Connection } from '../connection.ts';
import { type FetchResult, fetchOnce } from '../fetch.ts';
import { patiently, worthRetrying } from '../retry.ts';
import type { Cursor } from './begin.ts';
import type { FullOptions } from './options.ts';

/** What one fetch brought of one partition. */
export interface Chunk {
  readonly cursor: Cursor;
  /** Offset that was asked for; the first batch may begin before it. */
  readonly from: number;
  readonly batches: Uint8Array;
  /** After the last batch. */
  readonly nextOffset: number;
}

export interface Fetching {
  /** The next chunk; undefined when every partition has come to its end. @throws what fetching threw */
  next(): Promise<Chunk | undefined>;
}

type Options = Pick<
  FullOptions<unknown, unknown>,
  | 'topic'
  | 'from'
  | 'until'
  | 'maxBytes'
  | 'maxWaitMs'
  | 'prefetchBytes'
  | 'onOutOfRange'
  | 'retryTimeoutMs'
>;

/** How long the service may wait where records are known to be: an empty answer must not be a busy loop. */
const CATCH_UP_WAIT_MS = 500;

/** From one fetch that brings nothing to the next, at least: the service need not wait at all. */
const MIN_POLL_MS = 20;

/**
 * Moves a cursor whose offset is gone, if the reader knows where to.
 * @throws `error` when it does not
 */
const moveOn = (cursor: Cursor, error: StratalogError, { from, onOutOfRange }: Options): void => {
  const isBeginning = from === 'beginning' && !cursor.isAnchored;
  const policy = isBeginning ? 'earliest' : onOutOfRange;
  const { logStartOffset, logEndOffset } = error.context;
  const to = policy === 'earliest' ? logStartOffset : logEndOffset;
  if (policy === 'error' || typeof to !== 'number') throw error;
  cursor.ask = to;
  cursor.position = Math.max(cursor.position, to);
  // Logs do not shrink: this one was made again, and what was its end may never come.
  const isBounded = Number.isFinite(cursor.end);
  if (isBounded && typeof logEndOffset === 'number')
    cursor.end = Math.min(cursor.end, logEndOffset);
};

/** What the results bring; cursors move on. @throws what no next fetch can mend, or all of it failed */
const chunksOf = (
  results: readonly FetchResult[],
  asked: readonly Cursor[],
  options: Options,
): readonly Chunk[] => {
  const chunks: Chunk[] = [];
  let failure: StratalogError | undefined;
  for (const [i, result] of results.entries()) {
    const cursor = asked[i]!;
    if (result.error === undefined) {
      const { batches, nextOffset } = result;
      const from = cursor.ask;
      cursor.isAnchored = true;
      cursor.ask = nextOffset;
      if (nextOffset > from) chunks.push({ cursor, from, batches, nextOffset });
    } else if (result.error.code === 'OFFSET_OUT_OF_RANGE') {
      moveOn(cursor, result.error, options);
    } else if (worthRetrying(result.error)) {
      failure ??= result.error;
    } else {
      throw result.error;
    }
  }
  // Where something came, the others get another chance soon.
  if (failure !== undefined && chunks.length === 0) throw failure;
  return chunks;
};

/**
 * @param cursors those to read, looked at anew for each fetch: there may come more
 * @param beforeFetch awaited before each fetch
 */
export const fetching = (
  connection: Connection,
  options: Options,
  cursors: () => readonly Cursor[],
  beforeFetch: () => Promise<void>,
  signal: AbortSignal,
): Fetching => {
  const { runtime } = connection;
  const { topic, maxBytes, prefetchBytes, until, retryTimeoutMs } = options;
  const patienceMs = until === 'end' ? CATCH_UP_WAIT_MS : options.maxWaitMs;
  const held: Chunk[] = [];
  let heldBytes = 0;
  let next = 0;
  let underWay: Promise<void> | undefined;
  let failed: { readonly error: unknown } | undefined;
  let isOver = false;

  const fetchMore = async (): Promise<void> => {
    await beforeFetch();
    const open = cursors().filter(({ ask, end }) => ask < end);
    if (open.length === 0) {
      isOver = true;
      return;
    }
    const first = next % open.length;
    const asked = [...open.slice(first), ...open.slice(0, first)].slice(0, MAX_FETCH_PARTITIONS);
    const isAll = asked.length === open.length;
    next = first + (isAll ? 1 : asked.length);
    // While it waits for some, others may have something.
    const maxWaitMs = isAll ? patienceMs : Math.floor((patienceMs * asked.length) / open.length);
    const once = async () => {
      const shares = asked.map(({ partition, ask }) => ({ partition, offset: ask }));
      const results = await fetchOnce(connection, topic, shares, { maxBytes, maxWaitMs, signal });
      return chunksOf(results, asked, options);
    };
    const begunMs = runtime.monotonicMs();
    const chunks = await patiently(once, connection, retryTimeoutMs, signal);
    for (const chunk of chunks) {
      held.push(chunk);
      heldBytes += chunk.batches.length;
    }
    const leftMs = begunMs + MIN_POLL_MS - runtime.monotonicMs();
    if (chunks.length === 0 && leftMs > 0) await runtime.sleep(leftMs, signal);
  };

  const start = () => {
    if (underWay !== undefined || isOver || failed !== undefined) return;
    underWay = fetchMore()
      .catch((error: unknown) => {
        failed = { error };
      })
      .finally(() => {
        underWay = undefined;
        if (heldBytes < prefetchBytes && !signal.aborted) start();
      });
  };

  return {
    next: async () => {
      for (;;) {
        const chunk = held.shift();
        if (chunk !== undefined) {
          heldBytes -= chunk.batches.length;
          if (heldBytes < prefetchBytes) start();
          return chunk;
        }
        if (failed !== undefined) throw failed.error;
        if (isOver) return undefined;
        start();
        await underWay;
      }
    },
  };
};
