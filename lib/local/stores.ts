/** Where the local service keeps its log: in a directory, or in memory. */
import type { Runtime } from '../model/runtime.ts';
import { type FsyncMode, openEmbedded } from '../storage/embedded/open.ts';
import { memoryBlobs } from '../storage/memory/blobs.ts';
import { memoryItems } from '../storage/memory/items.ts';
import type { BlobStore, ItemStore } from '../storage/ports.ts';

export type { FsyncMode };

/** Both ports, open. */
export interface Stores {
  readonly items: ItemStore;
  readonly blobs: BlobStore;
  /** Flushes and lets go of the directory. */
  close(): Promise<void>;
}

/**
 * @param dataDir undefined: in memory
 * @throws DATA_DIRECTORY_LOCKED when another process has the directory
 */
export const openStores = async (
  dataDir: string | undefined,
  fsync: FsyncMode,
  runtime: Runtime,
): Promise<Stores> =>
  dataDir === undefined
    ? { items: memoryItems(), blobs: memoryBlobs(), close: async () => {} }
    : openEmbedded({ dataDir, fsync, runtime });
