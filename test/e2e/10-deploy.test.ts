/** The deployment, as the README tells it. */
import { expect, it } from 'vitest';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { outputsOf } from './deployed.ts';
import { followDeployment } from './readme.ts';
import { currentStage } from './stage.ts';

const { stack } = currentStage();

it('is what the README says', { timeout: 900_000 }, async ({ task }) => {
  const startedMs = systemRuntime.monotonicMs();
  await followDeployment(stack);
  const deploySeconds = (systemRuntime.monotonicMs() - startedMs) / 1_000;
  Object.assign(task.meta, { figures: { deploySeconds } });
});

it('tells where everything is', async () => {
  const outputs = await outputsOf(stack);
  expect(Object.keys(outputs).sort()).toEqual([
    'LogApiEndpoint',
    'LogApiId',
    'LogBucketName',
    'LogCommitFunction',
    'LogFetchFunction',
    'LogMaintainFunction',
    'LogProduceFunction',
    'LogTableName',
    'LogTopicResource',
    'LogTopicsFunction',
  ]);
});
