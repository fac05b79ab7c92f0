/**
 * Both contract suites, and then a log, on whatever speaks AWS. Each has a table and a bucket of its own.
 */
import { DeleteTableCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createBroker } from '../../lib/broker/broker.ts';
import { topicName } from '../../lib/model/ids.ts';
import { decodeBatch } from '../../lib/record/decode.ts';
import type { ClientOptions } from '../../lib/storage/aws/clients.ts';
import { type AwsStores, openAws } from '../../lib/storage/aws/open.ts';
import { describeBlobStore } from '../contract/blob-store.ts';
import type { Cannot } from '../contract/engine.ts';
import { describeItemStore } from '../contract/item-store.ts';
import { newDynamoTable } from '../engines/dynamo-table.ts';
import { newS3Bucket } from '../engines/s3-bucket.ts';
import { batchOf } from '../support/log.ts';

/** Engines are installed on their first start. */
const START_MS = 600_000;

/** What was started, and how to reach it. */
export interface Aws {
  readonly options: ClientOptions;
  readonly close?: () => Promise<void>;
}

interface Suites {
  /** Default: both. */
  readonly services?: readonly ('dynamodb' | 's3')[];
  readonly cannot?: { readonly items?: readonly Cannot[]; readonly blobs?: readonly Cannot[] };
}

export const describeAws = (
  name: string,
  start: () => Promise<Aws>,
  { services = ['dynamodb', 's3'], cannot = {} }: Suites = {},
): void => {
  let aws: Aws | undefined;
  const options = (): ClientOptions => aws?.options ?? {};
  beforeAll(async () => {
    aws = await start();
  }, START_MS);
  afterAll(() => aws?.close?.());

  if (services.includes('dynamodb')) {
    describeItemStore(name, async () => {
      const { items, close } = await newTable(options());
      return { store: items, close, cannot: cannot.items ?? [] };
    });
  }
  if (services.includes('s3')) {
    describeBlobStore(name, async () => {
      const { blobs, close } = await newS3Bucket(options());
      return { store: blobs, close, cannot: cannot.blobs ?? [] };
    });
  }
  if (services.length === 2) {
    it(`keeps a log on ${name}`, async () => {
      const { table, close: closeTable } = await newTable(options());
      const { bucket, close: closeBucket } = await newS3Bucket(options());
      const stores = openAws({ ...options(), table, bucket });
      await keepLog(stores);
      stores.close();
      await Promise.all([closeTable(), closeBucket()]);
    });
  }
};

/** A table that is deleted afterwards: not every endpoint ends with the tests. */
const newTable = async (options: ClientOptions) => {
  const { client, table, items } = await newDynamoTable(options);
  const close = async (): Promise<void> => {
    await client.send(new DeleteTableCommand({ TableName: table }));
    client.destroy();
  };
  return { table, items, close };
};

/** Writes records that stay in the head and records that go to an object, and reads both elsewhere. */
const keepLog = async ({ items, blobs }: AwsStores): Promise<void> => {
  const topic = topicName('orders');
  const writer = createBroker({ items, blobs });
  await writer.createTopic({ name: topic, partitions: 2 });
  const values = ['small', `large ${'x'.repeat(5_000)}`, 'last'];
  for (const [at, value] of values.entries()) {
    const partitions = [0, 1].map((partition) => ({ partition, batches: batchOf([value]) }));
    const results = await writer.produce({ topic, partitions });
    expect(results.map(({ baseOffsets }) => baseOffsets)).toEqual([[at], [at]]);
  }
  // Both partitions' share of the second request is one object.
  expect(await blobs.list('wal/')).toHaveLength(1);
  await writer.close();

  const reader = createBroker({ items, blobs });
  const partitions = [0, 1].map((partition) => ({ topic, partition, offset: 0 }));
  for (const { batches, highWatermark, error } of await reader.fetch({ partitions })) {
    expect(error).toBeUndefined();
    expect(highWatermark).toBe(values.length);
    const records = batches.flatMap((batch) => decodeBatch(batch).records);
    expect(records.map(({ value }) => Buffer.from(value!).toString())).toEqual(values);
  }
  await reader.deleteTopic(topic);
  await expect(reader.describeTopic(topic)).rejects.toMatchObject({
    code: 'UNKNOWN_TOPIC_OR_PARTITION',
  });
  await reader.close();
};
