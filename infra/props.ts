/**
 * What can be chosen of a log. Everything has a default, and `new Stratalog(this, 'Log')` is complete.
 *
 * Names and units are those of CDK where CDK has the prop. What cannot work is refused at synth by
 * `validate.ts`, everything at once.
 */
import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { LogFunction } from './names.ts';

/** How much is watched. */
export type Monitoring = 'none' | 'alarms' | 'full';

/** From what on the functions write a line. */
export type LogLevel = 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';

/** Requests that the API takes, over all routes; beyond it callers get 429, which is retriable. */
export interface ThrottleProps {
  /**
   * Requests per second, sustained.
   * @default 1000
   */
  readonly rateLimit?: number;
  /**
   * Requests at once.
   * @default 2000
   */
  readonly burstLimit?: number;
}

/** Request units of the table. */
export interface ThroughputProps {
  /**
   * Read request units per second.
   * @default - not set
   */
  readonly readUnitsPerSecond?: number;
  /**
   * Write request units per second.
   * @default - not set
   */
  readonly writeUnitsPerSecond?: number;
}

/** One Lambda function of the log. */
export interface FunctionProps {
  /**
   * Memory in MiB, 256–10240; from 128 for `maintain` and `topic-resource`. Lambda gives processor time in proportion:
   * 1769 MiB are one processor. With the default the largest requests leave a third of it free.
   * @default 512; 256 for `maintain` and `topic-resource`
   */
  readonly memorySize?: number;
  /**
   * After this Lambda ends a call. API Gateway waits 29 seconds for those who serve HTTP, so they may not take longer.
   * @default 29 seconds; 60 seconds for `maintain` and `topic-resource`
   */
  readonly timeout?: Duration;
  /**
   * Environments kept for this function alone, and at the same time the most that it gets. A new account
   * may have 10 in all, of which none can be reserved.
   * @default - none: it shares what the account has
   */
  readonly reservedConcurrency?: number;
}

/** What can be chosen of a log. */
export interface StratalogProps {
  /**
   * What the log is called in metrics, alarms and log lines, 1–128 printable ASCII characters. Its own in the
   * account and region: alarms and dashboard are named by it, and a second one of a name fails the deployment.
   * @default - the stack's name and the construct's path in it: `Stratalog-Log`
   */
  readonly logName?: string;

  // ── data ───────────────────────────────────────────────────────────────────────────────────────
  /**
   * What becomes of the table, the bucket and the log groups when the log is removed from its stack, or the
   * stack is deleted. `DESTROY` also empties the bucket, by a function of CDK's.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * Whether DynamoDB refuses to delete the table, whoever asks.
   * @default true, unless `removalPolicy` is DESTROY
   */
  readonly deletionProtection?: boolean;
  /**
   * How far back the table can be restored, and for how long the bucket keeps what was deleted, so that
   * what a restored table names is still there. Whole days, 1–35.
   * @default Duration.days(35)
   */
  readonly recoveryWindow?: Duration;
  /**
   * Encrypts table and bucket. Each key costs $1 a month, and requests; the bucket uses bucket keys, so that
   * not each object asks for one.
   * @default - keys that AWS owns and does not bill
   */
  readonly encryptionKey?: IKey;
  /**
   * The most that the table may use, as a bound on the bill: beyond it requests are throttled, and callers are
   * told THROTTLING_QUOTA_EXCEEDED, which is retriable. One append takes 2 write units and 4 per KiB inline.
   * @default - the account's quotas
   */
  readonly maxOnDemandThroughput?: ThroughputProps;
  /**
   * What the table can take at once, paid for once when it is raised; at least 12,000 reads and 4,000 writes, which
   * a new table has anyway. It can only grow.
   * @default - what DynamoDB gives
   */
  readonly warmThroughput?: ThroughputProps;

  // ── functions ──────────────────────────────────────────────────────────────────────────────────
  /**
   * Memory, timeout and concurrency, by function.
   * @default - see `FunctionProps`
   */
  readonly functions?: Partial<Readonly<Record<LogFunction, FunctionProps>>>;
  /**
   * The longest that a fetch waits for records, 0–20 seconds. A waiting fetch occupies an environment, and is paid for.
   * @default Duration.seconds(1)
   */
  readonly maxFetchWait?: Duration;
  /**
   * From what on the functions write a line: ERROR for what failed, INFO for what was refused, DEBUG for what went well,
   * each with who asked. A kilobyte of log costs more than a request.
   * @default 'INFO'
   */
  readonly logLevel?: LogLevel;
  /**
   * How long log lines are kept.
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;
  /**
   * Whether X-Ray gets traces of calls, of all functions but `maintain`: of each function the first call in a second
   * and 5 % of the others, at $5 per million. One consumer that asks every second costs $13 a month so, more than its requests.
   * @default true
   */
  readonly tracing?: boolean;
  /**
   * A network for the functions. They need no way out of it but the gateway endpoints of DynamoDB and S3.
   * @default - no network of yours
   */
  readonly vpc?: IVpc;
  /**
   * Which subnets of `vpc`.
   * @default - private ones, or isolated ones where there are none
   */
  readonly vpcSubnets?: SubnetSelection;
  /**
   * Security groups of the functions in `vpc`.
   * @default - one of their own
   */
  readonly securityGroups?: readonly ISecurityGroup[];
  /**
   * Whether to add gateway endpoints for DynamoDB and S3 to `vpc`; they cost nothing. Where the network has
   * them, a second one cannot be made.
   * @default true
   */
  readonly gatewayEndpoints?: boolean;

  // ── API ────────────────────────────────────────────────────────────────────────────────────────
  /**
   * How many requests the API takes.
   * @default - 1000 per second, 2000 at once
   */
  readonly throttle?: ThrottleProps;
  /**
   * Whether API Gateway writes a line per request, kept for `logRetention`. The functions' own lines name the
   * caller and the route already; these add requests that were refused before a function saw them.
   * @default false
   */
  readonly accessLogs?: boolean;

  // ── watching ───────────────────────────────────────────────────────────────────────────────────
  /**
   * `alarms` for what a person wants to be woken for, `full` for a dashboard besides ($3 a month).
   * @default 'alarms'
   */
  readonly monitoring?: Monitoring;
  /**
   * What each alarm does when it fires, and when it is over.
   * @default - nothing: alarms show in CloudWatch
   */
  readonly alarmActions?: readonly IAlarmAction[];
  /**
   * Topics whose records and bytes are counted by topic besides: $0.30 a month for each metric of each topic.
   * @default - none
   */
  readonly metricTopics?: readonly string[];
}
