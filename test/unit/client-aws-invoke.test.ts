/** What goes wrong with an Invoke, and what may have happened then. */
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { invoking } from '../../lib/client/aws/invoking.ts';
import type { ConnectionOptions } from '../../lib/client/connection.ts';
import { Stratalog } from '../../lib/index.ts';
import { type LocalStack, startLocal } from '../../lib/local/start.ts';
import { MAX_LAMBDA_PAYLOAD_BYTES } from '../../lib/model/limits.ts';
import { KEY, SECRET } from '../support/iam-gateway.ts';
import {
  FUNCTIONS,
  type Invocation,
  type LambdaApi,
  type LambdaMishap,
  startLambdaApi,
} from '../support/lambda-api.ts';
import { failureOf, QUICK } from '../support/sdk-service.ts';

const REGION = 'us-west-2';
const credentials = { accessKeyId: KEY, secretAccessKey: SECRET };

type MishapOf = (invocation: Invocation, number: number) => LambdaMishap | undefined;

let stack: LocalStack;
let lambda: LambdaApi;
let mishapOf: MishapOf;
let count: number;
beforeAll(async () => {
  stack = await startLocal({ httpPort: 0 });
  lambda = await startLambdaApi(REGION, (invocation) => mishapOf(invocation, count++));
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', lambda.url);
});
beforeEach(() => {
  mishapOf = () => undefined;
  count = 0;
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await lambda.close();
  await stack.close();
});

const over = (
  options: Partial<ConnectionOptions & Parameters<typeof invoking>[0]> = {},
): Stratalog => {
  const { functions = FUNCTIONS, ...rest } = options;
  const way = invoking({ region: REGION, credentials, ...rest, functions });
  return new Stratalog({ retry: QUICK, ...rest, ...way });
};

let names = 0;
const newTopic = async (): Promise<string> => {
  const name = `invoked-${names++}`;
  await over().admin().createTopic({ name });
  count = 0;
  return name;
};
const valuesOf = async (topic: string): Promise<readonly (string | null)[]> => {
  mishapOf = () => undefined;
  const values: (string | null)[] = [];
  for await (const { value } of over().reader({ topic, until: 'end' })) values.push(value);
  return values;
};

const THROTTLED: LambdaMishap = {
  exception: 'TooManyRequestsException',
  status: 429,
  message: 'Rate Exceeded.',
};

it('tries again what was throttled: it was not run', async () => {
  const topic = await newTopic();
  mishapOf = (_, number) => (number < 3 ? THROTTLED : undefined);
  await over().admin().addPartitions({ topic, partitions: 2 });
  expect(count).toBe(4);
  mishapOf = () => THROTTLED;
  const error = await failureOf(over().admin().addPartitions({ topic, partitions: 3 }));
  expect(error).toMatchObject({
    code: 'THROTTLING_QUOTA_EXCEEDED',
    effect: 'none',
    retriable: true,
    context: { function: 'log-topics', status: 429 },
    message: expect.stringMatching(/concurrency/),
  });
});

it('tries again what Lambda has to wake first, such as a function in a network that was idle for weeks', async () => {
  const topic = await newTopic();
  const PENDING: LambdaMishap = {
    exception: 'ResourceConflictException',
    status: 409,
    message:
      'The operation cannot be performed at this time. The function is currently in the following state: Pending',
  };
  mishapOf = (_, number) => (number < 3 ? PENDING : undefined);
  await over().admin().addPartitions({ topic, partitions: 2 });
  expect(count).toBe(4);
});

it.each<[string, LambdaMishap, { readonly code: string; readonly message: RegExp }]>([
  [
    'a caller who may not',
    {
      exception: 'AccessDeniedException',
      status: 403,
      message: 'User: u is not authorized to perform: lambda:InvokeFunction on resource: arn',
    },
    { code: 'CLUSTER_AUTHORIZATION_FAILED', message: /needs lambda:InvokeFunction/ },
  ],
  [
    'credentials that are over',
    { exception: 'ExpiredTokenException', status: 403 },
    { code: 'SASL_AUTHENTICATION_FAILED', message: /aws sso login/ },
  ],
  [
    'a request that is too large after all',
    { exception: 'RequestTooLargeException', status: 413 },
    { code: 'MESSAGE_TOO_LARGE', message: /fewer records/ },
  ],
  [
    'one that what stands before Lambda finds too large',
    { exception: 'RequestEntityTooLargeException', status: 413 },
    { code: 'MESSAGE_TOO_LARGE', message: /fewer records/ },
  ],
  [
    'another refusal',
    { exception: 'InvalidParameterValueException', status: 400 },
    { code: 'INVALID_REQUEST', message: /InvalidParameterValueException/ },
  ],
])('tells of %s, and that nothing happened', async (_what, mishap, { code, message }) => {
  mishapOf = () => mishap;
  const error = await failureOf(over().admin().createTopic({ name: 'never' }));
  expect(error).toMatchObject({ code, effect: 'none', retriable: false });
  expect(error.message).toMatch(message);
  expect(count).toBe(1);
});

it('tells of a function that is not there, and of one that is not ours', async () => {
  const functions = { ...FUNCTIONS, topics: 'log-tropics' };
  const missing = await failureOf(over({ functions }).admin().listTopics());
  expect(missing).toMatchObject({ code: 'INVALID_CONFIG', effect: 'none' });
  expect(missing.message).toMatch(
    /log-tropics in us-west-2: Function not found.* Check name, region/,
  );
  for (const answer of [
    undefined,
    null,
    'hello',
    { statusCode: 200, body: 'hello' },
    { status: 200 },
  ]) {
    mishapOf = () => ({ answer });
    const foreign = await failureOf(
      over()
        .admin()
        .createTopic({ name: `x${names++}` }),
    );
    expect(foreign).toMatchObject({ code: 'INVALID_CONFIG', effect: 'unknown' });
    expect(foreign.message).toMatch(/log-topics does not answer as one of Stratalog's/);
  }
});

it('tells of a secret key that is wrong', async () => {
  const wrong = { ...credentials, secretAccessKey: 'wrong' };
  const error = await failureOf(over({ credentials: wrong }).admin().createTopic({ name: 'no' }));
  expect(error).toMatchObject({ code: 'SASL_AUTHENTICATION_FAILED', effect: 'none' });
});

it.each<[string, LambdaMishap, string]>([
  [
    'timed out',
    {
      functionError: {
        errorType: 'Sandbox.Timedout',
        errorMessage: 'RequestId: 1 Error: Task timed out after 30.00 seconds',
      },
    },
    'REQUEST_TIMED_OUT',
  ],
  [
    'ran out of memory',
    { functionError: { errorType: 'Runtime.ExitError', errorMessage: 'signal: killed' } },
    'CONNECTION_FAILED',
  ],
  [
    'had too much to say',
    {
      functionError: {
        errorType: 'Function.ResponseSizeTooLarge',
        errorMessage:
          'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
      },
    },
    'RECORD_LIST_TOO_LARGE',
  ],
  ['was cut off by Lambda', { exception: 'ServiceException', status: 500 }, 'CONNECTION_FAILED'],
  ['was cut off on the way', 'break', 'CONNECTION_FAILED'],
])('does not know what became of a change whose function %s', async (_what, mishap, code) => {
  mishapOf = () => mishap;
  const error = await failureOf(
    over()
      .admin()
      .createTopic({ name: `unknown-${names++}` }),
  );
  expect(error).toMatchObject({ code, effect: 'unknown' });
  expect(count).toBe(1);
  const reading = await failureOf(over().admin().listTopics());
  expect(reading).toMatchObject({ code, effect: 'none' });
});

const ENDED: LambdaMishap = { functionError: { errorType: 'Runtime.ExitError' } };

it('writes each message of an idempotent producer once, however often its function ended', async () => {
  const topic = await newTopic();
  mishapOf = ({ functionName }, number) =>
    functionName === 'log-produce' && number < 6 ? ENDED : undefined;
  await using producer = over().producer();
  const sent = await Promise.all(
    ['a', 'b', 'c'].map((value) => producer.send({ topic, partition: 0, messages: [{ value }] })),
  );
  expect(sent.flat().map(({ offset }) => offset)).toEqual([0, 1, 2]);
  expect(await valuesOf(topic)).toEqual(['a', 'b', 'c']);
});

it('sends nothing twice for a producer that is not idempotent', async () => {
  const topic = await newTopic();
  mishapOf = ({ functionName }) => (functionName === 'log-produce' ? ENDED : undefined);
  await using producer = over().producer({ idempotent: false });
  const error = await failureOf(producer.send({ topic, messages: [{ value: 'a' }] }));
  expect(error).toMatchObject({ code: 'CONNECTION_FAILED', effect: 'unknown' });
  expect(await valuesOf(topic)).toEqual(['a']);
});

it('gives up when it is told to, and when it takes too long', async () => {
  mishapOf = () => 'hang';
  const giveUp = new AbortController();
  const asked = failureOf(over().admin().createTopic({ name: 'h' }, { signal: giveUp.signal }));
  await expect.poll(() => count).toBe(1);
  giveUp.abort();
  expect(await asked).toMatchObject({ code: 'CANCELLED', effect: 'unknown' });
  const slow = over({ requestTimeoutMs: 50 }).admin().createTopic({ name: 'h' });
  expect(await failureOf(slow)).toMatchObject({ code: 'REQUEST_TIMED_OUT', effect: 'unknown' });
});

it('invokes nothing with what is too large', async () => {
  const { fetch } = invoking({ functions: FUNCTIONS, region: REGION, credentials });
  // Each quote takes two bytes in the payload.
  const body = '"'.repeat(MAX_LAMBDA_PAYLOAD_BYTES / 2);
  const error = await failureOf(fetch('http://x/topics/t/records', { method: 'POST', body }));
  expect(error).toMatchObject({
    code: 'MESSAGE_TOO_LARGE',
    effect: 'none',
    context: { maxPayloadBytes: MAX_LAMBDA_PAYLOAD_BYTES },
  });
  expect(count).toBe(0);
});

it('says so when Lambda is not there', async () => {
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', 'http://127.0.0.1:64998');
  const error = await failureOf(over().admin().createTopic({ name: 'x' }));
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', lambda.url);
  expect(error).toMatchObject({
    code: 'CONNECTION_FAILED',
    effect: 'none',
    context: { endpoint: 'https://lambda.us-west-2.amazonaws.com', reason: 'ECONNREFUSED' },
  });
});
