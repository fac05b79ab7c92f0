/**
 * A small installation, made once and copied for each input: topics, records in every place that they can
 * lie in, producers, a group.
 *
 *   orders/0   rows LOG#, a tail, entries inline and in objects       what targets spoil
 *   orders/1   the same, smaller
 *   orders/2   nothing yet
 *   others/0   a few records                                          what must not be harmed
 */
import type { Broker } from '../../lib/broker/api.ts';
import { createBroker } from '../../lib/broker/broker.ts';
import { findTopic, partitionRefs } from '../../lib/log/topics/find.ts';
import { groupId, topicName } from '../../lib/model/ids.ts';
import type { Item } from '../../lib/storage/algebra.ts';
import { GROUP_VERSION, groupStateKey } from '../../lib/storage/keys/group.ts';
import { partitionKey } from '../../lib/storage/keys/head.ts';
import { producerItem } from '../../lib/storage/keys/producer.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import type { BlobStore, ItemStore } from '../../lib/storage/ports.ts';
import { batchOf } from '../support/log.ts';
import { virtualRuntime } from '../support/virtual-runtime.ts';
import { rawItems } from './raw-items.ts';

export const ORDERS = topicName('orders');
export const OTHERS = topicName('others');
export const GROUP = groupId('readers');
/** Idempotent, with records in both partitions. */
export const PRODUCER_ID = 5;

/** Idempotent, forgotten by the head of `orders/0` after sequence 2. */
export const DEPARTED_ID = 9;

/** What the stores hold. */
export interface Contents {
  readonly items: readonly Item[];
  readonly objects: readonly (readonly [key: string, bytes: Uint8Array])[];
}

export interface Stores {
  readonly items: ReturnType<typeof rawItems>;
  readonly blobs: BlobStore;
}

/** Values of the records of `others`. */
export const OTHER_VALUES = ['x0', 'x1', 'x2'] as const;

/** The value of each record of `orders`, by partition and offset. */
export const ORDER_VALUES: readonly (readonly string[])[] = [
  Array.from({ length: 46 }, (_, n) => (n % 5 === 3 ? `p0-${n}${'x'.repeat(1_100)}` : `p0-${n}`)),
  Array.from({ length: 6 }, (_, n) => (n % 2 === 1 ? `p1-${n}${'y'.repeat(1_100)}` : `p1-${n}`)),
  [],
];

/** Makes the topics and writes all there is; `between` is called half way. */
export const fill = async (broker: Broker, between = async (): Promise<void> => {}) => {
  await broker.createTopic({ name: ORDERS, partitions: ORDER_VALUES.length });
  await broker.createTopic({ name: OTHERS, partitions: 1 });
  const [first, ...rest] = OTHER_VALUES;
  const others = Buffer.concat([batchOf([first]), batchOf(rest)]);
  await broker.produce({ topic: OTHERS, partitions: [{ partition: 0, batches: others }] });
  // What is written together and large shares an object.
  for (let n = 0; n < ORDER_VALUES[0]!.length; n++) {
    if (n === ORDER_VALUES[0]!.length / 2) await between();
    const producer = { producerId: PRODUCER_ID, producerEpoch: 0, baseSequence: n };
    const partitions = ORDER_VALUES.flatMap((values, partition) =>
      n < values.length ? { partition, batches: batchOf([values[n]!], producer) } : [],
    );
    await broker.produce({ topic: ORDERS, partitions });
  }
  await broker.deleteRecords({ partitions: [{ topic: ORDERS, partition: 0, before: 2 }] });
  await broker.commitOffsets({
    group: GROUP,
    offsets: [
      { topic: ORDERS, partition: 0, offset: 7, metadata: 'so far' },
      { topic: OTHERS, partition: 0, offset: 1 },
    ],
  });
  await broker.initProducer();
  await broker.describeCluster();
  await broker.close();
};

const make = async (): Promise<Contents> => {
  const runtime = virtualRuntime(1);
  const items = rawItems([]);
  const blobs = memoryBlobs();
  await runtime.drive(() => fill(createBroker({ items, blobs, runtime, freezes: true })));
  const objects: [string, Uint8Array][] = [];
  for (const { key } of await blobs.list('wal/')) objects.push([key, await blobs.get(key)]);
  return { items: [...items.all(), ...(await departed(items))], objects };
};

/** What a producer leaves behind that the head forgot, and a group that has had members. */
const departed = async (items: ItemStore): Promise<readonly Item[]> => {
  const [ref] = partitionRefs(await findTopic(items, ORDERS));
  return [
    producerItem(partitionKey(ref!), String(DEPARTED_ID), { rank: 3, asOf: 10 }, 1_750_000_000_000),
    { ...groupStateKey(GROUP), v: GROUP_VERSION, epoch: 4 },
  ];
};

let made: Promise<Contents> | undefined;

/** What the installation holds before anything is spoilt: the same in every process. */
export const contents = (): Promise<Contents> => {
  made ??= make();
  return made;
};

/** Stores in memory that hold this. */
export const storesWith = async ({ items, objects }: Contents): Promise<Stores> => {
  const stores = { items: rawItems(items), blobs: memoryBlobs() };
  for (const [key, bytes] of objects) await stores.blobs.put(key, [bytes]);
  return stores;
};
