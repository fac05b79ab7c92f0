/**
 * What a store threw, as callers of the service are told it.
 */
import { type Effect, StratalogError } from '../model/errors.ts';
import { BlobMissing, ConditionFailed, StoreError } from '../storage/ports.ts';

/** `effect` where the store does not tell it itself: reads have none. */
export const toStratalogError = (error: unknown, effect: Effect): StratalogError => {
  if (error instanceof StratalogError) return error;
  if (error instanceof StoreError) {
    const told = error.effect === 'none' ? 'none' : effect;
    return error.reason === 'throttled'
      ? new StratalogError(
          'THROTTLING_QUOTA_EXCEEDED',
          'The store is at its limit. Send again a little later, in fewer and larger requests.',
          { effect: told, cause: error },
        )
      : new StratalogError(
          error.reason === 'corrupt' ? 'CORRUPT_STORE' : 'KAFKA_STORAGE_ERROR',
          `The store failed: ${error.message}`,
          { effect: told, cause: error },
        );
  }
  if (error instanceof BlobMissing || error instanceof ConditionFailed) {
    return new StratalogError('KAFKA_STORAGE_ERROR', `The store failed: ${error.message}`, {
      effect,
      cause: error,
    });
  }
  throw error;
};

/** Runs `work`; a store's failure is told as a StratalogError, a bug stays what it is. */
export const telling = async <T>(effect: Effect, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw toStratalogError(error, effect);
  }
};
