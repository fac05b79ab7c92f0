/**
 * The producer: messages in, offsets out, each written once and in order.
 *
 *   send ─▶ serialize ─▶ wait for room ─▶ partition ─▶ run ─▶ request ─▶ answered ─▶ send resolves
 *           refuses what    (room)        (murmur2,    (batch)  (many      ╲
 *           is not valid                   sticky)              partitions)  ╲ again, while it may help
 *
 * Messages of one `send`, and of several that were called one after the other, keep their order within
 * a partition, through failures too. See `run.ts` for the life of a batch, `verdict.ts` for what is
 * made of a failure.
 */
/// <reference lib="esnext.disposable" preserve="true" />
import { asStratalogError, StratalogError, withEffect } from '../../model/errors.ts';
import { type Compressor, loadCompressor } from '../../record/compression/compressor.ts';
import { type Connection, type ConnectionOptions, connect } from '../connection.ts';
import { metadataCache } from '../metadata.ts';
import { cancelled } from '../transport.ts';
import { admitter, stickies } from './admission.ts';
import { deadlineOf } from './deadline.ts';
import { type Delivery, delivery, type RecordMetadata } from './delivery.ts';
import { dispatcher } from './dispatcher.ts';
import { identities } from './identity.ts';
import { type Prepared, type ProducerMessage, prepare } from './message.ts';
import { fullOptions, type ProducerOptions } from './options.ts';
import { newRoom } from './room.ts';
import { turnstile } from './turnstile.ts';

export interface Send<Key, Value> {
  readonly topic: string;
  readonly messages: readonly ProducerMessage<Key, Value>[];
  /** Of the messages that name none. */
  readonly partition?: number;
  /**
   * Write all of the messages, of one partition, at this offset, or none: the partition must end there
   * (optimistic concurrency). UNEXPECTED_LOG_END tells that somebody else was first.
   */
  readonly expectedEnd?: number;
  /**
   * Gives up. What was not sent yet is not sent; of what was, nobody knows: the error is CANCELLED, and
   * its `effect` tells which.
   */
  readonly signal?: AbortSignal;
}

export interface Producer<Key, Value> extends AsyncDisposable {
  /**
   * Resolves when all messages are durable, with where each of them is.
   * @throws INVALID_RECORD, INVALID_TIMESTAMP and UNKNOWN_TOPIC_OR_PARTITION before anything is sent;
   *   SendError when some were not written, or nobody knows; CANCELLED
   */
  send(batch: Send<Key, Value>): Promise<readonly RecordMetadata[]>;
  /** Sends what lingers, and resolves when everything sent so far has been answered. It does not reject. */
  flush(): Promise<void>;
  /** Flushes, and takes no more. */
  close(): Promise<void>;
  /** @throws UNSUPPORTED_VERSION: transactions are not served yet */
  transaction(): Promise<never>;
}

const isAsync = (each: Prepared | Promise<Prepared>): each is Promise<Prepared> =>
  each instanceof Promise;

/** What a program without types gets wrong first. */
const misuse = ({ topic, messages }: Send<unknown, unknown>): string | undefined =>
  typeof topic !== 'string'
    ? `send takes the name of a topic as topic, such as "orders"; it is ${String(topic)}.`
    : Array.isArray(messages)
      ? undefined
      : `send takes messages for ${topic} as an array, such as [{ key, value }].`;

/** A producer over a connection that others share. @throws INVALID_CONFIG */
export const producerOver = <Key = string | Uint8Array, Value = string | Uint8Array>(
  connection: Connection,
  options: ProducerOptions<Key, Value> = {},
): Producer<Key, Value> => {
  const full = fullOptions(options);
  const { runtime } = connection;
  const metadata = metadataCache(connection, full.metadataMaxAgeMs);
  const sticky = stickies(runtime);
  const enter = turnstile();
  const underWay = new Set<Delivery>();
  let compressor: Compressor | undefined;
  let isClosed = false;

  const lines = dispatcher(connection, {
    ...full,
    identities: full.idempotent ? identities(connection) : undefined,
    compressor: () => compressor,
    onDeparture: sticky.departed,
    onSurprise: (topic) => {
      metadata.refresh(topic, 0).catch(() => {});
    },
  });
  const admit = admitter(metadata, newRoom(full.maxBufferBytes), lines, sticky, full);

  /** Synchronous where the serializers are: most sends then go on in the same turn. */
  const prepareAll = ({ topic, messages, partition }: Send<Key, Value>) => {
    const nowMs = runtime.now();
    const prepared = messages.map((message) => prepare(topic, message, partition, full, nowMs));
    return prepared.some(isAsync) ? Promise.all(prepared) : (prepared as readonly Prepared[]);
  };

  const start = async (batch: Send<Key, Value>, to: Delivery): Promise<void> => {
    const { topic, expectedEnd, signal } = batch;
    const deadline = deadlineOf(runtime, full.deliveryTimeoutMs);
    const preparing = prepareAll(batch);
    // Whoever waits for its turn must not leave a refusal unheard.
    if (preparing instanceof Promise) preparing.catch(() => {});
    await enter(topic, async () => {
      const prepared = await preparing;
      if (full.compression !== 'none') compressor ??= await loadCompressor(full.compression);
      await admit({ topic, prepared, expectedEnd, signal, deadline, to });
    });
  };

  const send = (batch: Send<Key, Value>): Promise<readonly RecordMetadata[]> => {
    const { topic, messages, signal } = batch;
    const problem = isClosed ? 'The producer is closed; make another one.' : misuse(batch);
    if (problem !== undefined) {
      return Promise.reject(new StratalogError('INVALID_REQUEST', problem));
    }
    if (signal?.aborted) return Promise.reject(cancelled(false, signal.reason));
    if (messages.length === 0) return Promise.resolve([]);
    const to = delivery(messages.length);
    const onAbort = () => {
      to.cancel(signal?.reason);
      lines.withdraw(topic, to);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    underWay.add(to);
    const leave = () => {
      underWay.delete(to);
      signal?.removeEventListener('abort', onAbort);
    };
    // What can throw does so before the first message is on its way.
    start(batch, to).catch((caught: unknown) =>
      to.fail(withEffect(asStratalogError(caught), 'none')),
    );
    // A promise of its own: a failure that the caller does not hear of is not lost in silence.
    return to.promise.finally(leave);
  };

  const flush = async (): Promise<void> => {
    const end = lines.hurry();
    await Promise.allSettled([...underWay].map(({ promise }) => promise));
    end();
  };
  const close = (): Promise<void> => {
    isClosed = true;
    return flush().then(lines.close);
  };

  return {
    send,
    flush,
    close,
    transaction: async () => {
      const problem =
        'Transactions are not served yet; send() writes each message once without them.';
      throw new StratalogError('UNSUPPORTED_VERSION', problem);
    },
    [Symbol.asyncDispose]: close,
  };
};

/** A producer by itself, for programs that need nothing else. @throws INVALID_CONFIG */
export const createProducer = <Key = string | Uint8Array, Value = string | Uint8Array>(
  options: ConnectionOptions & ProducerOptions<Key, Value>,
): Producer<Key, Value> => producerOver(connect(options), options);
