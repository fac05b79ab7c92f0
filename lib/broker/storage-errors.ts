/**
 * The edge at which a store's failure becomes the service's.
 */
import { isStorageError, storageFailure } from '../log/storage-errors.ts';
import { type Effect, StratalogError, withEffect } from '../model/errors.ts';

/** Runs `work`; a store's failure is told as a StratalogError of this `effect`, a bug stays what it is. */
export const telling = async <T>(effect: Effect, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw isStorageError(error) ? storageFailure(error, 'The store failed', effect) : error;
  }
};

/** Runs what comes after a change that was made: however it fails, the change is not undone. */
export const afterwards = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await telling('unknown', work);
  } catch (error) {
    throw error instanceof StratalogError ? withEffect(error, 'unknown') : error;
  }
};
