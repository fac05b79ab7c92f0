/**
 * Two brokers over the same memory: one that writes, and one elsewhere that has nothing in memory and may
 * see its stores through something.
 */
import { createBroker } from '../../lib/broker/broker.ts';
import { findTopic, partitionRefs } from '../../lib/log/topics/find.ts';
import { topicName } from '../../lib/model/ids.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import type { BlobStore, ItemStore } from '../../lib/storage/ports.ts';
import { batchOf } from './log.ts';
import { type VirtualRuntime, virtualRuntime } from './virtual-runtime.ts';

export const topic = topicName('orders');

/** A batch that is too large to be kept in a head. */
export const large = (text: string): Uint8Array => batchOf([text + 'x'.repeat(3_000)]);

export interface Setting {
  readonly partitions?: number;
  /** What the broker elsewhere sees its objects and items through. */
  readonly wrap?: (blobs: BlobStore) => BlobStore;
  readonly wrapItems?: (items: ItemStore) => ItemStore;
}

export const setUp = async (
  runtime: VirtualRuntime,
  { partitions = 1, wrap = (blobs) => blobs, wrapItems = (items) => items }: Setting = {},
) => {
  const items = memoryItems();
  const blobs = memoryBlobs();
  const broker = createBroker({ items, blobs, runtime });
  await broker.createTopic({ name: topic, partitions });
  const produce = async (batches: Uint8Array, partition = 0) => {
    const [result] = await broker.produce({ topic, partitions: [{ partition, batches }] });
    return result!;
  };
  const elsewhere = createBroker({ items: wrapItems(items), blobs: wrap(blobs), runtime });
  const refs = partitionRefs(await findTopic(items, topic));
  return { items, blobs, broker, elsewhere, produce, ref: refs[0]!, refs };
};

/** Runs `work` on a virtual clock. */
export const run = (
  work: (
    set: Awaited<ReturnType<typeof setUp>> & { readonly runtime: VirtualRuntime },
  ) => Promise<void>,
  setting?: Setting,
): Promise<void> => {
  const runtime = virtualRuntime(5);
  return runtime.drive(async () => work({ ...(await setUp(runtime, setting)), runtime }));
};

/** What a fetch from partition 0 answers. */
export const one = async (
  broker: ReturnType<typeof createBroker>,
  offset: number | 'earliest' | 'latest',
  limits = {},
) => (await broker.fetch({ partitions: [{ topic, partition: 0, offset }], ...limits }))[0]!;
