/**
 * Calls `maintain` every minute. A call that fails, or comes too late, is dropped: the next one does its work.
 */
import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import type { Construct } from 'constructs';

const INTERVAL = Duration.minutes(1);

/** May call this one function, and is taken by schedules of this account only. */
const createRole = (scope: Construct, maintain: IFunction): Role =>
  new Role(scope, 'ScheduleRole', {
    description: 'Stratalog: calls the function maintain, and does nothing else.',
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
    inlinePolicies: {
      maintain: new PolicyDocument({
        statements: [
          new PolicyStatement({
            actions: ['lambda:InvokeFunction'],
            resources: [maintain.functionArn],
          }),
        ],
      }),
    },
  });

/** Makes the schedule. */
export const createSchedule = (scope: Construct, maintain: IFunction): Schedule => {
  maintain.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: INTERVAL });
  return new Schedule(scope, 'Schedule', {
    description: 'Stratalog: has what is due looked for.',
    schedule: ScheduleExpression.rate(INTERVAL),
    target: new LambdaInvoke(maintain, {
      retryAttempts: 0,
      maxEventAge: INTERVAL,
      // CDK would add every version of the function.
      role: createRole(scope, maintain).withoutPolicyUpdates(),
    }),
  });
};
