/**
 * A log in an AWS account:
 *
 *   callers ── IAM ──► HTTP API ──► topics, produce, fetch, commit ──► table, bucket
 *                      a schedule ──► maintain ─────────────────────────┘
 */
import { Stack } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledgeFindings } from './acknowledged.ts';
import { createApi } from './api.ts';
import { createFunctions, DEFAULT_MAX_FETCH_WAIT } from './functions.ts';
import { ImportedLog, type StackOutputs } from './imported.ts';
import { type IStratalog, LogBase } from './log.ts';
import { createMonitoring } from './monitoring.ts';
import type { LogFunction } from './names.ts';
import { addGatewayEndpoints } from './network.ts';
import { createOutputs, outputPrefix } from './outputs.ts';
import type { StratalogProps } from './props.ts';
import { createSchedule } from './schedule.ts';
import { createBucket, createTable } from './storage.ts';
import { validate } from './validate.ts';

/** A log: its table, its bucket, its functions and its API. */
export class Stratalog extends LogBase {
  /**
   * A log that another stack of this account and region made, by what that stack exports. It can be granted, measured
   * and given topics as if it were made here.
   * @throws an Error that lists what cannot work
   */
  static fromStackOutputs(scope: Construct, id: string, outputs: StackOutputs): IStratalog {
    return new ImportedLog(scope, id, outputs);
  }

  /** What the log is called in metrics, alarms and log lines. */
  readonly logName: string;
  /** Topics, partitions, offsets, and small batches of records. What else writes to it damages the log. */
  readonly table: Table;
  /** Records, in objects that never change. */
  readonly bucket: Bucket;
  /** By name: `topics`, `produce`, `fetch`, `commit`, `maintain`, `topic-resource`. */
  readonly functions: Readonly<Record<LogFunction, IFunction>>;
  /** Every route of it asks IAM: `grantProduce`, `grantConsume` of a topic, and `grantAdmin`, write the policies. */
  readonly api: HttpApi;
  /** Where its API is, a URL without a slash at its end: what programs are given as their endpoint. */
  readonly apiEndpoint: string;
  /** The API, as ARNs name it. */
  readonly apiId: string;
  /** Topics that have metrics of their own. */
  readonly metricTopics: readonly string[];

  /** @throws an Error that lists all props that cannot work */
  constructor(scope: Construct, id: string, props: StratalogProps = {}) {
    super(scope, id);
    this.logName = props.logName ?? `${Stack.of(this).stackName}-${outputPrefix(this)}`;
    this.metricTopics = props.metricTopics ?? [];
    const named = { ...props, logName: this.logName };
    validate(this, named);

    this.table = createTable(this, props);
    this.bucket = createBucket(this, props);
    addGatewayEndpoints(props);
    const stores = {
      table: this.table,
      bucket: this.bucket,
      encryptionKey: props.encryptionKey,
    };
    const functions = createFunctions(this, stores, named);
    this.functions = functions;
    const { api, stage } = createApi(this, functions, named);
    this.api = api;
    this.apiEndpoint = api.apiEndpoint;
    this.apiId = api.apiId;
    createSchedule(this, functions.maintain);
    createMonitoring(
      this,
      {
        logName: this.logName,
        stage,
        table: this.table,
        functions,
        maxFetchWait: props.maxFetchWait ?? DEFAULT_MAX_FETCH_WAIT,
      },
      props,
    );

    acknowledgeFindings(this, { bucket: this.bucket, stage }, props);

    createOutputs(this, {
      ApiEndpoint: this.apiEndpoint,
      ApiId: this.apiId,
      TableName: this.table.tableName,
      BucketName: this.bucket.bucketName,
      TopicsFunction: functions.topics.functionName,
      ProduceFunction: functions.produce.functionName,
      FetchFunction: functions.fetch.functionName,
      CommitFunction: functions.commit.functionName,
      MaintainFunction: functions.maintain.functionName,
      TopicResource: functions['topic-resource'].functionArn,
    });
  }
}
