/**
 * The Lambda functions: one bundle, one role and one log group each.
 */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import {
  ApplicationLogLevel,
  Architecture,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { codeOf } from './assets.ts';
import { idOf, type LogFunction } from './names.ts';
import type { FunctionProps, StratalogProps } from './props.ts';

/** Where a log is kept. */
export interface Stores {
  readonly table: TableV2;
  readonly bucket: Bucket;
}

/** Wider than it must be, until `permissions.ts` makes each function's role. */
const grantStores = (name: LogFunction, fn: LambdaFunction, { table, bucket }: Stores): void => {
  if (name === 'maintain') return;
  table.grantReadWriteData(fn);
  if (name !== 'topic-resource') bucket.grantReadWrite(fn);
};

interface Defaults extends Required<Pick<FunctionProps, 'memorySize' | 'timeout'>> {
  readonly description: string;
}

/** What each function is when nothing is said of it. */
export const FUNCTION_DEFAULTS: Readonly<Record<LogFunction, Defaults>> = {
  topics: {
    description: 'Stratalog: topics, deletion of records, the installation and its API page.',
    memorySize: 512,
    timeout: Duration.seconds(29),
  },
  produce: {
    description: 'Stratalog: appends records, and gives producers their ids.',
    memorySize: 512,
    timeout: Duration.seconds(29),
  },
  fetch: {
    description: 'Stratalog: reads records, and tells where they lie.',
    memorySize: 512,
    timeout: Duration.seconds(29),
  },
  commit: {
    description: 'Stratalog: offsets of consumer groups.',
    memorySize: 512,
    timeout: Duration.seconds(29),
  },
  maintain: {
    description: 'Stratalog: looks every minute for what is due.',
    memorySize: 256,
    timeout: Duration.seconds(60),
  },
  'topic-resource': {
    description: 'Stratalog: topics as resources of CloudFormation.',
    memorySize: 256,
    timeout: Duration.seconds(60),
  },
};

/** Makes one of the functions, allowed what it needs of the stores. */
const createFunction = (
  scope: Construct,
  name: LogFunction,
  stores: Stores,
  props: StratalogProps & { readonly logName: string },
): LambdaFunction => {
  const { description, ...defaults } = FUNCTION_DEFAULTS[name];
  const { reservedConcurrency, ...chosen } = props.functions?.[name] ?? {};
  const logLevel = props.logLevel ?? 'INFO';
  const fn = new LambdaFunction(scope, idOf(name), {
    description,
    ...defaults,
    ...chosen,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    code: codeOf(scope, name),
    handler: 'index.handler',
    environment: {
      STRATALOG_TABLE: stores.table.tableName,
      STRATALOG_BUCKET: stores.bucket.bucketName,
      STRATALOG_LOG: props.logName,
      STRATALOG_METRIC_TOPICS: (props.metricTopics ?? []).join(','),
      STRATALOG_MAX_FETCH_WAIT_MS: String(
        (props.maxFetchWait ?? Duration.seconds(1)).toMilliseconds(),
      ),
      POWERTOOLS_SERVICE_NAME: props.logName,
      POWERTOOLS_LOG_LEVEL: logLevel,
      NODE_OPTIONS: '--enable-source-maps',
    },
    tracing: Tracing.ACTIVE,
    loggingFormat: LoggingFormat.JSON,
    applicationLogLevelV2:
      logLevel === 'DEBUG' ? ApplicationLogLevel.DEBUG : ApplicationLogLevel.INFO,
    systemLogLevelV2: SystemLogLevel.WARN,
    logGroup: new LogGroup(scope, `${idOf(name)}Logs`, {
      retention: props.logRetention ?? RetentionDays.ONE_MONTH,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
    }),
    ...(reservedConcurrency !== undefined && {
      reservedConcurrentExecutions: reservedConcurrency,
    }),
  });
  grantStores(name, fn, stores);
  return fn;
};

/** Makes the functions. */
export const createFunctions = (
  scope: Construct,
  stores: Stores,
  props: StratalogProps & { readonly logName: string },
): Readonly<Record<LogFunction, LambdaFunction>> => {
  const create = (name: LogFunction): LambdaFunction => createFunction(scope, name, stores, props);
  return {
    topics: create('topics'),
    produce: create('produce'),
    fetch: create('fetch'),
    commit: create('commit'),
    maintain: create('maintain'),
    'topic-resource': create('topic-resource'),
  };
};
