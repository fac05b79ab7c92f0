/**
 * What a person wants to be woken for, one alarm each: someone who writes to the log or reads it gets errors or
 * waits, or work that nobody asks for is not done. Throttling that passes within minutes is no alarm, as callers
 * retry it.
 *
 *   data            asked         woken when
 *   ratio, p99      1 or 5 min    3 periods in a row are bad
 *   counts          1 min         3 of 5 minutes have some
 *   Invocations     5 min         3 periods in a row have none; no data is as bad as none
 *
 * CloudWatch bills an alarm by its metrics, so each is made of one.
 */
import { Duration } from 'aws-cdk-lib';
import type { HttpStage } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  type IMetric,
  type Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { tableMetric } from './metrics.ts';
import { FUNCTION_NAMES, idOf, type LogFunction } from './names.ts';

/** What is watched. */
export interface Watched {
  readonly logName: string;
  readonly stage: HttpStage;
  readonly table: Table;
  readonly functions: Readonly<Record<LogFunction, IFunction>>;
  /** The longest that a fetch waits because there is nothing to read. */
  readonly maxFetchWait: Duration;
}

interface Definition {
  readonly id: string;
  /** After the log's name. */
  readonly name: string;
  readonly metric: IMetric;
  readonly threshold: number;
  readonly comparison?: ComparisonOperator;
  /** Of how many periods how many are bad. */
  readonly bad: readonly [datapointsToAlarm: number, evaluationPeriods: number];
  readonly missing?: TreatMissingData;
  /** What it means, and what to do. */
  readonly description: string;
}

const MINUTE = Duration.minutes(1);
const FIVE_MINUTES = Duration.minutes(5);

/** An append waits for one object at most, and for one update of an item: tens of milliseconds. */
const SLOW_APPEND_MS = 3_000;
const SLOW_FETCH_MS = 3_000;
const SERVER_ERROR_RATIO = 0.05;

const apiAlarms = ({ stage }: Watched): readonly Definition[] => [
  {
    id: 'ApiServerErrors',
    name: 'more than 5 % of the requests fail',
    // Each request counts as 0 or 1, so that the average is the ratio.
    metric: stage.metricServerError({ period: MINUTE, statistic: 'Average' }),
    threshold: SERVER_ERROR_RATIO,
    comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
    bad: [3, 3],
    description:
      'Callers get 5xx. See which function fails or is throttled by the other alarms of this log; then look for lines of level ERROR in its log group, which name the cause and what to do.',
  },
];

const latencyAlarms = ({ functions, maxFetchWait }: Watched): readonly Definition[] =>
  (
    [
      ['produce', SLOW_APPEND_MS, 'appends take'],
      ['fetch', SLOW_FETCH_MS + maxFetchWait.toMilliseconds(), 'reads take'],
    ] as const
  ).map(([name, threshold, what]) => ({
    id: `${idOf(name)}Latency`,
    name: `${what} more than ${threshold / 1000} s (p99)`,
    metric: functions[name].metricDuration({ period: FIVE_MINUTES, statistic: 'p99' }),
    threshold,
    comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
    bad: [3, 3],
    description: `One call of ${name} in a hundred is slow. If the table throttles, add partitions or batch more; if nothing throttles, give the function more memory (functions.${name}.memorySize), and look at its traces in X-Ray for the slow step.`,
  }));

const errorAlarms = ({ functions }: Watched): readonly Definition[] =>
  FUNCTION_NAMES.filter((name) => name !== 'topic-resource').map((name) => ({
    id: `${idOf(name)}Errors`,
    name: `${name} crashes or times out`,
    metric: functions[name].metricErrors({ period: FIVE_MINUTES }),
    threshold: 1,
    bad: [2, 3],
    description: `${name} did not answer at all: it ran out of time or memory, or could not start. What it refuses or fails at it answers, and is not counted here. Its log group has the reason; a function that runs out of memory wants functions.${name}.memorySize.`,
  }));

const throttleAlarms = ({ functions }: Watched): readonly Definition[] =>
  (['produce', 'fetch'] as const).map((name) => ({
    id: `${idOf(name)}Throttles`,
    name: `Lambda refuses calls of ${name}`,
    metric: functions[name].metricThrottles({ period: MINUTE }),
    threshold: 1,
    bad: [3, 5],
    description: `The account has no environment left for ${name}: callers retry and wait. Ask AWS to raise the quota "Concurrent executions" (a new account may have 10), or functions.${name}.reservedConcurrency if that is set; consumers that wait occupy one environment each (maxFetchWait).`,
  }));

const scheduleAlarms = ({ functions }: Watched): readonly Definition[] => [
  {
    id: 'MaintainSilent',
    name: 'maintenance does not run',
    metric: functions.maintain.metricInvocations({ period: FIVE_MINUTES }),
    threshold: 1,
    comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
    bad: [3, 3],
    missing: TreatMissingData.BREACHING,
    description:
      'maintain was not called for 15 minutes: nothing is cleaned up, though appends and reads go on. See whether its schedule is enabled, whether the role of the schedule may still call it, and whether Lambda throttles. A log that was just deployed fires this once, until the first minute has passed.',
  },
];

const tableAlarms = ({ table }: Watched): readonly Definition[] => {
  const of = (metricName: string, operation?: string): Metric =>
    tableMetric(table, metricName, operation, { period: MINUTE });
  return [
    {
      id: 'TableThrottlesWrites',
      name: 'the table throttles appends',
      // An append is an update. Counted by operation, because that holds what the index and one hot item cause, too.
      metric: of('ThrottledRequests', 'UpdateItem'),
      threshold: 1,
      bad: [3, 5],
      description:
        'Appends are refused with THROTTLING_QUOTA_EXCEEDED, and retried. One partition takes some 400 to 600 appends a second: batch more, or add partitions to the busiest topic. If maxOnDemandThroughput is set, it may be what refuses.',
    },
    {
      id: 'TableThrottlesReads',
      name: 'the table throttles reads',
      metric: of('ReadThrottleEvents'),
      threshold: 1,
      bad: [3, 5],
      description:
        'Reads are refused with THROTTLING_QUOTA_EXCEEDED, and retried. Many consumers of one partition read the same item: let them wait longer (maxFetchWait) or spread them over partitions. If maxOnDemandThroughput is set, it may be what refuses.',
    },
    {
      id: 'TableFails',
      name: 'the table fails',
      metric: of('SystemErrors', 'UpdateItem'),
      threshold: 1,
      bad: [3, 5],
      description:
        'DynamoDB answers appends with errors of its own. Callers retry, and nothing that was acknowledged is lost. See the AWS Health Dashboard.',
    },
  ];
};

/** Makes the alarms, and gives each its actions, for when it fires and for when it is over. */
export const createAlarms = (
  scope: Construct,
  watched: Watched,
  actions: readonly IAlarmAction[],
): readonly Alarm[] =>
  [apiAlarms, latencyAlarms, errorAlarms, throttleAlarms, scheduleAlarms, tableAlarms]
    .flatMap((alarms) => alarms(watched))
    .map(({ id, name, metric, threshold, comparison, bad, missing, description }) => {
      const alarm = new Alarm(scope, id, {
        alarmName: `${watched.logName}: ${name}`,
        alarmDescription: description,
        metric,
        threshold,
        comparisonOperator: comparison ?? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        datapointsToAlarm: bad[0],
        evaluationPeriods: bad[1],
        treatMissingData: missing ?? TreatMissingData.NOT_BREACHING,
      });
      if (actions.length > 0) {
        alarm.addAlarmAction(...actions);
        alarm.addOkAction(...actions);
      }
      return alarm;
    });
