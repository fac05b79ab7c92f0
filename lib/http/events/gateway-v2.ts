/**
 * API Gateway's HTTP API with payload 2.0, and Lambda's Function URLs, which send the same:
 *
 *   {version: '2.0', routeKey, rawPath, rawQueryString, headers, cookies, pathParameters,
 *    requestContext: {http: {method}, stage, authorizer: {iam: {userArn, accountId, callerId}}}, body, isBase64Encoded}
 *   → {statusCode, headers, body, isBase64Encoded}
 *
 * `rawPath` is percent-decoded and begins with the stage's name, unless the stage is `$default`; that of a
 * Function URL, whose `routeKey` and stage are `$default`, is the path alone.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
 */
import * as z from 'zod';
import { parse } from '../validate.ts';
import {
  type Authorized,
  type Caller,
  gatewayAnswer,
  headersOf,
  headerValues,
  type Shape,
} from './shape.ts';

const iam = z.looseObject({
  userArn: z.string().nullish(),
  accountId: z.string().nullish(),
  callerId: z.string().nullish(),
});

const gatewayEvent = z.looseObject({
  routeKey: z.string().optional(),
  rawPath: z.string(),
  rawQueryString: z.string().default(''),
  headers: headerValues.optional(),
  pathParameters: z.record(z.string(), z.string().optional()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().default(false),
  requestContext: z.looseObject({
    stage: z.string().default('$default'),
    requestId: z.string().optional(),
    domainName: z.string().optional(),
    http: z.looseObject({ method: z.string() }),
    authorizer: z.looseObject({ iam: iam.nullish() }).nullish(),
  }),
});

type GatewayEvent = z.output<typeof gatewayEvent>;

const withoutStage = (path: string, stage: string): string =>
  stage !== '$default' && path.startsWith(`/${stage}/`) ? path.slice(stage.length + 1) : path;

/** `$default` is whatever no route matched: it names none. */
const authorizedBy = ({ routeKey, pathParameters }: GatewayEvent): Authorized | undefined => {
  if (routeKey === undefined || routeKey === '$default') return undefined;
  const [method = '', template = ''] = routeKey.split(' ');
  return { method, template, parameters: pathParameters ?? undefined };
};

const callerIn = ({ requestContext }: GatewayEvent): Caller | undefined => {
  const found = requestContext.authorizer?.iam;
  if (!found) return undefined;
  const { userArn, accountId, callerId } = found;
  return {
    userArn: userArn ?? undefined,
    accountId: accountId ?? undefined,
    callerId: callerId ?? undefined,
  };
};

/** Of both, Function URLs have a domain of their own. */
const isFunctionUrl = (domainName: string | undefined): boolean =>
  domainName?.includes('.lambda-url.') ?? false;

/** HTTP API and Function URLs. */
export const gatewayV2: Shape = {
  matches: (event) => 'rawPath' in event,
  read: (given) => {
    const event = parse(gatewayEvent, given, 'The event');
    const { rawPath, rawQueryString, headers, body, isBase64Encoded, requestContext } = event;
    const authorized = authorizedBy(event);
    return {
      method: requestContext.http.method,
      path: withoutStage(rawPath, requestContext.stage),
      query: rawQueryString,
      headers: headersOf(headers),
      body: body ? { text: body, isBase64: isBase64Encoded } : undefined,
      ...(authorized && { authorized }),
      origin: {
        via: isFunctionUrl(requestContext.domainName) ? 'function-url' : 'http-api',
        gatewayRequestId: requestContext.requestId,
        caller: callerIn(event),
      },
    };
  },
  answer: gatewayAnswer,
};
