/**
 * `lock.json`: who holds the data directory, for the message that the next one gets. It is not the
 * lock (that is SQLite's, see `database.ts`), so one left behind by a dead process does no harm.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface LockInfo {
  readonly pid: number;
  readonly host: string;
  /** ms since the epoch. */
  readonly since: number;
}

export const writeLockInfo = (dataDir: string, info: LockInfo): void =>
  writeFileSync(join(dataDir, 'lock.json'), `${JSON.stringify(info)}\n`);

/** Undefined when there is none, or none that can be read. */
export const readLockInfo = (dataDir: string): LockInfo | undefined => {
  try {
    return JSON.parse(readFileSync(join(dataDir, 'lock.json'), 'utf8')) as LockInfo;
  } catch {
    return undefined;
  }
};

export const removeLockInfo = (dataDir: string): void =>
  rmSync(join(dataDir, 'lock.json'), { force: true });
