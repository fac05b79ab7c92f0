/**
 * A call of any verb, as plain data: each way to the service makes a request of it, the model predicts
 * its answer.
 *
 * Bytes are strings of one character a byte (Latin-1), so that a failing sequence can be read.
 */
import type { OffsetSpec } from '../../lib/broker/api.ts';
import type { Request } from '../local/surfaces.ts';

/** One character a byte; null: none. */
export type Bytes = string | null;

/** A record as it is sent; without a timestamp it gets the time of its arrival. */
export interface RecordSpec {
  readonly key: Bytes;
  readonly value: Bytes;
  readonly headers: readonly (readonly [name: string, value: Bytes])[];
  readonly timestamp?: number;
  readonly partition?: number;
}

/** A record in a batch: nothing is left to whoever receives it. */
export interface BatchRecord extends Omit<RecordSpec, 'partition'> {
  readonly timestamp: number;
}

/** An idempotent producer and the sequence of its first record. */
export interface ProducerSpec {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
}

export interface BatchSpec {
  readonly records: readonly BatchRecord[];
  readonly producer?: ProducerSpec;
}

/** What is done to the bytes of a share before they are sent. */
export type Damage = 'crc' | 'cut' | 'magic' | 'transactional' | 'control' | 'nothing';

/** Batches for one partition. */
export interface ShareSpec {
  readonly partition: number;
  readonly batches: readonly BatchSpec[];
  readonly expectedEnd?: number;
  readonly damage?: Damage;
}

export interface FetchSpec {
  readonly partition: number;
  readonly offset: number | 'earliest' | 'latest';
  readonly maxBytes?: number;
}

export interface OffsetCommit {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly metadata?: string;
  readonly leaderEpoch?: number;
}

type Texts = Readonly<Record<string, string>>;

export type Call =
  | { verb: 'createTopic'; topic: string; partitions: number; configs: Texts }
  | { verb: 'listTopics'; after?: string; limit?: number }
  | { verb: 'describeTopic'; topic: string }
  | { verb: 'deleteTopic'; topic: string }
  | { verb: 'alterConfigs'; topic: string; set: Texts; reset: readonly string[] }
  | { verb: 'addPartitions'; topic: string; partitions: number }
  | {
      verb: 'produceRecords';
      topic: string;
      as: 'json' | 'lines';
      /** How the body is encoded, where there is one. */
      encoding?: 'gzip' | 'zstd';
      records: readonly RecordSpec[];
      /** For the request as a whole, beside the body. */
      partition?: number;
      expectedEnd?: number;
      producer?: ProducerSpec;
    }
  | {
      verb: 'produceBatches';
      topic: string;
      /** `bare`: one share, the partition being named beside the body. */
      as: 'bare' | 'frames';
      shares: readonly ShareSpec[];
    }
  | {
      verb: 'fetch';
      topic: string;
      as: 'json' | 'batches';
      partitions: readonly FetchSpec[];
      maxBytes?: number;
      maxWaitMs?: number;
    }
  | { verb: 'fetchPartition'; topic: string; as: 'json' | 'batches'; from: FetchSpec }
  | { verb: 'listOffsets'; topic: string; at: OffsetSpec; partitions?: readonly number[] }
  | { verb: 'deleteRecords'; topic: string; partition: number; before: number | 'latest' }
  | { verb: 'initProducer' }
  | { verb: 'commitOffsets'; group: string; epoch?: number; offsets: readonly OffsetCommit[] }
  | { verb: 'fetchOffsets'; group: string; topic?: string }
  | { verb: 'describeCluster' }
  | { verb: 'checkHealth' }
  /** What only HTTP can say wrongly: refused as INVALID_REQUEST, and nothing happens. */
  | { verb: 'malformed'; request: Request };

export type Verb = Call['verb'];
export type CallOf<V extends Verb> = Extract<Call, { verb: V }>;

/** The bytes behind a string of them. */
export const bytesOf = (bytes: Bytes): Buffer | null =>
  bytes === null ? null : Buffer.from(bytes, 'latin1');

/** The string that stands for these bytes. */
export const textOf = (bytes: Uint8Array | null): Bytes =>
  bytes === null ? null : Buffer.from(bytes).toString('latin1');
