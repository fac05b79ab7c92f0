/**
 * Which partition a record goes to, as Kafka's Java client chooses: by the murmur2 hash of its key, or,
 * without a key, one partition for as long as a batch lasts (KIP-480: fuller batches, lower latency).
 */
import { getUint32 } from '../bytes/integers.ts';
import type { Runtime } from '../model/runtime.ts';

/** MurmurHash 2 by Austin Appleby, in the 32-bit form and with the seed of Kafka's `Utils.murmur2`: an int32. */
export const murmur2 = (bytes: Uint8Array): number => {
  const M = 0x5bd1_e995;
  const length = bytes.length;
  let hash = 0x9747_b28c ^ length;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    let word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    word = Math.imul(word, M);
    word = Math.imul(word ^ (word >>> 24), M);
    hash = Math.imul(hash, M) ^ word;
  }
  const rest = length - at;
  if (rest > 0) {
    if (rest === 3) hash ^= bytes[at + 2]! << 16;
    if (rest >= 2) hash ^= bytes[at + 1]! << 8;
    hash = Math.imul(hash ^ bytes[at]!, M);
  }
  hash = Math.imul(hash ^ (hash >>> 13), M);
  return hash ^ (hash >>> 15);
};

/** The partition, 0 to `partitions` − 1, of records with this key: the same as Kafka's Java client and kafkajs. */
export const partitionForKey = (key: Uint8Array, partitions: number): number =>
  (murmur2(key) & 0x7fff_ffff) % partitions;

export interface StickyPartitioner {
  /** The partition that records without a key go to now. */
  current(partitions: number): number;
  /** A batch is full or sent: the next record goes to another partition, where there is one. */
  moveOn(partitions: number): void;
}

/** One per topic: counts of partitions may grow between calls, never shrink. */
export const stickyPartitioner = (runtime: Pick<Runtime, 'randomBytes'>): StickyPartitioner => {
  let partition: number | undefined;
  const below = (bound: number): number => getUint32(runtime.randomBytes(4), 0) % bound;
  return {
    current(partitions) {
      partition ??= below(partitions);
      return partition;
    },
    moveOn(partitions) {
      partition =
        partition === undefined || partitions === 1
          ? below(partitions)
          : (partition + 1 + below(partitions - 1)) % partitions;
    },
  };
};
