/**
 * The object store of a data directory. Keys under `wal/` go to volumes, all others are files:
 *
 *   wal/3f/018f…      →  volumes/00000007.vol, with a row in `objects`
 *   segments/…/….log  →  <data directory>/segments/…/….log
 */
import { requireBlobKey, requireRange } from '../blob-key.ts';
import { compareStrings } from '../interpret.ts';
import { BlobExists, BlobMissing, type BlobStore } from '../ports.ts';
import type { Files } from './files.ts';
import type { Health } from './health.ts';
import type { ObjectIndex } from './object-index.ts';
import type { Volumes } from './volumes.ts';

const IN_VOLUMES = 'wal/';
const DEFAULT_LIST_LIMIT = 1_000;

interface BlobsOptions {
  readonly volumes: Volumes;
  readonly index: ObjectIndex;
  readonly files: Files;
  readonly health: Health;
  /** Whether a put waits for the disk. */
  readonly syncEach: boolean;
  /** Makes everything committed so far durable: what deletes must follow, not precede. */
  readonly syncPoint: () => Promise<void>;
}

export const embeddedBlobs = ({
  volumes,
  index,
  files,
  health,
  syncEach,
  syncPoint,
}: BlobsOptions): BlobStore => {
  /** Puts under way: who comes with the same key waits for their end. */
  const putting = new Map<string, Promise<void>>();

  const append = async (key: string, buffers: readonly Uint8Array[]): Promise<void> => {
    const sizeBytes = buffers.reduce((sum, { length }) => sum + length, 0);
    await volumes.append(key, buffers, sizeBytes, (position) =>
      index.add(key, { position, sizeBytes }),
    );
    if (syncEach) await volumes.sync();
  };

  const putOnce = async (key: string, buffers: readonly Uint8Array[]): Promise<void> => {
    const earlier = putting.get(key);
    if (earlier !== undefined) {
      await earlier;
      throw new BlobExists(key);
    }
    if (index.find(key) !== undefined) throw new BlobExists(key);
    const put = append(key, buffers);
    putting.set(key, put);
    try {
      await put;
    } finally {
      putting.delete(key);
    }
  };

  return {
    async put(key, buffers) {
      requireBlobKey(key);
      health.require();
      await (key.startsWith(IN_VOLUMES) ? putOnce(key, buffers) : files.put(key, buffers));
    },
    async get(key, range) {
      requireBlobKey(key);
      health.require();
      if (!key.startsWith(IN_VOLUMES)) return files.get(key, range);
      const located = index.find(key);
      if (located === undefined) throw new BlobMissing(key);
      const { start, end } = range ?? { start: 0, end: located.sizeBytes };
      requireRange(key, { start, end }, located.sizeBytes);
      try {
        return await volumes.read(located.position, key, start, end - start);
      } catch (error) {
        throw health.judge(error, `reading ${key}`);
      }
    },
    async list(prefix, { after = '', limit = DEFAULT_LIST_LIMIT } = {}) {
      health.require();
      const inVolumes = IN_VOLUMES.startsWith(prefix) || prefix.startsWith(IN_VOLUMES);
      const found = inVolumes ? [...index.list(prefix, after, limit)] : [];
      if (prefix.startsWith(IN_VOLUMES)) return found;
      found.push(...(await files.list(prefix, after, limit)));
      return found.sort((left, right) => compareStrings(left.key, right.key)).slice(0, limit);
    },
    async delete(keys) {
      keys.forEach(requireBlobKey);
      health.require();
      // Items that a power loss brings back must find what they name.
      await syncPoint();
      health.require();
      try {
        index.remove(
          keys.filter((key) => key.startsWith(IN_VOLUMES)),
          volumes.end,
        );
      } catch (error) {
        throw health.judge(error, 'deleting objects');
      }
      for (const key of keys) if (!key.startsWith(IN_VOLUMES)) await files.delete(key);
    },
  };
};
