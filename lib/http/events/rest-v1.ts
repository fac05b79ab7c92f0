/**
 * API Gateway's REST API, such as a private one, with payload 1.0:
 *
 *   {resource, httpMethod, path, multiValueHeaders, multiValueQueryStringParameters, pathParameters,
 *    requestContext: {stage, requestId, identity: {userArn, accountId, caller}}, body, isBase64Encoded}
 *   → {statusCode, headers, body, isBase64Encoded}
 *
 * `path` has no stage. Query parameters come decoded. What has no value is null. Bodies are text unless
 * `binaryMediaTypes` of the API says otherwise, so it must name `application/vnd.stratalog.batches`.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
import * as z from 'zod';
import { parse } from '../validate.ts';
import { gatewayAnswer, headersOf, headerValues, type Shape } from './shape.ts';

const valuesByName = z.record(z.string(), z.array(z.string()).nullish());
const valueByName = z.record(z.string(), z.string().nullish());

const restEvent = z.looseObject({
  resource: z.string().optional(),
  httpMethod: z.string(),
  path: z.string(),
  headers: headerValues.nullish(),
  multiValueHeaders: valuesByName.nullish(),
  queryStringParameters: valueByName.nullish(),
  multiValueQueryStringParameters: valuesByName.nullish(),
  pathParameters: z.record(z.string(), z.string().optional()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().default(false),
  requestContext: z
    .looseObject({
      requestId: z.string().optional(),
      identity: z
        .looseObject({
          userArn: z.string().nullish(),
          accountId: z.string().nullish(),
          caller: z.string().nullish(),
        })
        .nullish(),
    })
    .optional(),
});

type RestEvent = z.output<typeof restEvent>;

const joined = ({ headers, multiValueHeaders }: RestEvent): Record<string, string | undefined> =>
  multiValueHeaders
    ? Object.fromEntries(
        Object.entries(multiValueHeaders).map(([name, values]) => [name, values?.join(', ')]),
      )
    : (headers ?? {});

const encodedQuery = ({
  queryStringParameters,
  multiValueQueryStringParameters,
}: RestEvent): string => {
  const pairs = new URLSearchParams();
  if (multiValueQueryStringParameters) {
    for (const [name, values] of Object.entries(multiValueQueryStringParameters)) {
      for (const value of values ?? []) pairs.append(name, value);
    }
  } else {
    for (const [name, value] of Object.entries(queryStringParameters ?? {})) {
      pairs.append(name, value ?? '');
    }
  }
  return pairs.toString();
};

/** REST API. */
export const restV1: Shape = {
  matches: (event) => 'httpMethod' in event,
  read: (given) => {
    const event = parse(restEvent, given, 'The event');
    const { resource, httpMethod, path, pathParameters, body, isBase64Encoded } = event;
    const { requestId, identity } = event.requestContext ?? {};
    return {
      method: httpMethod,
      path,
      query: encodedQuery(event),
      headers: headersOf(joined(event)),
      body: body ? { text: body, isBase64: isBase64Encoded } : undefined,
      ...(resource !== undefined && {
        authorized: {
          method: httpMethod,
          template: resource,
          parameters: pathParameters ?? undefined,
        },
      }),
      origin: {
        via: 'rest-api',
        gatewayRequestId: requestId,
        // Without IAM, as with an API key alone, all of it is null.
        caller: identity?.userArn
          ? {
              userArn: identity.userArn,
              accountId: identity.accountId ?? undefined,
              callerId: identity.caller ?? undefined,
            }
          : undefined,
      },
    };
  },
  answer: gatewayAnswer,
};
