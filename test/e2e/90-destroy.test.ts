/** The removal: by default it leaves the data, and when it is told to destroy, nothing. */
import { afterAll, expect, it } from 'vitest';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { cdk } from './cdk.ts';
import { deployed } from './deployed.ts';
import { followRemoval } from './readme.ts';
import { type Resources, removeLeft, resourcesOf, thoseLeft } from './remains.ts';
import { currentStage } from './stage.ts';

const { stack } = currentStage();

/** What the stack left, for whoever pays for it. */
const kept: Resources[] = [];
afterAll(async () => {
  for (const resources of kept) await removeLeft(resources);
});

it('as the README says it keeps the table and the bucket', { timeout: 600_000 }, async () => {
  const made = await resourcesOf(stack);
  const typesOf = (resources: Resources) => new Set(resources.map(({ type }) => type));
  expect(typesOf(made).size).toBe(4);
  await followRemoval(stack);
  const left = await thoseLeft(made);
  kept.push(left);
  expect(left.map(({ type }) => type).toSorted()).toEqual([
    'AWS::DynamoDB::Table',
    'AWS::S3::Bucket',
  ]);
});

it('told to destroy it leaves nothing, full as it is', { timeout: 900_000 }, async () => {
  const options = ['-c', `stackName=${stack}`, '-c', 'removalPolicy=destroy'];
  await cdk('deploy', ...options);
  const { as, newTopic } = await deployed();
  const topic = await newTopic();
  await using producer = as().producer();
  // Too much for an item: the bucket has an object.
  const value = systemRuntime.randomBytes(20_000);
  await producer.send({ topic, messages: [{ value }] });
  const made = await resourcesOf(stack);
  expect(await thoseLeft(made)).toEqual(made);
  await cdk('destroy', ...options);
  expect(await thoseLeft(made)).toEqual([]);
});
