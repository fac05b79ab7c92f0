/** The removal: by default it leaves the data, and when it is told to destroy, nothing. */
import { GetBucketTaggingCommand, PutBucketTaggingCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { cdk } from './cdk.ts';
import { deployed } from './deployed.ts';
import { followRemoval } from './readme.ts';
import { type Resources, removeLeft, resourcesOf, thoseLeft } from './remains.ts';
import { currentStage } from './stage.ts';

const { stack } = currentStage();

/** MiniStack leaves out the tags that CloudFormation puts on buckets, and CDK's handler empties no bucket without its own. */
const tagged = async (Bucket: string): Promise<void> => {
  const s3 = new S3Client({});
  const TagSet = [{ Key: 'aws-cdk:auto-delete-objects', Value: 'true' }];
  await s3.send(new GetBucketTaggingCommand({ Bucket })).catch(async (error: Error) => {
    if (error.name !== 'NoSuchTagSet' || currentStage().isAws) throw error;
    await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }));
  });
};

it('as the README says it keeps the table, the bucket and the log lines', {
  timeout: 600_000,
}, async () => {
  const made = await resourcesOf(stack);
  const typesOf = (resources: Resources) => [...new Set(resources.map(({ type }) => type))].sort();
  expect(typesOf(made)).toEqual([
    'AWS::DynamoDB::Table',
    'AWS::IAM::Role',
    'AWS::Lambda::Function',
    'AWS::Logs::LogGroup',
    'AWS::S3::Bucket',
  ]);
  await followRemoval(stack);
  const left = await thoseLeft(made);
  // Nobody pays for it longer than it takes to look.
  await removeLeft(left);
  expect(typesOf(left)).toEqual(['AWS::DynamoDB::Table', 'AWS::Logs::LogGroup', 'AWS::S3::Bucket']);
});

it('told to destroy it leaves nothing, full as it is', { timeout: 900_000 }, async () => {
  // What there is to build was built by the first deployment.
  const options = ['--build', 'true', '-c', `stackName=${stack}`, '-c', 'removalPolicy=destroy'];
  await cdk('deploy', ...options);
  const { as, newTopic, outputs } = await deployed();
  const topic = await newTopic();
  await using producer = as().producer();
  // Too much for an item: the bucket has an object.
  const value = systemRuntime.randomBytes(20_000);
  await producer.send({ topic, messages: [{ value }] });
  const made = await resourcesOf(stack);
  expect(await thoseLeft(made)).toEqual(made);
  await tagged(outputs.LogBucketName ?? '');
  await cdk('destroy', '--force', ...options);
  expect(await thoseLeft(made)).toEqual([]);
});
