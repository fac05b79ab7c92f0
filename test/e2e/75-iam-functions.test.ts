/**
 * What the role of each function may do to the stores, tried with the role's own credentials, beside the table in
 * `infra/permissions.ts`. Emulators do not look at conditions: 76 is about those, in AWS.
 */
import { DeleteTableCommand, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { FUNCTION_NAMES } from '../../infra/names.ts';
import { PERMISSIONS } from '../../infra/permissions.ts';
import { deployed } from './deployed.ts';
import { ask, become, isAllowed, KEYS, matches, VERBS } from './roles.ts';

const { outputs } = await deployed();
const TableName = outputs.LogTableName;
const Bucket = outputs.LogBucketName;

const WAL_KEY = 'wal/00/probe-of-the-permissions';
const OTHER_KEY = 'segments/probe-of-the-permissions';

it.each(FUNCTION_NAMES)('%s may do to items what the table says', async (name) => {
  const dynamo = new DynamoDBClient({ credentials: await become(name) });
  const { items } = PERMISSIONS[name];
  for (const verb of VERBS) {
    const keys = items[verb];
    // What the table allows to be done to some keys is tried on those; anything else on all that there are.
    const tried = keys === undefined ? KEYS : KEYS.filter((pk) => matches(keys, pk));
    for (const pk of tried) {
      const allowed = await isAllowed(() => ask(dynamo, verb, pk));
      expect([verb, pk, allowed]).toEqual([verb, pk, keys !== undefined]);
    }
  }
  expect(await isAllowed(() => dynamo.send(new ScanCommand({ TableName, Limit: 1 })))).toBe(false);
  expect(await isAllowed(() => dynamo.send(new DeleteTableCommand({ TableName })))).toBe(false);
});

it.each(FUNCTION_NAMES)('%s may do to objects what the table says', async (name) => {
  const s3 = new S3Client({ credentials: await become(name) });
  const { blobs } = PERMISSIONS[name];
  const put = (Key: string) => () =>
    s3.send(new PutObjectCommand({ Bucket, Key, Body: 'probe', IfNoneMatch: '*' }));
  const get = (Key: string) => () => s3.send(new GetObjectCommand({ Bucket, Key }));
  const remove = (Key: string) => () => s3.send(new DeleteObjectCommand({ Bucket, Key }));
  const list = () => s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 1 }));
  const told = {
    putWal: await isAllowed(put(WAL_KEY)),
    putOther: await isAllowed(put(OTHER_KEY)),
    getWal: await isAllowed(get(WAL_KEY)),
    getOther: await isAllowed(get(OTHER_KEY)),
    delete: await isAllowed(remove(WAL_KEY)),
    list: await isAllowed(list),
  };
  expect(told).toEqual({
    putWal: matches(blobs.put ?? [], WAL_KEY),
    putOther: matches(blobs.put ?? [], OTHER_KEY),
    getWal: matches(blobs.get ?? [], WAL_KEY),
    getOther: matches(blobs.get ?? [], OTHER_KEY),
    delete: false,
    list: blobs.get !== undefined,
  });
});
