import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import { describeBlobStore } from './blob-store.ts';
import { describeItemStore } from './item-store.ts';

describeItemStore('memory', () => ({ store: memoryItems() }));
describeBlobStore('memory', () => ({ store: memoryBlobs() }));
