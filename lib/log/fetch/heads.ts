/**
 * Heads: those of many partitions at once; what is wrong with one harms no other.
 */
import { StratalogError } from '../../model/errors.ts';
import type { PartitionRef } from '../../model/ids.ts';
import type { Item } from '../../storage/algebra.ts';
import { type Head, headKey, ifHead, readHead } from '../../storage/keys/head.ts';
import { type ItemStore, StoreError } from '../../storage/ports.ts';
import { requireEntries } from '../entry.ts';

/**
 * The heads of `refs`, in their order; in place of one that is not there or cannot be read, why.
 * @param consistent false allows older ones, at half the price
 * @throws StoreError
 */
export const readHeads = async (
  items: ItemStore,
  refs: readonly PartitionRef[],
  consistent: boolean,
): Promise<readonly (Head | Error)[]> => {
  const keys = refs.map(headKey);
  const found = await items
    .getMany(keys, { consistent })
    .catch((error: Error): Promise<(Item | undefined | Error)[]> => {
      if (!(error instanceof StoreError && error.reason === 'corrupt')) throw error;
      // One of them; which one is told by asking for each.
      return Promise.all(
        keys.map((key) => items.get(key, { consistent }).catch((reason: Error) => reason)),
      );
    });
  return found.map((item, index) => {
    if (item instanceof Error) return item;
    const there = ifHead(item);
    if (there === undefined) return partitionUnknown(refs[index]!.partition);
    try {
      const head = readHead(there);
      // Here, and not where entries are located: of a log that claims to end early none are.
      requireEntries(there, head.tail, head.tailStart, head.end);
      return head;
    } catch (error) {
      return error as Error;
    }
  });
};

/** `read`, or `known` where that is a later state of the same head: a head only grows. */
export const newerHead = (read: Head, known: Head | undefined): Head =>
  known !== undefined &&
  (read.end < known.end ||
    read.start < known.start ||
    read.tailStart < known.tailStart ||
    read.sealed < known.sealed)
    ? known
    : read;

/** Below `start` or above `end`; both are told. */
export const offsetOutOfRange = (partition: number, offset: number, head: Head): StratalogError =>
  new StratalogError(
    'OFFSET_OUT_OF_RANGE',
    `Offset ${offset} of partition ${partition} is not in the log, which goes from ${head.start} to ${head.end}. Begin at "earliest" or "latest".`,
    { context: { partition, offset, logStartOffset: head.start, logEndOffset: head.end } },
  );

/** No head: there is no such partition, or no more. */
const partitionUnknown = (partition: number): StratalogError =>
  new StratalogError(
    'UNKNOWN_TOPIC_OR_PARTITION',
    `Partition ${partition} does not exist. Describe the topic to see which there are.`,
    { context: { partition } },
  );
