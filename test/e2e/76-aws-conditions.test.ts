/**
 * Conditions of policies, which only AWS itself looks at: which items the functions may touch, and that no
 * object is written twice.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { FUNCTION_NAMES } from '../../infra/names.ts';
import { PERMISSIONS } from '../../infra/permissions.ts';
import { deployed } from './deployed.ts';
import { ask, become, isAllowed, KEYS, matches, VERBS } from './roles.ts';

const { outputs } = await deployed();

it.each(FUNCTION_NAMES)(
  '%s may touch the items that the table names, and no others',
  async (name) => {
    const dynamo = new DynamoDBClient({ credentials: await become(name) });
    const { items } = PERMISSIONS[name];
    for (const verb of VERBS) {
      for (const pk of KEYS) {
        const allowed = await isAllowed(() => ask(dynamo, verb, pk));
        expect([verb, pk, allowed]).toEqual([verb, pk, matches(items[verb] ?? [], pk)]);
      }
    }
  },
);

it('nobody at all may replace an object', async () => {
  const s3 = new S3Client({});
  const Key = 'wal/00/probe-of-the-conditions';
  const at = { Bucket: outputs.LogBucketName, Key, Body: 'probe' };
  await s3.send(new PutObjectCommand({ ...at, IfNoneMatch: '*' }));
  expect(await isAllowed(() => s3.send(new PutObjectCommand(at)))).toBe(false);
});
