/**
 * What `cdk synth` and `cdk deploy` run in a clone: one stack with one log.
 *
 * What one wants to choose without writing CDK is said on the command line: `-c monitoring=full`. Each setting is
 * the prop of that name, and checked as such; docs/deploy.md lists them.
 */
import { App, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { LogLevel, Monitoring, StratalogProps } from './props.ts';
import { Stratalog } from './stratalog.ts';

/** The alarms are sent to this address, once its owner has agreed. */
const emailTo = (stack: Stack, address: string): IAlarmAction => {
  const topic = new Topic(stack, 'AlarmEmail', { enforceSSL: true });
  topic.addSubscription(new EmailSubscription(address));
  const alarms = new ServicePrincipal('cloudwatch.amazonaws.com', {
    conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
  });
  topic.grantPublish(alarms);
  return new SnsAction(topic);
};

const app = new App();
const setting = (name: string): string | undefined => {
  const value: unknown = app.node.tryGetContext(name);
  return value === undefined ? undefined : String(value);
};
/** A number; what is none stays as it was typed, for the construct to refuse. */
const whole = (name: string): number | string | undefined => {
  const text = setting(name);
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : text;
};

const stack = new Stack(app, 'Stratalog', {
  stackName: setting('stackName') ?? 'Stratalog',
  description: 'Stratalog: a serverless, Kafka-shaped log.',
});

const alarmEmail = setting('alarmEmail');
const props = {
  // As typed: the construct tells what is legal.
  removalPolicy: setting('removalPolicy') as RemovalPolicy | undefined,
  monitoring: setting('monitoring') as Monitoring | undefined,
  logLevel: setting('logLevel') as LogLevel | undefined,
  metricTopics: setting('metricTopics')?.split(','),
  maxOnDemandThroughput: {
    readUnitsPerSecond: whole('maxReadUnits'),
    writeUnitsPerSecond: whole('maxWriteUnits'),
  },
  alarmActions: alarmEmail === undefined ? undefined : [emailTo(stack, alarmEmail)],
};
new Stratalog(stack, 'Log', props as unknown as StratalogProps);
