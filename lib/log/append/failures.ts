/**
 * Failures of an append, as its caller is told them.
 */
import { type Effect, StratalogError } from '../../model/errors.ts';
import type { PartitionRef } from '../../model/ids.ts';

/** The head is not there: the topic was deleted. */
export const partitionGone = ({ partition }: PartitionRef, effect: Effect): StratalogError =>
  new StratalogError(
    'UNKNOWN_TOPIC_OR_PARTITION',
    `Partition ${partition} is gone: its topic was deleted.`,
    { context: { partition }, effect },
  );

/** Somebody else was first, or whoever asked has not seen where the partition really ends. */
export const unexpectedEnd = (
  { partition }: PartitionRef,
  expectedEnd: number,
  logEndOffset: number,
): StratalogError =>
  new StratalogError(
    'UNEXPECTED_LOG_END',
    `Partition ${partition} ends at ${logEndOffset}, not at the expected ${expectedEnd}; nothing was appended. Read it up to its end and decide anew.`,
    { context: { partition, expectedEnd, logEndOffset } },
  );

/** Its outcome could not be found out in time. */
export const outcomeUnknown = ({ partition }: PartitionRef, cause: unknown): StratalogError =>
  new StratalogError(
    'REQUEST_TIMED_OUT',
    `Whether the append to partition ${partition} happened could not be found out in time. Only what an idempotent producer sends, or what is to land at an expected end, can be sent again without risk of a duplicate.`,
    { context: { partition }, effect: 'unknown', cause },
  );

/** Its turn did not come in time: the store was slow or at its limit, or others were always faster. */
export const outOfTime = ({ partition }: PartitionRef): StratalogError =>
  new StratalogError(
    'REQUEST_TIMED_OUT',
    `The append to partition ${partition} did not get its turn in time; it did not happen. Send it again.`,
    { context: { partition } },
  );
