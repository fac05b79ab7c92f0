/** What a stack has made, and whether it is still there when the stack is gone. */
import {
  CloudFormationClient,
  paginateListStackResources,
  type StackResourceSummary,
} from '@aws-sdk/client-cloudformation';
import {
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  DeleteBucketCommand,
  DeleteObjectsCommand,
  HeadBucketCommand,
  ListObjectVersionsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { deleteLogGroup, hasLogGroup } from './logs.ts';

const dynamo = new DynamoDBClient({});
const iam = new IAMClient({});
const lambda = new LambdaClient({});
const s3 = new S3Client({});

/** How to look for a resource; each rejects when it is not there. */
const LOOK: Readonly<Record<string, (id: string) => Promise<unknown>>> = {
  'AWS::DynamoDB::Table': (TableName) => dynamo.send(new DescribeTableCommand({ TableName })),
  'AWS::IAM::Role': (RoleName) => iam.send(new GetRoleCommand({ RoleName })),
  'AWS::Lambda::Function': (FunctionName) =>
    lambda.send(new GetFunctionConfigurationCommand({ FunctionName })),
  'AWS::Logs::LogGroup': async (name) => {
    if (!(await hasLogGroup(name))) throw Object.assign(new Error(name), { name: 'NotFound' });
  },
  'AWS::S3::Bucket': (Bucket) => s3.send(new HeadBucketCommand({ Bucket })),
};

export type Resources = readonly { readonly type: string; readonly id: string }[];

/** Of the types that can be looked for. */
export const resourcesOf = async (stack: string): Promise<Resources> => {
  const found: StackResourceSummary[] = [];
  const query = { StackName: stack };
  const cloudFormation = new CloudFormationClient({});
  for await (const page of paginateListStackResources({ client: cloudFormation }, query)) {
    found.push(...(page.StackResourceSummaries ?? []));
  }
  return found
    .map(({ ResourceType = '', PhysicalResourceId = '' }) => ({
      type: ResourceType,
      id: PhysicalResourceId,
    }))
    .filter(({ type }) => type in LOOK);
};

/** Those that are there. @throws when it cannot be told */
export const thoseLeft = async (resources: Resources): Promise<Resources> => {
  const left = await Promise.all(
    resources.map(async (resource) => {
      try {
        await LOOK[resource.type]?.(resource.id);
        return [resource];
      } catch (error) {
        const { name } = error as Error;
        if (
          /^(ResourceNotFoundException|NoSuchEntity|NoSuchEntityException|NotFound)$/.test(name)
        ) {
          return [];
        }
        throw error;
      }
    }),
  );
  return left.flat();
};

const removeTable = async (TableName: string): Promise<void> => {
  await dynamo.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
  await dynamo.send(new DeleteTableCommand({ TableName }));
};

const removeBucket = async (Bucket: string): Promise<void> => {
  for (;;) {
    // Whatever was listed is gone before it is listed again.
    const page = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    const versions = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
    if (versions.length === 0) break;
    const Objects = versions.map(({ Key, VersionId }) => ({ Key, VersionId }));
    await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  }
  await s3.send(new DeleteBucketCommand({ Bucket }));
};

/** Removes tables, buckets and lines of logs that a stack left behind, with all that is in them. */
export const removeLeft = async (resources: Resources): Promise<void> => {
  for (const { type, id } of resources) {
    if (type === 'AWS::DynamoDB::Table') await removeTable(id);
    if (type === 'AWS::Logs::LogGroup') await deleteLogGroup(id);
    if (type === 'AWS::S3::Bucket') await removeBucket(id);
  }
};
