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

/** Its outcome could not be found out in time. */
export const outcomeUnknown = ({ partition }: PartitionRef, cause: unknown): StratalogError =>
  new StratalogError(
    'REQUEST_TIMED_OUT',
    `Whether the append to partition ${partition} happened could not be found out in time. Only an idempotent producer can send it again without risk of a duplicate.`,
    { context: { partition }, effect: 'unknown', cause },
  );

/** Its turn did not come in time: the store was slow or at its limit, or others were always faster. */
export const outOfTime = ({ partition }: PartitionRef): StratalogError =>
  new StratalogError(
    'REQUEST_TIMED_OUT',
    `The append to partition ${partition} did not get its turn in time; it did not happen. Send it again.`,
    { context: { partition } },
  );
