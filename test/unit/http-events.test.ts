/** Events as AWS documents them: what is read of each, and which are refused because IAM allowed something else. */
import { expect, it } from 'vitest';
import { type HttpApp, refusal } from '../../lib/http/app.ts';
import { givenOf } from '../../lib/http/at-hand.ts';
import { lambdaHandler, type Outcome } from '../../lib/http/events.ts';
import { problemResponse } from '../../lib/http/problem.ts';

const IAM = {
  accessKey: 'AKIAIOSFODNN7EXAMPLE',
  accountId: '123456789012',
  callerId: 'AROAJDEXAMPLE:worker-1',
  cognitoIdentity: null,
  principalOrgId: 'o-example',
  userArn: 'arn:aws:sts::123456789012:assumed-role/orders-writer/worker-1',
  userId: 'AROAJDEXAMPLE:worker-1',
};

/** HTTP API, payload 2.0, with IAM on the route. */
const httpApi = () => ({
  version: '2.0',
  routeKey: 'POST /topics/{topic}/records',
  rawPath: '/topics/orders/records',
  rawQueryString: 'partition=1',
  cookies: ['a=1'],
  headers: {
    'content-type': 'application/json',
    host: 'abc.execute-api.eu-central-1.amazonaws.com',
  },
  queryStringParameters: { partition: '1' },
  pathParameters: { topic: 'orders' } as Record<string, string>,
  requestContext: {
    accountId: '123456789012',
    apiId: 'abc',
    authentication: null,
    authorizer: { iam: IAM },
    domainName: 'abc.execute-api.eu-central-1.amazonaws.com',
    domainPrefix: 'abc',
    http: {
      method: 'POST',
      path: '/topics/orders/records',
      protocol: 'HTTP/1.1',
      sourceIp: '192.0.2.1',
      userAgent: 'agent',
    },
    requestId: 'JKJaXmPLvHcESHA=',
    routeKey: 'POST /topics/{topic}/records',
    stage: '$default',
    time: '21/Nov/2026:19:03:58 +0000',
    timeEpoch: 1795287838000,
  },
  body: '{"records":[]}',
  isBase64Encoded: false,
});

/** A Function URL sends the same payload, by its own domain and without a route. */
const functionUrl = () => ({
  ...httpApi(),
  routeKey: '$default',
  pathParameters: undefined,
  requestContext: {
    ...httpApi().requestContext,
    routeKey: '$default',
    domainName: 'xyz.lambda-url.eu-central-1.on.aws',
  },
});

/** REST API, payload 1.0, with IAM on the method. */
const restApi = () => ({
  resource: '/topics/{topic}/records',
  path: '/topics/orders/records',
  httpMethod: 'POST',
  headers: { 'Content-Type': 'application/json', 'X-Two': 'b' },
  multiValueHeaders: { 'Content-Type': ['application/json'], 'X-Two': ['a', 'b'] },
  queryStringParameters: { partition: '1' } as Record<string, string> | null,
  multiValueQueryStringParameters: { partition: ['1'] } as Record<string, string[]> | null,
  pathParameters: { topic: 'orders' } as Record<string, string> | null,
  stageVariables: null,
  requestContext: {
    accountId: '123456789012',
    apiId: 'abc',
    authorizer: null,
    httpMethod: 'POST',
    identity: {
      accessKey: IAM.accessKey,
      accountId: IAM.accountId,
      caller: IAM.callerId,
      cognitoIdentityId: null,
      sourceIp: '10.0.0.7',
      userArn: IAM.userArn,
      vpceId: 'vpce-0123456789abcdef0',
    } as Record<string, string | null>,
    path: '/prod/topics/orders/records',
    protocol: 'HTTP/1.1',
    requestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
    resourceId: 'abc123',
    resourcePath: '/topics/{topic}/records',
    stage: 'prod',
  },
  body: '{"records":[]}' as string | null,
  isBase64Encoded: false,
});

/** What an app sees of an event, and what whoever hosts it is told. */
const seen = async (event: unknown) => {
  let asked: object | undefined;
  const app = {
    fetch: async (request: Request) => {
      const { pathname, search } = new URL(request.url);
      asked = {
        method: request.method,
        pathname,
        search,
        headers: Object.fromEntries(request.headers),
        body: await givenOf(request),
      };
      return problemResponse(refusal('GET', '/nowhere'));
    },
  } as unknown as HttpApp;
  const outcomes: Outcome[] = [];
  const handler = lambdaHandler(app, (outcome) => outcomes.push(outcome));
  const answer = await handler(event, { awsRequestId: 'r-1' });
  expect(outcomes).toHaveLength(1);
  return { asked, outcome: outcomes[0]!, answer: answer as Record<string, unknown> };
};

const CALLER = {
  userArn: IAM.userArn,
  accountId: IAM.accountId,
  callerId: IAM.callerId,
};

it.each([
  ['HTTP API', httpApi(), 'http-api', 'JKJaXmPLvHcESHA='],
  ['a Function URL', functionUrl(), 'function-url', 'JKJaXmPLvHcESHA='],
  ['REST API', restApi(), 'rest-api', 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef'],
] as const)(
  'reads an event of %s, and who sent it',
  async (_name, event, via, gatewayRequestId) => {
    const { asked, outcome, answer } = await seen(event);
    expect(asked).toMatchObject({
      method: 'POST',
      pathname: '/topics/orders/records',
      search: '?partition=1',
      headers: { 'content-type': 'application/json' },
      body: '{"records":[]}',
    });
    expect(outcome.incoming?.origin).toEqual({ via, gatewayRequestId, caller: CALLER });
    expect(outcome).toMatchObject({ requestId: 'r-1', status: 404, error: { status: 404 } });
    expect(answer).toMatchObject({ statusCode: 404, isBase64Encoded: false });
  },
);

it('knows no caller of an Invoke payload', async () => {
  const { outcome } = await seen({ method: 'GET', path: '/topics' });
  expect(outcome.incoming?.origin).toEqual({ via: 'invoke' });
});

it('knows no caller where a gateway asks for none', async () => {
  const event = restApi();
  const nobody = { ...event.requestContext.identity, userArn: null, caller: null, accountId: null };
  const context = { ...event.requestContext, identity: nobody };
  const { outcome } = await seen({ ...event, requestContext: context });
  expect(outcome.incoming?.origin.caller).toBeUndefined();
});

it('tells what an event that is no request was answered', async () => {
  const { outcome } = await seen({ rawPath: 7 });
  expect(outcome).toMatchObject({ status: 400, error: { code: 'INVALID_REQUEST' } });
  expect(outcome.incoming).toBeUndefined();
});

it('reads what REST API gives decoded, repeated, or as null', async () => {
  const { asked } = await seen({
    ...restApi(),
    multiValueQueryStringParameters: { at: ['a b&c=1', 'ü'], none: null },
    body: null,
  });
  expect(asked).toMatchObject({
    search: `?${new URLSearchParams([
      ['at', 'a b&c=1'],
      ['at', 'ü'],
    ])}`,
    headers: { 'x-two': 'a, b' },
    body: '',
  });
  const bare = { ...restApi(), multiValueHeaders: null, multiValueQueryStringParameters: null };
  expect((await seen(bare)).asked).toMatchObject({
    search: '?partition=1',
    headers: { 'x-two': 'b' },
  });
});

it('keeps bytes that REST API gives as base64', async () => {
  const bytes = Buffer.from([0, 255, 61, 10]);
  const { asked } = await seen({
    ...restApi(),
    body: bytes.toString('base64'),
    isBase64Encoded: true,
  });
  expect((asked as { body: Uint8Array }).body).toEqual(bytes);
});

it('finds the path behind the name of a stage', async () => {
  const event = httpApi();
  const requestContext = { ...event.requestContext, stage: 'prod' };
  const { asked } = await seen({ ...event, rawPath: `/prod${event.rawPath}`, requestContext });
  expect(asked).toMatchObject({ pathname: '/topics/orders/records' });
});

const gatewayGet = (routeKey: string, rawPath: string, pathParameters: Record<string, string>) => ({
  ...httpApi(),
  routeKey,
  rawPath,
  pathParameters,
  requestContext: {
    ...httpApi().requestContext,
    http: { ...httpApi().requestContext.http, method: routeKey.split(' ')[0]! },
  },
});
const restGet = (resource: string, path: string, pathParameters: Record<string, string>) => ({
  ...restApi(),
  httpMethod: 'GET',
  resource,
  path,
  pathParameters,
});

it.each([
  [
    'a slash that was escaped when the route was chosen',
    gatewayGet('GET /topics/{topic}', '/topics/a/offsets', { topic: 'a/offsets' }),
  ],
  [
    'the same of a REST API',
    restGet('/topics/{topic}', '/topics/a/offsets', { topic: 'a%2Foffsets' }),
  ],
  [
    'another topic than the one authorised',
    gatewayGet('GET /topics/{topic}', '/topics/b', { topic: 'a' }),
  ],
  ['a topic spelled otherwise', restGet('/topics/{topic}', '/topics/a', { topic: '%61' })],
  ['a parameter that was not authorised', restGet('/topics/{topic}', '/topics/a', {})],
  [
    'another method than the one authorised',
    {
      ...gatewayGet('GET /topics/{topic}', '/topics/a', { topic: 'a' }),
      routeKey: 'DELETE /topics/{topic}',
    },
  ],
  ['a route that catches all', restGet('/{proxy+}', '/topics/a', { proxy: 'topics/a' })],
])('refuses %s', async (_name, event) => {
  const { asked, outcome, answer } = await seen(event);
  expect(asked).toBeUndefined();
  expect(outcome.error).toMatchObject({ code: 'INVALID_REQUEST', effect: 'none' });
  expect(JSON.parse(String(answer.body)).detail).toContain('The gateway authorised');
});

it.each([
  ['the route', gatewayGet('GET /topics/{topic}', '/topics/a', { topic: 'a' })],
  [
    'any method of it',
    {
      ...gatewayGet('GET /topics/{topic}', '/topics/a', { topic: 'a' }),
      routeKey: 'ANY /topics/{topic}',
    },
  ],
  ['HEAD of what GET serves', gatewayGet('HEAD /topics/{topic}', '/topics/a', { topic: 'a' })],
  [
    'a path that leads nowhere, to say so',
    gatewayGet('GET /topics/{topic}', '/nowhere', { topic: 'a' }),
  ],
  [
    'two parameters',
    restGet('/topics/{topic}/partitions/{partition}/records', '/topics/a/partitions/0/records', {
      topic: 'a',
      partition: '0',
    }),
  ],
])('lets %s through', async (_name, event) => {
  expect((await seen(event)).asked).toMatchObject({ method: 'GET' });
});
