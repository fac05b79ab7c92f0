/**
 * The HTTP API: every route of `lib/http/routes.ts`, each of which asks IAM who may call it.
 *
 * docs/adr/0011 tells why it is an HTTP API.
 */
import { RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogField, AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  HttpApi,
  HttpMethod,
  HttpStage,
  type IAccessLogSettings,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { type FunctionName, ROUTES } from '../lib/http/routes.ts';
import type { NamedProps } from './functions.ts';
import { idOf, STAGE } from './names.ts';

const DEFAULT_THROTTLE = { rateLimit: 1000, burstLimit: 2000 } as const;

/**
 * Who asked for what, and what became of it. Who it was is told by IAM, if the signature was right; nothing of it
 * is told by the request's own words.
 */
const ACCESS_LOG_FIELDS = {
  requestId: AccessLogField.contextRequestId(),
  time: AccessLogField.contextRequestTimeEpoch(),
  caller: AccessLogField.contextIdentityUserArn(),
  sourceIp: AccessLogField.contextIdentitySourceIp(),
  route: '$context.routeKey',
  path: AccessLogField.contextPath(),
  status: AccessLogField.contextStatus(),
  error: AccessLogField.contextErrorMessage(),
  responseLength: AccessLogField.contextResponseLength(),
  latencyMs: AccessLogField.contextResponseLatency(),
  integrationError: '$context.integrationErrorMessage',
};

const accessLogsOf = (scope: Construct, props: NamedProps): IAccessLogSettings => ({
  destination: new LogGroupLogDestination(
    new LogGroup(scope, 'AccessLogs', {
      retention: props.logRetention ?? RetentionDays.ONE_MONTH,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
    }),
  ),
  format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG_FIELDS)),
});

/** Makes the API, with one stage that has no name in its paths. */
export const createApi = (
  scope: Construct,
  functions: Readonly<Record<FunctionName, IFunction>>,
  props: NamedProps,
): { readonly api: HttpApi; readonly stage: HttpStage } => {
  const api = new HttpApi(scope, 'Api', {
    apiName: props.logName,
    description: 'Stratalog: a log in the manner of Kafka.',
    createDefaultStage: false,
    defaultAuthorizer: new HttpIamAuthorizer(),
  });
  // One permission a function: its policy has room for 20 KB, and there are many routes.
  const integrate = (name: FunctionName): HttpLambdaIntegration =>
    new HttpLambdaIntegration(idOf(name), functions[name], { scopePermissionToRoute: false });
  const integrations: Readonly<Record<FunctionName, HttpLambdaIntegration>> = {
    topics: integrate('topics'),
    produce: integrate('produce'),
    fetch: integrate('fetch'),
    commit: integrate('commit'),
  };
  for (const { path, method, function: name } of ROUTES) {
    api.addRoutes({ path, methods: [HttpMethod[method]], integration: integrations[name] });
  }
  const stage = new HttpStage(scope, 'Stage', {
    httpApi: api,
    stageName: STAGE,
    autoDeploy: true,
    throttle: {
      rateLimit: props.throttle?.rateLimit ?? DEFAULT_THROTTLE.rateLimit,
      burstLimit: props.throttle?.burstLimit ?? DEFAULT_THROTTLE.burstLimit,
    },
    ...(props.accessLogs && { accessLogSettings: accessLogsOf(scope, props) }),
  });
  return { api, stage };
};
