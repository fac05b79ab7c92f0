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
   */
  static fromStackOutputs(scope: Construct, id: string, outputs: StackOutputs): IStratalog {
    return new ImportedLog(scope, id, outputs);
  }

  /** What the log is called in metrics and log lines. */
  readonly logName: string;
  readonly table: Table;
  readonly bucket: Bucket;
  readonly functions: Readonly<Record<LogFunction, IFunction>>;
  readonly api: HttpApi;
  readonly apiEndpoint: string;
  readonly apiId: string;
  readonly metricTopics: readonly string[];

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
