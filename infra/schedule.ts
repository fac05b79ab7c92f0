/**
 * Calls `maintain` every minute. A call that fails, or comes too late, is dropped: the next one does its work.
 */
import { Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import type { Construct } from 'constructs';

const INTERVAL = Duration.minutes(1);

/** Makes the schedule, whose role may call this function and nothing else. */
export const createSchedule = (scope: Construct, maintain: IFunction): Schedule => {
  maintain.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: INTERVAL });
  return new Schedule(scope, 'Schedule', {
    description: 'Stratalog: has what is due looked for.',
    schedule: ScheduleExpression.rate(INTERVAL),
    target: new LambdaInvoke(maintain, { retryAttempts: 0, maxEventAge: INTERVAL }),
  });
};
