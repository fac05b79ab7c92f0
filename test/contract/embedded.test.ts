import { join } from 'node:path';
import { it } from 'vitest';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { type FsyncMode, openEmbedded } from '../../lib/storage/embedded/open.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { describeBlobStore } from './blob-store.ts';
import { compareItemStores } from './compare-item-stores.ts';
import { describeItemStore } from './item-store.ts';

const directory = scratchDirectory();
let opened = 0;

const open = (fsync: FsyncMode) =>
  openEmbedded({
    dataDir: join(directory, String(++opened)),
    fsync,
    runtime: systemRuntime,
    // Small, so that the suites roll and free volumes.
    volumeBytes: 256 * 1024,
    intervalMs: 50,
  });

for (const fsync of ['always', 'interval', 'never'] as const) {
  describeItemStore(`embedded, fsync ${fsync}`, async () => {
    const { items, close } = await open(fsync);
    return { store: items, close };
  });
  describeBlobStore(`embedded volumes, fsync ${fsync}`, async () => {
    const { blobs, close } = await open(fsync);
    return { store: blobs, close, prefix: 'wal/' };
  });
}

describeBlobStore('embedded files', async () => {
  const { blobs, close } = await open('interval');
  return { store: blobs, close, prefix: 'segments/' };
});

it('does what the store in memory does', async () => {
  const { items, close } = await open('never');
  await compareItemStores(memoryItems(), items);
  await close();
});
