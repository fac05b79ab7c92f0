/**
 * What the functions count (`lib/model/metrics.ts`), as CloudWatch metrics: of a whole log, and of one topic.
 *
 * Each is a sum over five minutes unless told otherwise. What counts failures has no value where none failed:
 * alarms on it treat missing data as good.
 */
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { FunctionName } from '../lib/http/routes.ts';
import { DIMENSIONS, METRICS, METRICS_NAMESPACE, type MetricName } from '../lib/model/metrics.ts';

const metricOf = (
  metricName: MetricName,
  dimensionsMap: Readonly<Record<string, string>>,
  options: MetricOptions | undefined,
): Metric =>
  new Metric({
    namespace: METRICS_NAMESPACE,
    metricName,
    dimensionsMap,
    statistic: 'Sum',
    label: METRICS[metricName].description,
    ...options,
  });

/** What one function of a log counted. */
export const functionMetric = (
  logName: string,
  name: MetricName,
  by: FunctionName,
  options?: MetricOptions,
): Metric => metricOf(name, { [DIMENSIONS.log]: logName, [DIMENSIONS.function]: by }, options);

/** What was counted for one topic, by whatever function. It is there for the topics only that the log was told to count. */
export const topicMetric = (
  logName: string,
  topic: string,
  name: MetricName,
  options?: MetricOptions,
): Metric => metricOf(name, { [DIMENSIONS.log]: logName, [DIMENSIONS.topic]: topic }, options);

/** What DynamoDB counts of a table, as a sum: of one operation, or where none is named of what it counts as a whole. */
export const tableMetric = (
  { tableName }: Table,
  metricName: string,
  operation: string | undefined,
  options: MetricOptions,
): Metric =>
  new Metric({
    namespace: 'AWS/DynamoDB',
    metricName,
    dimensionsMap: {
      TableName: tableName,
      ...(operation !== undefined && { Operation: operation }),
    },
    statistic: 'Sum',
    ...options,
  });

/** The metrics of a whole log. */
export interface LogMetrics {
  /** Records appended. */
  metricMessagesIn(options?: MetricOptions): Metric;
  /** Bytes of the record batches appended. */
  metricBytesIn(options?: MetricOptions): Metric;
  /** Bytes of the record batches read. */
  metricBytesOut(options?: MetricOptions): Metric;
  /** Appends to a partition that failed, by whosever fault. */
  metricFailedProduceRequests(options?: MetricOptions): Metric;
  /** Reads of a partition that failed, by whosever fault. */
  metricFailedFetchRequests(options?: MetricOptions): Metric;
  /** Appends (`produce`) or reads (`fetch`) of a partition refused for now, because a limit of AWS is reached. */
  metricThrottledRequests(by: 'produce' | 'fetch', options?: MetricOptions): Metric;
  /** Offsets that consumer groups committed. */
  metricOffsetsCommitted(options?: MetricOptions): Metric;
}

/** The metrics of one topic, for the topics that the log's prop `metricTopics` names: of others nothing is counted. */
export interface TopicMetrics extends Omit<LogMetrics, 'metricThrottledRequests'> {
  /** Appends to and reads of a partition refused for now, because a limit of AWS is reached. */
  metricThrottledRequests(options?: MetricOptions): Metric;
}
