/**
 * What a template costs in a month in which nobody calls it: list prices of us-east-1, free tiers left out.
 *
 * Things that are paid for by use (requests, bytes, log lines, traces of requests, versions of objects) cost nothing
 * then. What uses something by itself is the schedule.
 */
import type { Synthesized } from './synth.ts';

const PRICES = {
  /** Of one metric of an alarm, of standard resolution. */
  alarmMetric: 0.1,
  dashboard: 3,
  key: 1,
  lambdaCall: 0.2e-6,
  lambdaGbSecond: 0.0000133,
  schedulerCall: 1e-6,
  trace: 5e-6,
} as const;

const MINUTES_A_MONTH = 60 * 730;
/** More than a call takes that finds nothing to do. */
const IDLE_CALL_SECONDS = 0.1;

export interface Bill {
  readonly alarms: number;
  readonly dashboards: number;
  readonly keys: number;
  readonly schedule: number;
  readonly total: number;
}

/** Adds it up, in dollars. @throws for a kind of resource of which it is not known what it costs */
export const idleBillOf = ({ template, propertiesOf, of }: Synthesized): Bill => {
  const types = Object.values(template.toJSON().Resources as Record<string, { Type: string }>);
  const unknown = types.find(({ Type }) => !KNOWN.has(Type));
  if (unknown !== undefined) throw new Error(`what does ${unknown.Type} cost at rest?`);

  const alarmMetrics = propertiesOf('AWS::CloudWatch::Alarm').flatMap(
    ({ Metrics = [{ MetricStat: {} }] }) =>
      Metrics.filter(({ MetricStat }: { MetricStat?: unknown }) => MetricStat !== undefined),
  ).length;
  const calls = propertiesOf('AWS::Scheduler::Schedule').reduce((sum, { ScheduleExpression }) => {
    if (ScheduleExpression !== 'rate(1 minute)') throw new Error('another schedule');
    return sum + MINUTES_A_MONTH;
  }, 0);
  const maintain = Object.entries(of('AWS::Lambda::Function')).find(([id]) =>
    id.startsWith('LogMaintain'),
  )![1].Properties;
  const perCall =
    PRICES.schedulerCall +
    PRICES.lambdaCall +
    IDLE_CALL_SECONDS * (maintain.MemorySize / 1024) * PRICES.lambdaGbSecond +
    (maintain.TracingConfig.Mode === 'Active' ? PRICES.trace : 0);
  const parts = {
    alarms: alarmMetrics * PRICES.alarmMetric,
    dashboards: propertiesOf('AWS::CloudWatch::Dashboard').length * PRICES.dashboard,
    keys: propertiesOf('AWS::KMS::Key').length * PRICES.key,
    schedule: calls * perCall,
  };
  return { ...parts, total: Object.values(parts).reduce((sum, part) => sum + part) };
};

/** What costs something at rest and is counted above, and what costs nothing. */
const KNOWN: ReadonlySet<string> = new Set([
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::KMS::Key',
  'AWS::Scheduler::Schedule',
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  'AWS::DynamoDB::Table',
  'AWS::IAM::Role',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::Function',
  'AWS::Lambda::Permission',
  'AWS::Logs::LogGroup',
  'AWS::S3::Bucket',
  'AWS::S3::BucketPolicy',
]);
