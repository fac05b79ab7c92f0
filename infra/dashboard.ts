/** The log on one page: `monitoring: 'full'`. */
import { Duration, Token } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { FunctionName } from '../lib/http/routes.ts';
import type { MetricName } from '../lib/model/metrics.ts';
import type { Watched } from './alarms.ts';
import { functionMetric, tableMetric, topicMetric } from './metrics.ts';
import { HTTP_FUNCTIONS } from './names.ts';

const PERIOD = Duration.minutes(1);
/** Columns of a page. */
const PAGE_WIDTH = 24;

const graph = (title: string, left: readonly IMetric[], right: readonly IMetric[] = []): IWidget =>
  new GraphWidget({
    title,
    width: PAGE_WIDTH / 3,
    left: [...left],
    leftYAxis: { min: 0 },
    ...(right.length > 0 && { right: [...right], rightYAxis: { min: 0 } }),
  });

/** Draws traffic, what callers feel, what the functions do, and what the table does. */
export const createDashboard = (
  scope: Construct,
  watched: Watched,
  alarms: readonly Alarm[],
  metricTopics: readonly string[],
): Dashboard => {
  const { logName, stage, functions, table } = watched;
  const ofFunction = (name: MetricName, by: FunctionName): IMetric =>
    functionMetric(logName, name, by, { period: PERIOD });
  const ofTopic = (name: MetricName, topic: string): IMetric =>
    topicMetric(logName, topic, name, { period: PERIOD });
  const ofTable = (metricName: string, label: string, operation?: string): IMetric =>
    tableMetric(table, metricName, operation, { period: PERIOD, label });
  const byFunction = (draw: (name: (typeof HTTP_FUNCTIONS)[number]) => IMetric): IMetric[] =>
    HTTP_FUNCTIONS.map(draw);

  const dashboard = new Dashboard(scope, 'Dashboard', {
    // Of a nested stack it is not known yet, and CloudFormation makes a name.
    ...(!Token.isUnresolved(logName) && {
      dashboardName: logName.replaceAll(/[^A-Za-z0-9_-]/g, '-'),
    }),
    defaultInterval: Duration.hours(3),
  });
  dashboard.addWidgets(
    new AlarmStatusWidget({ title: logName, alarms: [...alarms], width: PAGE_WIDTH }),
  );
  dashboard.addWidgets(
    graph('Records', [ofFunction('MessagesIn', 'produce')]),
    graph('Bytes', [ofFunction('BytesIn', 'produce'), ofFunction('BytesOut', 'fetch')]),
    graph('Refused or failed', [
      ofFunction('FailedProduceRequests', 'produce'),
      ofFunction('FailedFetchRequests', 'fetch'),
      ofFunction('ThrottledRequests', 'produce'),
      ofFunction('ThrottledRequests', 'fetch'),
    ]),
  );
  dashboard.addWidgets(
    graph('Requests', [
      stage.metricCount({ period: PERIOD, label: 'all' }),
      stage.metricClientError({ period: PERIOD, label: '4xx' }),
      stage.metricServerError({ period: PERIOD, label: '5xx' }),
    ]),
    graph(
      'Time of an append, of a fetch (ms)',
      (['produce', 'fetch'] as const).flatMap((name) =>
        ['p50', 'p99'].map((statistic) =>
          functions[name].metricDuration({
            period: PERIOD,
            statistic,
            label: `${name} ${statistic}`,
          }),
        ),
      ),
    ),
    graph(
      'Environments at once; calls that Lambda refused',
      byFunction((name) =>
        functions[name].metric('ConcurrentExecutions', {
          period: PERIOD,
          statistic: 'Maximum',
          label: name,
        }),
      ),
      byFunction((name) =>
        functions[name].metricThrottles({ period: PERIOD, label: `${name} refused` }),
      ),
    ),
  );
  dashboard.addWidgets(
    graph('Units of the table', [
      ofTable('ConsumedWriteCapacityUnits', 'write units'),
      ofTable('ConsumedReadCapacityUnits', 'read units'),
    ]),
    graph('What the table refused', [
      ofTable('ThrottledRequests', 'appends throttled', 'UpdateItem'),
      ofTable('ReadThrottleEvents', 'reads throttled'),
      ofTable('ConditionalCheckFailedRequests', 'conditions that did not hold'),
    ]),
    graph('Offsets committed', [ofFunction('OffsetsCommitted', 'commit')]),
  );
  for (const topic of metricTopics) {
    dashboard.addWidgets(
      graph(`${topic}: records`, [ofTopic('MessagesIn', topic)]),
      graph(`${topic}: bytes`, [ofTopic('BytesIn', topic), ofTopic('BytesOut', topic)]),
    );
  }
  return dashboard;
};
