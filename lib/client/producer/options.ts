/** What a producer can be told, and what it takes when it is not. */
import { StratalogError } from '../../model/errors.ts';
import { DEFAULT_MAX_BATCH_BYTES, MAX_BATCH_BYTES } from '../../model/limits.ts';
import { COMPRESSIONS, type Compression } from '../../record/layout.ts';
import { checkNumber, said } from '../connection.ts';
import { type Serializer, string } from '../serde.ts';
import type { Partitioner } from './partitioning.ts';

export interface ProducerOptions<Key = string | Uint8Array, Value = string | Uint8Array> {
  /** Default: strings as UTF-8, and bytes as they are. */
  readonly key?: Serializer<Key>;
  /** Default: strings as UTF-8, and bytes as they are. */
  readonly value?: Serializer<Value>;
  /** Write each message once, however often its request must be sent. Default true. */
  readonly idempotent?: boolean;
  /** Default `none`. zstd takes Node 22.15 or newer, snappy and lz4 take Node; gzip is everywhere. */
  readonly compression?: Compression;
  /**
   * How long a message waits for others to go with it. Default 0: what a program sends in one turn
   * goes together at once, and while a request is under way the next batch fills anyway, because a
   * partition has one on its way at a time. Some milliseconds make fewer requests of thin traffic.
   */
  readonly lingerMs?: number;
  /** What a batch is to have at most, uncompressed; `max.message.bytes` bounds it too. Default 1 MiB. */
  readonly batchBytes?: number;
  /** Messages held, sent or not; beyond it `send` waits for room. Default 32 MiB. */
  readonly maxBufferBytes?: number;
  /**
   * When a message counts as failed that could not be written, ms from `send`, whatever it waits for;
   * an attempt that is on its way by then gets a second. Default 120,000.
   */
  readonly deliveryTimeoutMs?: number;
  /** Requests of one topic on their way at a time. Default 5. */
  readonly maxRequestsInFlight?: number;
  /** Default: by the key as Kafka's clients do; without one, one partition a batch. */
  readonly partitioner?: Partitioner;
  /** How long what is known of a topic is believed. Default 300,000. */
  readonly metadataMaxAgeMs?: number;
}

const MiB = 1024 * 1024;

const DEFAULTS = {
  idempotent: true,
  compression: 'none',
  lingerMs: 0,
  batchBytes: DEFAULT_MAX_BATCH_BYTES,
  maxBufferBytes: 32 * MiB,
  deliveryTimeoutMs: 120_000,
  maxRequestsInFlight: 5,
  metadataMaxAgeMs: 300_000,
} as const;

/** Options with everything said, but for the partitioner, which has no default. */
export type FullOptions<Key, Value> = Required<Omit<ProducerOptions<Key, Value>, 'partitioner'>> &
  Pick<ProducerOptions<Key, Value>, 'partitioner'>;

/** @throws INVALID_CONFIG naming the option, its value and what is legal */
export const fullOptions = <Key, Value>(
  options: ProducerOptions<Key, Value>,
): FullOptions<Key, Value> => {
  // The types allow no serializer only where keys and values are what the default one takes.
  const serdes = { key: string, value: string } as unknown as {
    readonly key: Serializer<Key>;
    readonly value: Serializer<Value>;
  };
  const full = { ...DEFAULTS, ...serdes, ...said(options) };
  checkNumber('lingerMs', full.lingerMs, 0);
  checkNumber('batchBytes', full.batchBytes, 1, MAX_BATCH_BYTES);
  checkNumber('maxBufferBytes', full.maxBufferBytes, 1);
  checkNumber('deliveryTimeoutMs', full.deliveryTimeoutMs, 1);
  checkNumber('maxRequestsInFlight', full.maxRequestsInFlight, 1);
  checkNumber('metadataMaxAgeMs', full.metadataMaxAgeMs, 0);
  if (!COMPRESSIONS.includes(full.compression)) {
    throw new StratalogError(
      'INVALID_CONFIG',
      `compression is ${JSON.stringify(full.compression)}; it must be one of ${COMPRESSIONS.join(', ')}.`,
      { context: { option: 'compression' } },
    );
  }
  return full;
};
