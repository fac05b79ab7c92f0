/**
 * A partition over given stores, and batches whose records say who wrote them.
 */
import { Appender, type AppenderOptions } from '../../lib/log/append/appender.ts';
import { type RunOutcome, splitIntoRuns } from '../../lib/log/append/run.ts';
import { createFetcher } from '../../lib/log/fetch/fetcher.ts';
import { createTopic } from '../../lib/log/topics/create.ts';
import { partitionRefs } from '../../lib/log/topics/find.ts';
import { type PartitionRef, topicName } from '../../lib/model/ids.ts';
import type { Runtime } from '../../lib/model/runtime.ts';
import { decodeBatch } from '../../lib/record/decode.ts';
import { type BatchProducer, encodeBatch } from '../../lib/record/encode.ts';
import { validateBatches } from '../../lib/record/validate.ts';
import type { BlobStore, ItemStore } from '../../lib/storage/ports.ts';

export interface Stores {
  readonly items: ItemStore;
  readonly blobs: BlobStore;
}

/** Makes a topic of one partition. */
export const newPartition = async (
  items: ItemStore,
  runtime: Runtime,
  name = 'orders',
): Promise<PartitionRef> => {
  const topic = await createTopic(items, runtime, {
    name: topicName(name),
    partitions: 1,
    configs: {},
  });
  return partitionRefs(topic)[0]!;
};

/** A batch of records with these values. */
export const batchOf = (values: readonly string[], producer?: BatchProducer): Uint8Array =>
  encodeBatch(
    values.map((value) => ({ key: null, value: Buffer.from(value), timestamp: 1_700_000_000_000 })),
    producer === undefined ? {} : { producer },
  );

/** An appender of one process, told in batches. */
export const appending = (
  stores: Stores,
  runtime: Runtime,
  options: Partial<AppenderOptions> = {},
) => {
  const appender = new Appender({ ...stores, runtime, ...options });
  return {
    appender,
    append: async (ref: PartitionRef, batch: Uint8Array): Promise<RunOutcome> => {
      const bytes = new Uint8Array(batch);
      const [outcome] = await appender.append(ref, splitIntoRuns(bytes, validateBatches(bytes)));
      return outcome!;
    },
  };
};

export interface ReadBack {
  readonly offset: number;
  readonly value: string;
}

/** All records of a partition from `from` on, each fetch of at most `maxBytes`. */
export const readAll = async (
  stores: Stores,
  runtime: Runtime,
  ref: PartitionRef,
  { from = 0, maxBytes = 1 << 20 }: { readonly from?: number; readonly maxBytes?: number } = {},
): Promise<ReadBack[]> => {
  const fetcher = createFetcher({ ...stores, runtime });
  const records: ReadBack[] = [];
  for (let offset = from; ; ) {
    const [fetched] = await fetcher.fetch([{ ref, offset }], { maxBytes });
    if ('error' in fetched!) throw fetched.error;
    if (fetched!.batches.length === 0) return records;
    for (const batch of fetched!.batches) {
      for (const record of decodeBatch(batch).records) {
        if (record.offset < offset) continue;
        records.push({ offset: record.offset, value: Buffer.from(record.value!).toString() });
      }
    }
    offset = records.at(-1)!.offset + 1;
  }
};
