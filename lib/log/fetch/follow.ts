/**
 * Follow: read a partition although it moves.
 *
 *   read by a head ─► row or object not there ─► fresh head ─► read by that ─► not there again?
 *                                                   ▲                │ the same: it is damaged
 *                                                   └── another ─────┘ at most a few times
 *
 * Between a head and the reading of what it names, that may be rolled, sealed or deleted. What a fresh
 * head still leads to, and is still not there, is lost; that the head moved meanwhile excuses nothing.
 */
import { StratalogError } from '../../model/errors.ts';
import type { PartitionRef } from '../../model/ids.ts';
import { MAX_READ_ATTEMPTS } from '../../model/limits.ts';
import type { Head } from '../../storage/keys/head.ts';
import { BlobMissing, type ItemStore } from '../../storage/ports.ts';
import { offsetOutOfRange, readHeads } from './heads.ts';
import { Moved } from './locate.ts';

/** Where to read from, with the head to read by. */
export interface Standpoint {
  readonly ref: PartitionRef;
  readonly head: Head;
  /** From `start` to `end` of the head. */
  readonly offset: number;
}

/** Where to read from, and how much. */
export interface ReadTarget extends Standpoint {
  readonly maxBytes: number;
}

/**
 * What `read` answers, by the head of `target` or by a fresher one; else why it cannot be read:
 * CORRUPT_STORE naming what is not there, UNKNOWN_TOPIC_OR_PARTITION when the topic was deleted
 * meanwhile, or what `read` or a store threw.
 * @param deleted records that were deleted meanwhile: `refused` as OFFSET_OUT_OF_RANGE, or `skipped`, and
 *   `read` is given the new start
 */
export const following = async <Target extends Standpoint, T>(
  items: ItemStore,
  target: Target,
  read: (target: Target) => Promise<T>,
  deleted: 'refused' | 'skipped' = 'refused',
): Promise<T | Error> => {
  const { ref, offset } = target;
  const missed = new Set<string>();
  try {
    for (let now = target; ; ) {
      const outcome = await read(now).catch((error: Error) => error);
      if (!(outcome instanceof Moved || outcome instanceof BlobMissing)) return outcome;
      if (missed.has(outcome.message)) return lost(target, outcome);
      missed.add(outcome.message);
      if (missed.size === MAX_READ_ATTEMPTS) return restless(target, outcome);
      const [head] = await readHeads(items, [ref], true);
      if (head === undefined || head instanceof Error) return head!;
      if (offset < head.start && deleted === 'refused') {
        return offsetOutOfRange(ref.partition, offset, head);
      }
      now = { ...target, head, offset: Math.max(offset, head.start) };
    }
  } catch (error) {
    return error as Error;
  }
};

const lost = ({ ref: { partition }, offset }: Standpoint, cause: Error): StratalogError =>
  new StratalogError(
    'CORRUPT_STORE',
    `Records from offset ${offset} of partition ${partition} on cannot be read: ${cause.message}.`,
    { context: { partition, offset }, cause },
  );

const restless = ({ ref: { partition }, offset }: Standpoint, cause: Error): StratalogError =>
  new StratalogError(
    'KAFKA_STORAGE_ERROR',
    `Partition ${partition} moved ${MAX_READ_ATTEMPTS} times while it was read from offset ${offset} on; the last time, ${cause.message}. Read it again.`,
    { context: { partition, offset }, cause },
  );
