/** Verbs of the ports as the adapters speak them to AWS: IAM is asked for these actions, and for no other. */
import { Readable } from 'node:stream';
import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import {
  BLOB_ACTIONS,
  type BlobVerb,
  ITEM_ACTIONS,
  type ItemVerb,
} from '../../infra/permissions.ts';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { absent, set } from '../../lib/storage/algebra.ts';
import { dynamoItems } from '../../lib/storage/aws/dynamo-items.ts';
import { s3Blobs } from '../../lib/storage/aws/s3-blobs.ts';
import type { BlobStore, ItemStore } from '../../lib/storage/ports.ts';

type Answer = (command: string) => unknown;

/** A client that sends nothing and notes what it was to send. */
const noting = (service: string, answer: Answer) => {
  const actions: string[] = [];
  const client = {
    config: { region: async () => 'eu-central-1' },
    send: async (command: object) => {
      const name = command.constructor.name.replace(/Command$/, '');
      actions.push(`${service}:${name}`);
      return answer(name);
    },
  };
  return { actions, client };
};

const key = { pk: 'TOPICS', sk: 'orders' };
const item = { ...key, v: 1 };

const CALLS: Readonly<Record<ItemVerb, (items: ItemStore) => Promise<unknown>>> = {
  get: (items) => items.get(key),
  getMany: (items) => items.getMany([key]),
  query: (items) => items.query('TOPICS', 'a', 'b'),
  put: (items) => items.put(item, { free: absent('v') }),
  update: (items) => items.update(key, { if: { free: absent('v') }, change: [set('v', 1)] }),
  delete: (items) => items.delete(key, { free: absent('v') }),
};
const WRITES: readonly ItemVerb[] = ['put', 'update', 'delete'];

describe('an item', () => {
  const over = (answer: Answer) => {
    const { actions, client } = noting('dynamodb', answer);
    const options = {
      table: 't',
      runtime: systemRuntime,
      client: client as unknown as DynamoDBClient,
    };
    return { actions, items: dynamoItems(options) };
  };

  it.each(Object.keys(CALLS) as ItemVerb[])('is asked for by one action: %s', async (verb) => {
    const { actions, items } = over(() => ({
      Attributes: { pk: { S: 'TOPICS' }, sk: { S: 'orders' } },
    }));
    await CALLS[verb](items);
    expect(actions).toEqual([ITEM_ACTIONS[verb]]);
  });

  it.each(WRITES)(
    'is read by who was refused, if the refusal does not tell it: %s',
    async (verb) => {
      const { actions, items } = over((name) => {
        if (name === 'GetItem') return {};
        throw new ConditionalCheckFailedException({ message: 'refused', $metadata: {} });
      });
      await expect(CALLS[verb](items)).rejects.toThrow('a condition on TOPICS');
      expect(actions).toEqual([ITEM_ACTIONS[verb], ITEM_ACTIONS.get]);
    },
  );
});

const BLOB_CALLS: Readonly<Record<BlobVerb, (blobs: BlobStore) => Promise<unknown>>> = {
  get: (blobs) => blobs.get('wal/a/0c', { start: 0, end: 1 }),
  put: (blobs) => blobs.put('wal/a/0c', [new Uint8Array(1)]),
};

describe('an object', () => {
  it.each(Object.keys(BLOB_CALLS) as BlobVerb[])('is asked for by one action: %s', async (verb) => {
    const { actions, client } = noting('s3', () => ({
      Body: Readable.from([new Uint8Array(1)]),
      ContentRange: 'bytes 0-0/1',
    }));
    const options = { bucket: 'b', runtime: systemRuntime, client: client as unknown as S3Client };
    await BLOB_CALLS[verb](s3Blobs(options));
    expect(actions).toEqual([BLOB_ACTIONS[verb]]);
  });
});
