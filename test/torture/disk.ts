/**
 * A small disk for a data directory, that can be full: a file system in memory, and a ballast file.
 *
 *   ┌ data ─────┬ free ────────────────┐      fill:   ballast takes what is free, to the last page
 *   │ grows     │ at least 24 MiB      │      empty:  ballast is deleted
 *   └───────────┴──────────────────────┘      grow:   between rounds the disk is made larger
 *
 * Mounting takes root. Who is not root may be root of a namespace of their own (`unshare`).
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const MiB = 1024 * 1024;
const FIRST_SIZE_MIB = 48;
const ROOM_MIB = 24;
/** The last one is a page: what is free in the end is less. */
const BALLAST_STEPS_BYTES = [MiB, 64 * 1024, 4096];

export interface Disk {
  /** Where data goes. */
  readonly directory: string;
  /** Takes all that is free. */
  fill(): void;
  /** Gives it back. */
  empty(): void;
  /** Makes the disk larger where data has taken most of it. */
  grow(): void;
  unmount(): void;
}

const isFull = (error: unknown): boolean => (error as { code?: string }).code === 'ENOSPC';

const writeUntilFull = (fd: number): void => {
  for (const sizeBytes of BALLAST_STEPS_BYTES) {
    const zeros = new Uint8Array(sizeBytes);
    try {
      while (writeSync(fd, zeros) > 0);
    } catch (error) {
      if (!isFull(error)) throw error;
    }
  }
};

const messageOf = (error: unknown): string =>
  String((error as { stderr?: Buffer }).stderr ?? '').trim() || String(error);

/** @throws Error that says why there is none */
export const mountDisk = (path: string): Disk => {
  mkdirSync(path);
  let sizeMib = FIRST_SIZE_MIB;
  const mount = (options: string) =>
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path], { stdio: 'pipe' });
  try {
    mount(`size=${sizeMib}m`);
  } catch (error) {
    throw new Error(
      `A full disk needs a small one, and none can be mounted (${messageOf(error)}). Run as root, or leave that fault out: --faults kill,stop`,
    );
  }
  const ballast = join(path, 'ballast');
  const unmount = () => {
    process.off('exit', unmount);
    // Lazily: whoever was killed may still be on the way out.
    spawnSync('umount', ['--lazy', path]);
  };
  // An interrupted run leaves nothing mounted.
  process.once('exit', unmount);
  return {
    directory: join(path, 'data'),
    fill() {
      const fd = openSync(ballast, 'w');
      try {
        writeUntilFull(fd);
      } finally {
        closeSync(fd);
      }
    },
    empty: () => rmSync(ballast, { force: true }),
    grow() {
      const { bavail, bsize } = statfsSync(path);
      if (bavail * bsize >= ROOM_MIB * MiB) return;
      sizeMib += ROOM_MIB;
      mount(`remount,size=${sizeMib}m`);
    },
    unmount,
  };
};

const UNSHARED = 'STRATALOG_TORTURE_UNSHARED';

/** Runs this command again as root of a namespace of its own, if it has to; its exit code. */
export const rerunAsRoot = async (): Promise<number | undefined> => {
  if (process.getuid?.() === 0 || process.env[UNSHARED]) return undefined;
  if (spawnSync('unshare', ['-Urm', 'true']).status !== 0) return undefined;
  const child = spawn('unshare', ['-Urm', process.execPath, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, [UNSHARED]: '1' },
  });
  // It cleans up after itself, if it is told.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const [status] = await once(child, 'exit');
  return status ?? 1;
};
