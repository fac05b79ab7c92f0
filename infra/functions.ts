/**
 * The Lambda functions: one bundle, one role and one log group each.
 */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  ApplicationLogLevel,
  Architecture,
  type IFunction,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { DEFAULT_LAMBDA_FETCH_WAIT_MS } from '../lib/model/limits.ts';
import { codeOf } from './assets.ts';
import { idOf, type LogFunction } from './names.ts';
import { networkOf, waysOutOf } from './network.ts';
import { createRole, type Stores } from './permissions.ts';
import type { FunctionProps, LogLevel, StratalogProps } from './props.ts';

/** A fetch that finds nothing waits this long, unless told otherwise. */
export const DEFAULT_MAX_FETCH_WAIT = Duration.millis(DEFAULT_LAMBDA_FETCH_WAIT_MS);

interface Defaults extends Required<Pick<FunctionProps, 'memorySize' | 'timeout'>> {
  readonly description: string;
}

const HTTP_DEFAULTS = { memorySize: 512, timeout: Duration.seconds(29) };
const BACKGROUND_DEFAULTS = { memorySize: 256, timeout: Duration.seconds(60) };

/** What each function is when nothing is said of it. */
const DEFAULTS: Readonly<Record<LogFunction, Defaults>> = {
  topics: {
    description: 'Stratalog: topics, deletion of records, the installation and its API page.',
    ...HTTP_DEFAULTS,
  },
  produce: {
    description: 'Stratalog: appends records, and gives producers their ids.',
    ...HTTP_DEFAULTS,
  },
  fetch: {
    description: 'Stratalog: reads records, and tells where they lie.',
    ...HTTP_DEFAULTS,
  },
  commit: { description: 'Stratalog: offsets of consumer groups.', ...HTTP_DEFAULTS },
  maintain: {
    description: 'Stratalog: looks every minute for what is due.',
    ...BACKGROUND_DEFAULTS,
  },
  'topic-resource': {
    description: 'Stratalog: topics as resources of CloudFormation.',
    ...BACKGROUND_DEFAULTS,
  },
};

/** The props, and what is derived of them. */
export type NamedProps = StratalogProps & { readonly logName: string };

/** What the handlers read: `functions/` has the other side of each. */
const environmentOf = ({ table, bucket }: Stores, props: NamedProps): Record<string, string> => ({
  STRATALOG_TABLE: table.tableName,
  STRATALOG_BUCKET: bucket.bucketName,
  STRATALOG_LOG: props.logName,
  STRATALOG_METRIC_TOPICS: (props.metricTopics ?? []).join(','),
  STRATALOG_MAX_FETCH_WAIT_MS: String(
    (props.maxFetchWait ?? DEFAULT_MAX_FETCH_WAIT).toMilliseconds(),
  ),
  POWERTOOLS_SERVICE_NAME: props.logName,
  POWERTOOLS_LOG_LEVEL: props.logLevel ?? 'INFO',
  // 20 ms of a cold start and 15 MiB, measured, and traces of errors name lines of the sources.
  NODE_OPTIONS: '--enable-source-maps',
});

/**
 * Lines are filtered by Powertools; Lambda must let all of them pass that it lets, and never less than INFO, which
 * is what a line of metrics counts as. Lambda's own lines of each call would cost more than the call.
 */
const loggingOf = (logLevel: LogLevel = 'INFO') => ({
  loggingFormat: LoggingFormat.JSON,
  applicationLogLevelV2:
    logLevel === 'DEBUG' ? ApplicationLogLevel.DEBUG : ApplicationLogLevel.INFO,
  systemLogLevelV2: SystemLogLevel.WARN,
});

/** A trace a minute of a call that nobody made would cost more than all that the schedule does. */
export const isTraced = (name: LogFunction, { tracing = true }: StratalogProps): boolean =>
  tracing && name !== 'maintain';

const createFunction = (
  scope: Construct,
  name: LogFunction,
  stores: Stores,
  props: NamedProps,
): IFunction => {
  const id = idOf(name);
  const { description, ...defaults } = DEFAULTS[name];
  const { memorySize, timeout, reservedConcurrency } = props.functions?.[name] ?? {};
  const logGroup = new LogGroup(scope, `${id}Logs`, {
    retention: props.logRetention ?? RetentionDays.ONE_MONTH,
    removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
  });
  const made = new LambdaFunction(scope, id, {
    description,
    memorySize: memorySize ?? defaults.memorySize,
    timeout: timeout ?? defaults.timeout,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    code: codeOf(scope, name),
    handler: 'index.handler',
    environment: environmentOf(stores, props),
    role: createRole(scope, name, {
      stores,
      logGroup,
      isTraced: isTraced(name, props),
      inVpc: props.vpc !== undefined,
    }),
    logGroup,
    ...loggingOf(props.logLevel),
    tracing: isTraced(name, props) ? Tracing.ACTIVE : Tracing.PASS_THROUGH,
    ...networkOf(props),
    ...(reservedConcurrency !== undefined && {
      reservedConcurrentExecutions: reservedConcurrency,
    }),
  });
  made.node.addDependency(...waysOutOf(props));
  return made;
};

/** Makes the functions, each allowed what it needs of the stores. */
export const createFunctions = (
  scope: Construct,
  stores: Stores,
  props: NamedProps,
): Readonly<Record<LogFunction, IFunction>> => {
  const create = (name: LogFunction): IFunction => createFunction(scope, name, stores, props);
  return {
    topics: create('topics'),
    produce: create('produce'),
    fetch: create('fetch'),
    commit: create('commit'),
    maintain: create('maintain'),
    'topic-resource': create('topic-resource'),
  };
};
