/**
 * Whether the store may still acknowledge anything. An I/O error or a failed sync leaves open what the
 * disk holds (a second fsync may "succeed" on pages that the kernel has dropped), so the first one
 * stops the store for good: the next start finds out what is there. A full disk does not: the write is
 * taken back, and the next one may fit.
 */
import type { Effect } from '../../model/errors.ts';
import { StoreError } from '../ports.ts';

export interface Health {
  /** @throws StoreError with the reason for which the store stopped */
  require(): void;
  /**
   * Turns any error of the file system or of SQLite into one of the port's, and stops the store if it must.
   * @param effectIfFull `none` where a write that found no room has been taken back by now
   */
  judge(error: unknown, doing: string, effectIfFull?: Effect): StoreError;
  /** Stops the store without an error: it was closed. */
  close(): void;
}

/** SQLite's primary result codes: https://www.sqlite.org/rescode.html */
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

const reasonOf = (error: unknown): StoreError['reason'] => {
  const { code, errcode, syscall } = error as {
    readonly code?: string;
    readonly errcode?: number;
    readonly syscall?: string;
  };
  // Neither SQLite nor the file system said so: the call itself made no sense.
  if (errcode === undefined && syscall === undefined) return 'invalid';
  const primary = errcode === undefined ? undefined : errcode & 0xff;
  if (primary === SQLITE_FULL || (code !== undefined && FULL.has(code))) return 'full';
  if (primary === SQLITE_CORRUPT || primary === SQLITE_NOTADB) return 'corrupt';
  return 'unavailable';
};

/** Whether something found no room on the disk. */
export const isFull = (error: unknown): boolean => reasonOf(error) === 'full';

/** Whether SQLite found its own file to be none, or damaged. */
export const isCorrupt = (error: unknown): boolean => reasonOf(error) === 'corrupt';

/** The health of one store, which nothing has stopped yet. */
export const makeHealth = (): Health => {
  let stopped: StoreError | undefined;
  return {
    require() {
      if (stopped !== undefined) throw stopped;
    },
    judge(error, doing, effectIfFull = 'unknown') {
      if (error instanceof StoreError) return error;
      const reason = reasonOf(error);
      const message = error instanceof Error ? error.message : String(error);
      const effect = reason === 'full' ? effectIfFull : 'unknown';
      const judged = new StoreError(reason, `${doing}: ${message}`, { effect, cause: error });
      if (reason !== 'full' && reason !== 'invalid') {
        stopped ??= new StoreError(
          reason,
          `the store stopped after a failure and must be opened again (${judged.message})`,
          { effect: 'none', cause: error },
        );
      }
      return judged;
    },
    close() {
      stopped ??= new StoreError('unavailable', 'the store is closed', { effect: 'none' });
    },
  };
};
