import { systemRuntime } from '../../lib/model/runtime.ts';
import { faultyBlobs } from '../../lib/storage/faulty/blobs.ts';
import { faultyItems } from '../../lib/storage/faulty/items.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import { describeBlobStore } from './blob-store.ts';
import { describeItemStore } from './item-store.ts';

const noFaults = () => undefined;

describeItemStore('faulty, without faults', () => ({
  store: faultyItems(memoryItems(), noFaults, systemRuntime),
}));
describeBlobStore('faulty, without faults', () => ({
  store: faultyBlobs(memoryBlobs(), noFaults, systemRuntime),
}));
