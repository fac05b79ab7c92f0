/**
 * What a log is to those who use it, whether it is made here or was deployed by another stack.
 */
import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct, type IConstruct } from 'constructs';
import { type AccessGrant, adminOpenings, grantAccess, grantRoutes } from './grants.ts';
import { functionMetric, type LogMetrics } from './metrics.ts';
import { HTTP_FUNCTIONS, type LogFunction } from './names.ts';

/** A log, made here (`new Stratalog`) or elsewhere (`Stratalog.fromStackOutputs`). */
export interface IStratalog extends IConstruct, LogMetrics {
  /** What it is called in metrics and log lines. */
  readonly logName: string;
  /** Where its API is: a URL without a slash at its end. */
  readonly apiEndpoint: string;
  /** The API, as ARNs name it. */
  readonly apiId: string;
  /** By name: `topics`, `produce`, `fetch`, `commit`, `maintain`, `topic-resource`. */
  readonly functions: Readonly<Record<LogFunction, IFunction>>;
  /** Topics that have metrics of their own; undefined: not known here. */
  readonly metricTopics: readonly string[] | undefined;
  /**
   * Lets `grantee` do all that the API can: make, change and delete topics, and read and append to every one
   * of them, as any group. (A policy that lets somebody describe all topics lets them read all, as `*` stands for
   * `/` as well.)
   */
  grantAdmin(grantee: IGrantable): AccessGrant;
  /**
   * Lets `grantee` invoke the functions without the API. That opens everything: an invocation carries neither who
   * calls nor which topic is meant for IAM to look at, so whoever has this may do whatever `grantAdmin`
   * lets them do. It is part of no other grant.
   */
  grantInvoke(grantee: IGrantable): AccessGrant;
}

/** What both kinds of logs do alike. */
export abstract class LogBase extends Construct implements IStratalog {
  abstract readonly logName: string;
  abstract readonly apiEndpoint: string;
  abstract readonly apiId: string;
  abstract readonly functions: Readonly<Record<LogFunction, IFunction>>;
  abstract readonly metricTopics: readonly string[] | undefined;

  grantAdmin(grantee: IGrantable): AccessGrant {
    return grantRoutes({ scope: this, apiId: this.apiId }, grantee, adminOpenings());
  }

  grantInvoke(grantee: IGrantable): AccessGrant {
    const arns = HTTP_FUNCTIONS.map((name) => this.functions[name].functionArn);
    return grantAccess(this, grantee, ['lambda:InvokeFunction'], arns);
  }

  metricMessagesIn(options?: MetricOptions): Metric {
    return functionMetric(this.logName, 'MessagesIn', 'produce', options);
  }

  metricBytesIn(options?: MetricOptions): Metric {
    return functionMetric(this.logName, 'BytesIn', 'produce', options);
  }

  metricBytesOut(options?: MetricOptions): Metric {
    return functionMetric(this.logName, 'BytesOut', 'fetch', options);
  }

  metricFailedProduceRequests(options?: MetricOptions): Metric {
    return functionMetric(this.logName, 'FailedProduceRequests', 'produce', options);
  }

  metricFailedFetchRequests(options?: MetricOptions): Metric {
    return functionMetric(this.logName, 'FailedFetchRequests', 'fetch', options);
  }

  metricThrottledRequests(by: 'produce' | 'fetch', options?: MetricOptions): Metric {
    return functionMetric(this.logName, 'ThrottledRequests', by, options);
  }

  metricOffsetsCommitted(options?: MetricOptions): Metric {
    return functionMetric(this.logName, 'OffsetsCommitted', 'commit', options);
  }
}
