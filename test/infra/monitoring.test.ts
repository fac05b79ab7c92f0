/** What watches a log, and what that costs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NestedStack, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, it } from 'vitest';
import { Stratalog } from '../../infra/stratalog.ts';
import { METRICS, METRICS_NAMESPACE } from '../../lib/model/metrics.ts';
import { idleBillOf } from './idle-cost.ts';
import { newApp, type Resource, type Synthesized, synthesize } from './synth.ts';

type Properties = Resource['Properties'];

const log = synthesize();
const none = synthesize({ monitoring: 'none' });
const full = synthesize((stack) => ({
  monitoring: 'full',
  metricTopics: ['orders'],
  alarmActions: [new SnsAction(new Topic(stack, 'Pager'))],
}));

/** Alarms by what they are called after the log's name. */
const alarmsOf = ({ propertiesOf }: Synthesized): Readonly<Record<string, Properties>> =>
  Object.fromEntries(
    propertiesOf('AWS::CloudWatch::Alarm').map((alarm) => {
      const [logName, name] = alarm.AlarmName.split(': ');
      expect(logName).toBe('Stratalog-Log');
      return [name, alarm];
    }),
  );

const SIGNS: Readonly<Record<string, string>> = {
  GreaterThanOrEqualToThreshold: '≥',
  GreaterThanThreshold: '>',
  LessThanThreshold: '<',
};

/** `FunctionName Produce`; a value that is a text says by itself what it is. */
const dimension = ({ Name, Value }: Properties): string =>
  typeof Value === 'string' ? Value : `${Name} ${Value.Ref.replace(/^Log(.*)[0-9A-F]{8}$/, '$1')}`;

/** `Lambda Errors (FunctionName Produce) Sum in 300 s ≥ 1, 2 of 3, missing notBreaching`. */
const summaryOf = (alarm: Properties): string =>
  [
    alarm.Namespace.replace('AWS/', ''),
    alarm.MetricName,
    `(${alarm.Dimensions.map(dimension).join(', ')})`,
    alarm.Statistic ?? alarm.ExtendedStatistic,
    `in ${alarm.Period} s`,
    SIGNS[alarm.ComparisonOperator],
    `${alarm.Threshold}, ${alarm.DatapointsToAlarm} of ${alarm.EvaluationPeriods},`,
    `missing ${alarm.TreatMissingData}`,
  ].join(' ');

describe('alarms', () => {
  const alarms = alarmsOf(log);

  it('are these', () => {
    const summaries = Object.entries(alarms).map(([name, alarm]) => `${name}: ${summaryOf(alarm)}`);
    expect(summaries.join('\n')).toMatchInlineSnapshot(`
      "more than 5 % of the requests fail: ApiGateway 5xx (ApiId Api, $default) Average in 60 s > 0.05, 3 of 3, missing notBreaching
      appends take more than 3 s (p99): Lambda Duration (FunctionName Produce) p99 in 300 s > 3000, 3 of 3, missing notBreaching
      reads take more than 4 s (p99): Lambda Duration (FunctionName Fetch) p99 in 300 s > 4000, 3 of 3, missing notBreaching
      topics crashes or times out: Lambda Errors (FunctionName Topics) Sum in 300 s ≥ 1, 2 of 3, missing notBreaching
      produce crashes or times out: Lambda Errors (FunctionName Produce) Sum in 300 s ≥ 1, 2 of 3, missing notBreaching
      fetch crashes or times out: Lambda Errors (FunctionName Fetch) Sum in 300 s ≥ 1, 2 of 3, missing notBreaching
      commit crashes or times out: Lambda Errors (FunctionName Commit) Sum in 300 s ≥ 1, 2 of 3, missing notBreaching
      maintain crashes or times out: Lambda Errors (FunctionName Maintain) Sum in 300 s ≥ 1, 2 of 3, missing notBreaching
      Lambda refuses calls of produce: Lambda Throttles (FunctionName Produce) Sum in 60 s ≥ 1, 3 of 5, missing notBreaching
      Lambda refuses calls of fetch: Lambda Throttles (FunctionName Fetch) Sum in 60 s ≥ 1, 3 of 5, missing notBreaching
      maintenance does not run: Lambda Invocations (FunctionName Maintain) Sum in 300 s < 1, 3 of 3, missing breaching
      the table throttles appends: DynamoDB ThrottledRequests (UpdateItem, TableName Table) Sum in 60 s ≥ 1, 3 of 5, missing notBreaching
      the table throttles reads: DynamoDB ReadThrottleEvents (TableName Table) Sum in 60 s ≥ 1, 3 of 5, missing notBreaching
      the table fails: DynamoDB SystemErrors (UpdateItem, TableName Table) Sum in 60 s ≥ 1, 3 of 5, missing notBreaching"
    `);
  });

  it('say in a sentence or more what it means and what to do', () => {
    for (const [name, { AlarmDescription }] of Object.entries(alarms)) {
      expect(AlarmDescription.length, name).toBeGreaterThan(100);
      expect(AlarmDescription.length, name).toBeLessThan(1_024);
      expect(AlarmDescription, name).toMatch(/[.]$/);
    }
  });

  it('do nothing by themselves, and what they are told when they fire and when it is over', () => {
    for (const alarm of Object.values(alarms)) {
      expect(alarm).not.toHaveProperty('AlarmActions');
    }
    for (const { AlarmActions, OKActions } of Object.values(alarmsOf(full))) {
      expect(AlarmActions).toEqual([{ Ref: expect.stringMatching(/^Pager/) }]);
      expect(OKActions).toEqual(AlarmActions);
    }
  });

  it('are none when none are wanted', () => {
    expect(alarmsOf(none)).toEqual({});
  });
});

describe('the dashboard', () => {
  it('is there when it is wanted', () => {
    expect(log.propertiesOf('AWS::CloudWatch::Dashboard')).toEqual([]);
    expect(none.propertiesOf('AWS::CloudWatch::Dashboard')).toEqual([]);
    const { DashboardName } = full.only('AWS::CloudWatch::Dashboard').Properties;
    expect(DashboardName).toBe('Stratalog-Log');
  });

  it('can be of a log in a nested stack', () => {
    const parent = new Stack(newApp(), 'Parent');
    const nested = new NestedStack(parent, 'Nested');
    new Stratalog(nested, 'Log', { monitoring: 'full' });
    const [dashboard] = Object.values(
      Template.fromStack(nested).findResources('AWS::CloudWatch::Dashboard'),
    );
    expect(dashboard!.Properties).not.toHaveProperty('DashboardName');
  });

  it('draws every metric that the functions write, and the topics named', () => {
    const { DashboardBody } = full.only('AWS::CloudWatch::Dashboard').Properties;
    const body = DashboardBody['Fn::Join'][1]
      .map((part: unknown) => (typeof part === 'string' ? part : 'X'))
      .join('');
    const drawn = (JSON.parse(body).widgets as { properties: { metrics?: unknown[][] } }[]).flatMap(
      ({ properties }) => properties.metrics ?? [],
    );
    const own = drawn.filter(([namespace]) => namespace === METRICS_NAMESPACE);
    expect(new Set(own.map(([, name]) => name))).toEqual(new Set(Object.keys(METRICS)));
    for (const [, , ...dimensions] of own) {
      expect(dimensions.slice(0, 4)).toEqual(
        expect.arrayContaining([
          'Log',
          'Stratalog-Log',
          expect.stringMatching(/^(Function|Topic)$/),
        ]),
      );
    }
    expect(own.filter((metric) => metric.includes('orders'))).toHaveLength(3);
  });
});

describe('a log at rest', () => {
  const bill = idleBillOf(log);

  it('costs at most $1.50 a month, nearly all of it alarms', () => {
    expect(bill.total).toBeLessThanOrEqual(1.5);
    expect(bill.alarms).toBeCloseTo(1.4);
    expect(bill.total - bill.alarms).toBeLessThan(0.1);
  });

  it('costs what the documents say', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/deploy.md'), 'utf8');
    const dollars = (amount: number): string => `$${amount.toFixed(2)}`;
    const of = (monitoring: 'none' | 'alarms' | 'full'): string =>
      dollars(idleBillOf(synthesize({ monitoring })).total);
    expect(page).toContain(`| \`none\` | ${of('none')} |`);
    expect(page).toContain(`| \`alarms\` | ${of('alarms')} |`);
    expect(page).toContain(`| \`full\` | ${of('full')} |`);
  });
});
