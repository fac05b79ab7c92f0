/**
 * The HTTP API: every route of `lib/http/routes.ts`, each of which asks IAM who may call it.
 *
 * docs/adr/0011 tells why it is an HTTP API.
 */
import { HttpApi, HttpMethod, HttpStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { type FunctionName, ROUTES } from '../lib/http/routes.ts';
import { idOf } from './names.ts';
import type { StratalogProps } from './props.ts';

export const DEFAULT_THROTTLE = { rateLimit: 1000, burstLimit: 2000 } as const;

/** Makes the API, with one stage that has no name in its paths. */
export const createApi = (
  scope: Construct,
  functions: Readonly<Record<FunctionName, IFunction>>,
  props: StratalogProps & { readonly logName: string },
): HttpApi => {
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
  new HttpStage(scope, 'Stage', {
    httpApi: api,
    stageName: '$default',
    autoDeploy: true,
    throttle: { ...DEFAULT_THROTTLE, ...props.throttle },
  });
  return api;
};
