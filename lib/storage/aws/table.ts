/**
 * The table, as data: CDK's construct makes one of this shape, and so does whoever needs one elsewhere.
 *
 *   pk, sk            every item; capacity on demand
 *   expiresAt         seconds since the epoch at which DynamoDB may delete the item
 *   index `due`       duty, dueAt: the keys of the items that carry both, in order of time
 *
 * The index has keys only. Every head is in it, all under one duty: with more in it each append would be written
 * (and billed) twice, and all appends of a log would meet in one partition of the index, which takes 1,000 units
 * a second and holds up the table when it is full. As it is, it is written when a duty or its time changes.
 */
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';

export const KEY = { partition: 'pk', sort: 'sk' } as const;
export const DUE_INDEX = { name: 'due', partition: 'duty', sort: 'dueAt' } as const;
/** The attribute that DynamoDB's time to live goes by. */
export const TTL_ATTRIBUTE = 'expiresAt';

/** What CreateTable takes beside the name. Time to live is another call of its API. */
export const TABLE = {
  AttributeDefinitions: [
    { AttributeName: KEY.partition, AttributeType: 'S' },
    { AttributeName: KEY.sort, AttributeType: 'S' },
    { AttributeName: DUE_INDEX.partition, AttributeType: 'S' },
    { AttributeName: DUE_INDEX.sort, AttributeType: 'N' },
  ],
  KeySchema: [
    { AttributeName: KEY.partition, KeyType: 'HASH' },
    { AttributeName: KEY.sort, KeyType: 'RANGE' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: DUE_INDEX.name,
      KeySchema: [
        { AttributeName: DUE_INDEX.partition, KeyType: 'HASH' },
        { AttributeName: DUE_INDEX.sort, KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ],
  BillingMode: 'PAY_PER_REQUEST',
} as const satisfies Omit<CreateTableCommandInput, 'TableName'>;
