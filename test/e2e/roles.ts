/** The roles of the functions, tried by somebody else: who they are, what they ask, and whether IAM lets it pass. */
import {
  BatchGetItemCommand,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { GetRoleCommand, IAMClient, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { idOf, type LogFunction } from '../../infra/names.ts';
import type { ItemVerb } from '../../infra/permissions.ts';
import type { Credentials } from '../../lib/client/aws/index.ts';
import { deployed } from './deployed.ts';
import { assume } from './shop.ts';

const { outputs } = await deployed();
const TableName = outputs.LogTableName;
/** A partition key of each kind. */
export const KEYS = [
  'TOPICS',
  'DELETED',
  'COUNTERS',
  'CLUSTER',
  'P#probe',
  'GROUP#probe',
  'OTHERS',
];
/** Writes carry a condition that never holds: to be refused for it is to be allowed. */
const NEVER = { ConditionExpression: 'attribute_exists(nobodyWritesThis)' };
const keyOf = (pk: string) => ({ pk: { S: pk }, sk: { S: 'PROBE' } });

/** Asks for an item of this partition key. */
export const ask = (dynamo: DynamoDBClient, verb: ItemVerb, pk: string): Promise<unknown> => {
  const Key = keyOf(pk);
  const calls: Readonly<Record<ItemVerb, () => Promise<unknown>>> = {
    get: () => dynamo.send(new GetItemCommand({ TableName, Key })),
    getMany: () =>
      dynamo.send(new BatchGetItemCommand({ RequestItems: { [TableName!]: { Keys: [Key] } } })),
    query: () =>
      dynamo.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: pk } },
          Limit: 1,
        }),
      ),
    put: () => dynamo.send(new PutItemCommand({ TableName, Item: Key, ...NEVER })),
    update: () =>
      dynamo.send(
        new UpdateItemCommand({ TableName, Key, UpdateExpression: 'REMOVE nothing', ...NEVER }),
      ),
    delete: () => dynamo.send(new DeleteItemCommand({ TableName, Key, ...NEVER })),
  };
  return calls[verb]();
};
export const VERBS: readonly ItemVerb[] = ['get', 'getMany', 'query', 'put', 'update', 'delete'];

/** Whether IAM let it pass, whatever became of it then. @throws what has nothing to do with that */
export const isAllowed = async (call: () => Promise<unknown>): Promise<boolean> => {
  try {
    await call();
    return true;
  } catch (error) {
    const { name } = error as Error;
    if (/^AccessDenied/.test(name)) return false;
    if (['ConditionalCheckFailedException', 'NoSuchKey', 'PreconditionFailed'].includes(name)) {
      return true;
    }
    throw error;
  }
};

/** Lets us be a function, which Lambda alone may be otherwise. */
export const become = async (name: LogFunction): Promise<Credentials> => {
  const FunctionName = outputs[`Log${idOf(name)}Function`] ?? outputs[`Log${idOf(name)}`];
  const { Role = '' } = await new LambdaClient({}).send(
    new GetFunctionConfigurationCommand({ FunctionName }),
  );
  const iam = new IAMClient({});
  const RoleName = Role.slice(Role.lastIndexOf('/') + 1);
  const { Role: role } = await iam.send(new GetRoleCommand({ RoleName }));
  const { Account = '' } = await new STSClient({}).send(new GetCallerIdentityCommand({}));
  const trust = JSON.parse(decodeURIComponent(role?.AssumeRolePolicyDocument ?? '{}'));
  const us = {
    Effect: 'Allow',
    Action: 'sts:AssumeRole',
    Principal: { AWS: `arn:aws:iam::${Account}:root` },
  };
  const PolicyDocument = JSON.stringify({ ...trust, Statement: [...trust.Statement, us] });
  await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }));
  return assume(Role);
};

/** Whether a key is one of those that `*` may stand at the end of. */
export const matches = (patterns: readonly string[], key: string): boolean =>
  patterns.some((pattern) =>
    pattern.endsWith('*') ? key.startsWith(pattern.slice(0, -1)) : pattern === key,
  );
