/**
 * Objects that are a file each: few and large ones, such as segments, which people may want to look at
 * with Kafka's own tools.
 *
 * An object is written under `incoming/` and synced, then linked to its name: `link` fails when the
 * name is taken, and a name never shows half an object. Files and their directory entries are synced
 * before the answer in every mode: there are few of them, and the items that name them follow.
 */
import { constants } from 'node:fs';
import { link, mkdir, open, readdir, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { requireRange } from '../blob-key.ts';
import { BlobExists, type BlobInfo, BlobMissing, type ByteRange, StoreError } from '../ports.ts';
import type { Health } from './health.ts';

/** Names directly under the data directory that are no objects. */
const OWN_NAMES: ReadonlySet<string> = new Set([
  'items.db',
  'items.db-wal',
  'items.db-shm',
  'lock.json',
  'synced',
  'volumes',
  'incoming',
]);

/** How often a put makes its directory again when a delete took the empty one away meanwhile. */
const MAX_LINK_ATTEMPTS = 5;

export interface Files {
  put(key: string, buffers: readonly Uint8Array[]): Promise<void>;
  get(key: string, range: ByteRange | undefined): Promise<Uint8Array>;
  delete(key: string): Promise<void>;
  /** Objects in key order. */
  list(prefix: string, after: string, limit: number): Promise<readonly BlobInfo[]>;
}

export const openFiles = (dataDir: string, health: Health): Files => {
  let incoming = 0;

  const pathOf = (key: string): string => {
    const first = key.split('/', 1)[0]!;
    if (OWN_NAMES.has(first)) {
      throw new StoreError('invalid', `${key}: the name ${first} is taken by the store itself`, {
        effect: 'none',
      });
    }
    return join(dataDir, key);
  };

  /** Links a finished file to its name; resolves with the directory that was made for it, if any. */
  const publish = async (from: string, to: string): Promise<string | undefined> => {
    for (let attempt = 1; ; attempt++) {
      const made = await mkdir(dirname(to), { recursive: true });
      try {
        await link(from, to);
        return made;
      } catch (error) {
        if (codeOf(error) !== 'ENOENT' || attempt === MAX_LINK_ATTEMPTS) throw error;
      }
    }
  };

  return {
    async put(key, buffers) {
      const path = pathOf(key);
      const temporary = join(dataDir, 'incoming', String(++incoming));
      try {
        const file = await open(temporary, 'w');
        try {
          for (const buffer of buffers) await file.writeFile(buffer);
          await file.datasync();
        } finally {
          await file.close();
        }
        const made = await publish(temporary, path);
        const highest = made === undefined ? dirname(path) : dirname(made);
        await syncDirectories(dirname(path), highest);
      } catch (error) {
        if (codeOf(error) === 'EEXIST' && (await sizeOf(path)) !== undefined) {
          throw new BlobExists(key);
        }
        throw isPathConflict(error) ? conflict(key, error) : health.judge(error, `writing ${key}`);
      } finally {
        await rm(temporary, { force: true });
      }
    },
    async get(key, range) {
      try {
        const file = await open(pathOf(key), 'r');
        try {
          const { size } = await file.stat();
          const { start, end } = range ?? { start: 0, end: size };
          requireRange(key, { start, end }, size);
          const bytes = Buffer.allocUnsafe(end - start);
          for (let done = 0; done < bytes.length; ) {
            const { bytesRead } = await file.read(bytes, done, bytes.length - done, start + done);
            if (bytesRead === 0)
              throw new StoreError('corrupt', `the file of ${key} was cut short`);
            done += bytesRead;
          }
          return bytes;
        } finally {
          await file.close();
        }
      } catch (error) {
        if (codeOf(error) === 'ENOENT' || isPathConflict(error)) throw new BlobMissing(key);
        throw health.judge(error, `reading ${key}`);
      }
    },
    async delete(key) {
      const path = pathOf(key);
      try {
        await rm(path, { force: true });
        // Directories that this emptied go too, up to the data directory.
        for (let up = dirname(path); up !== dataDir; up = dirname(up)) await rmdir(up);
      } catch (error) {
        if (!EXPECTED_OF_RMDIR.has(codeOf(error) ?? '')) {
          throw health.judge(error, `deleting ${key}`);
        }
      }
    },
    async list(prefix, after, limit) {
      const found: BlobInfo[] = [];
      const walk = async (directory: string): Promise<void> => {
        for (const name of await sortedNames(join(dataDir, directory))) {
          if (found.length >= limit) return;
          const key = directory + name;
          if (directory === '' && OWN_NAMES.has(name.replace(/\/$/, ''))) continue;
          if (name.endsWith('/')) {
            const mayHold = key.startsWith(prefix) || prefix.startsWith(key);
            if (mayHold && `${key}\u{10ffff}` > after) await walk(key);
          } else if (key.startsWith(prefix) && key > after) {
            const sizeBytes = await sizeOf(join(dataDir, key));
            if (sizeBytes !== undefined) found.push({ key, sizeBytes });
          }
        }
      };
      await walk('');
      return found;
    },
  };
};

const EXPECTED_OF_RMDIR = new Set([
  'ENOTEMPTY',
  'EEXIST',
  'ENOENT',
  'ENOTDIR',
  'EISDIR',
  'ERR_FS_EISDIR',
]);

const codeOf = (error: unknown): string | undefined =>
  (error as { readonly code?: string } | undefined)?.code;

/** A file where the key needs a directory, or the other way round: possible in S3, not here. */
const isPathConflict = (error: unknown): boolean => {
  const code = codeOf(error);
  return code === 'ENOTDIR' || code === 'EISDIR' || code === 'EEXIST';
};

const conflict = (key: string, cause: unknown): StoreError =>
  new StoreError('invalid', `${key}: an object cannot lie under another, or above one, in files`, {
    effect: 'none',
    cause,
  });

/** Entries of a directory in the order of the keys below them: a directory sorts with its `/`. */
const sortedNames = async (path: string): Promise<readonly string[]> => {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
};

/** Undefined when there is no such file. */
const sizeOf = async (path: string): Promise<number | undefined> => {
  try {
    const status = await stat(path);
    return status.isFile() ? status.size : undefined;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
};

/** Syncs `lowest` and the directories above it up to `highest`. */
const syncDirectories = async (lowest: string, highest: string): Promise<void> => {
  for (let path = lowest; ; path = dirname(path)) {
    const directory = await open(path, constants.O_RDONLY);
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
    if (path === highest) return;
  }
};
