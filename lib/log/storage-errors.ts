/**
 * What a store threw, as Kafka's codes say it: one mapping for appends, reads and the service.
 */
import { type Effect, type ErrorCode, StratalogError } from '../model/errors.ts';
import { BlobExists, BlobMissing, ConditionFailed, StoreError } from '../storage/ports.ts';

/** Whether `error` is one of those that the ports throw. */
export const isStorageError = (error: unknown): error is Error =>
  error instanceof StoreError ||
  error instanceof ConditionFailed ||
  error instanceof BlobMissing ||
  error instanceof BlobExists;

/**
 * `error` as callers are told it: a StratalogError as it is, a store's by its reason, anything else is a
 * bug of ours and UNKNOWN_SERVER_ERROR.
 * @param what failed, the beginning of a sentence that goes on with the reason after a colon
 * @param effect whether what was asked may have happened; what one store call says of itself is not all of it
 */
export const storageFailure = (error: unknown, what: string, effect: Effect): StratalogError => {
  if (error instanceof StratalogError) return error;
  const code = codeOf(error);
  const reason =
    code === 'THROTTLING_QUOTA_EXCEEDED'
      ? 'the store is at its limit. Send larger batches, wait longer between them (linger), or spread the load over more partitions.'
      : error instanceof Error
        ? error.message
        : String(error);
  return new StratalogError(code, `${what}: ${reason}`, { effect, cause: error });
};

const codeOf = (error: unknown): ErrorCode => {
  if (!isStorageError(error)) return 'UNKNOWN_SERVER_ERROR';
  if (!(error instanceof StoreError)) return 'KAFKA_STORAGE_ERROR';
  if (error.reason === 'throttled') return 'THROTTLING_QUOTA_EXCEEDED';
  return error.reason === 'corrupt' ? 'CORRUPT_STORE' : 'KAFKA_STORAGE_ERROR';
};
