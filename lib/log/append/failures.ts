/**
 * Failures of an append, as its caller is told them.
 */
import { type Effect, StratalogError } from '../../model/errors.ts';
import type { PartitionRef } from '../../model/ids.ts';
import { StoreError } from '../../storage/ports.ts';

/** `error` of a store as Kafka's codes say it; `effect`: whether the append may have happened. */
export const storageFailure = (error: unknown, what: string, effect: Effect): StratalogError => {
  if (error instanceof StratalogError) return error;
  if (error instanceof StoreError && error.reason === 'throttled') {
    return new StratalogError(
      'THROTTLING_QUOTA_EXCEEDED',
      `${what}: the store is at its limit. Send larger batches, wait longer between them (linger), or spread the load over more partitions.`,
      { effect, cause: error },
    );
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new StratalogError('KAFKA_STORAGE_ERROR', `${what}: ${reason}`, { effect, cause: error });
};

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
