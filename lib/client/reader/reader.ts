/**
 * The reader: partitions in, messages out, in the order of each partition.
 *
 *   begin ─▶ fetch ahead ─▶ chunk ─▶ batch ─▶ messages ─▶ the program's loop
 *                                                 │
 *                                             positions: what was handed out
 *
 * It keeps its positions between loops: one that was left by `break` is gone on with where it stopped.
 */
/// <reference lib="esnext.disposable" preserve="true" />
import { StratalogError } from '../../model/errors.ts';
import { splitBatches } from '../../record/batches.ts';
import { loadDecompressor } from '../../record/compression/decompress.ts';
import { attributesOf, compressionOf } from '../../record/layout.ts';
import { type Connection, type ConnectionOptions, connect } from '../connection.ts';
import { cancelled } from '../transport.ts';
import { beginReading, type Cursor, newCursors } from './begin.ts';
import { type Chunk, fetching } from './fetching.ts';
import { type Message, messagesOf, recordsOf } from './message.ts';
import { fullOptions, type ReaderOptions } from './options.ts';

export interface Reader<Key, Value> extends AsyncIterable<Message<Key, Value>>, AsyncDisposable {
  /** Messages as they were written together: each array is of one partition, and not empty. */
  batches(): AsyncGenerator<readonly Message<Key, Value>[], void, undefined>;
  /** Of each partition the offset of the message that is next; empty before the first loop. */
  readonly positions: ReadonlyMap<number, number>;
  /** Ends a loop that is running as if it had come to its end, and refuses another. */
  close(): Promise<void>;
}

const refused = (problem: string): StratalogError => new StratalogError('INVALID_REQUEST', problem);

/** A reader over a connection that others share. @throws INVALID_CONFIG */
export const readerOver = <Key = string, Value = string>(
  connection: Connection,
  options: ReaderOptions<Key, Value>,
): Reader<Key, Value> => {
  const full = fullOptions(options);
  const { topic, partitions, until, metadataMaxAgeMs, signal } = full;
  const { runtime } = connection;
  const closing = new AbortController();
  let cursors: readonly Cursor[] | undefined;
  let lookedAtMs = 0;
  let isReading = false;

  const begin = async (leaving: AbortSignal): Promise<void> => {
    if (cursors !== undefined) return;
    cursors = await beginReading(connection, full, leaving);
    lookedAtMs = runtime.monotonicMs();
  };

  /** A topic may grow while it is followed. */
  const lookForMore = async (leaving: AbortSignal): Promise<void> => {
    if (partitions !== undefined || until === 'end' || cursors === undefined) return;
    if (runtime.monotonicMs() - lookedAtMs < metadataMaxAgeMs) return;
    lookedAtMs = runtime.monotonicMs();
    const more = await newCursors(connection, topic, cursors, leaving).catch(() => []);
    cursors = [...cursors, ...more];
  };

  /** Asked whenever the program has had something. @throws CANCELLED */
  const isClosed = (): boolean => {
    if (signal?.aborted) throw cancelled(false, signal.reason);
    return closing.signal.aborted;
  };

  /** The messages of one chunk, batch by batch; the cursor's position follows. */
  async function* batchesOf({ cursor, from, batches, nextOffset }: Chunk) {
    const { partition, end } = cursor;
    for (const batch of splitBatches(batches).batches) {
      const loading = loadDecompressor(compressionOf(attributesOf(batch)) ?? 'none');
      if (loading !== undefined) await loading;
      const records = recordsOf(topic, partition, batch, from, end);
      const reading = messagesOf(partition, records, full);
      const { messages, failure } = reading instanceof Promise ? await reading : reading;
      if (messages.length > 0) yield { cursor, messages };
      if (failure !== undefined) throw failure;
    }
    cursor.position = Math.max(cursor.position, Math.min(nextOffset, end));
  }

  async function* read() {
    if (isReading) throw refused('The reader is being read already; make another one.');
    if (isClosed()) throw refused('The reader is closed; make another one.');
    isReading = true;
    // Ends what is being fetched, whoever ends the loop.
    const leaving = new AbortController();
    const leave = () => leaving.abort();
    signal?.addEventListener('abort', leave, { once: true });
    closing.signal.addEventListener('abort', leave, { once: true });
    try {
      await begin(leaving.signal);
      for (const cursor of cursors ?? []) cursor.ask = cursor.position;
      const source = fetching(
        connection,
        full,
        () => cursors ?? [],
        () => lookForMore(leaving.signal),
        leaving.signal,
      );
      for (;;) {
        const chunk = await source.next();
        if (chunk === undefined || isClosed()) return;
        for await (const batch of batchesOf(chunk)) {
          yield batch;
          if (isClosed()) return;
        }
      }
    } catch (caught) {
      if (signal?.aborted) throw cancelled(false, signal.reason);
      if (!closing.signal.aborted) throw caught;
    } finally {
      isReading = false;
      leave();
      signal?.removeEventListener('abort', leave);
      closing.signal.removeEventListener('abort', leave);
    }
  }

  const handedOut = (cursor: Cursor, messages: readonly Message<Key, Value>[]) => {
    cursor.position = (messages.at(-1)?.offset ?? cursor.position) + 1;
  };

  async function* batches(): AsyncGenerator<readonly Message<Key, Value>[], void, undefined> {
    for await (const { cursor, messages } of read()) {
      handedOut(cursor, messages);
      yield messages;
    }
  }

  async function* messages(): AsyncGenerator<Message<Key, Value>, void, undefined> {
    for await (const { cursor, messages } of read()) {
      for (const message of messages) {
        cursor.position = message.offset + 1;
        yield message;
        if (isClosed()) return;
      }
    }
  }

  const close = async () => closing.abort();
  return {
    batches,
    get positions() {
      return new Map(cursors?.map(({ partition, position }) => [partition, position]));
    },
    close,
    [Symbol.asyncIterator]: messages,
    [Symbol.asyncDispose]: close,
  };
};

/** A reader by itself, for programs that need nothing else. @throws INVALID_CONFIG */
export const createReader = <Key = string, Value = string>(
  options: ConnectionOptions & ReaderOptions<Key, Value>,
): Reader<Key, Value> => readerOver(connect(options), options);
