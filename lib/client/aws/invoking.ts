/**
 * Requests by Lambda Invoke instead of HTTP: the same ones, as payloads of the functions that serve them.
 *
 *   fetch(url, init) ─▶ {method, path, query, headers, body} ─▶ Invoke of the function that the routes name
 *   Response         ◀─ {status, headers, body}              ◀─
 *
 * Whoever may invoke a function may do all that it does, to every topic: IAM sees no path here. It saves
 * the API's price and its 30 seconds, and wants `lambda:InvokeFunction` in place of `execute-api:Invoke`.
 */
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { type FunctionName, routesAt } from '../../http/routes.ts';
import { StratalogError } from '../../model/errors.ts';
import { MAX_LAMBDA_PAYLOAD_BYTES } from '../../model/limits.ts';
import type { ConnectionOptions } from '../connection.ts';
import { type AwsOptions, credentialsOf, regionOf } from './credentials.ts';
import { errorOfFunction, errorOfInvoke } from './invoke-failures.ts';

/** Names or ARNs of the functions that serve HTTP. */
export type Functions = Readonly<Record<FunctionName, string>>;

/** Which functions, and who invokes them. */
export interface InvokingOptions extends AwsOptions {
  readonly functions: Functions;
}

type Fetch = typeof globalThis.fetch;

/** Options of a connection that say where the service is, and how it is spoken to. */
export type Way = Required<Pick<ConnectionOptions, 'endpoint' | 'fetch'>>;

/** What a function answers to a plain payload. */
interface InvokeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

const isAnswer = (value: unknown): value is InvokeAnswer => {
  const { status, headers, body } = Object(value) as Partial<InvokeAnswer>;
  return typeof status === 'number' && typeof headers === 'object' && typeof body === 'string';
};

/** Text as it is, bytes as base64. @throws INVALID_REQUEST for a body that comes in pieces */
const bodyOf = (body: unknown): object => {
  if (body === undefined || body === null) return {};
  if (typeof body === 'string') return { body };
  if (body instanceof Uint8Array) {
    const { buffer, byteOffset, length } = body;
    const base64 = Buffer.from(buffer, byteOffset, length).toString('base64');
    return { body: base64, isBase64Encoded: true };
  }
  throw new StratalogError(
    'INVALID_REQUEST',
    'A body that is invoked is a string or a Uint8Array.',
  );
};

/** @throws MESSAGE_TOO_LARGE */
const payloadOf = (method: string, url: URL, init: RequestInit): Buffer => {
  const payload = Buffer.from(
    JSON.stringify({
      method,
      path: decodeURIComponent(url.pathname),
      query: Object.fromEntries(url.searchParams),
      headers: Object.fromEntries(new Headers(init.headers)),
      ...bodyOf(init.body),
    }),
  );
  if (payload.length <= MAX_LAMBDA_PAYLOAD_BYTES) return payload;
  throw new StratalogError(
    'MESSAGE_TOO_LARGE',
    `The request takes ${payload.length} bytes as a payload of Lambda, which takes ${MAX_LAMBDA_PAYLOAD_BYTES}. Send fewer records at a time.`,
    { context: { payloadBytes: payload.length, maxPayloadBytes: MAX_LAMBDA_PAYLOAD_BYTES } },
  );
};

/** What a payload says; undefined when that is no JSON. */
const jsonIn = (payload: string | undefined): unknown => {
  try {
    return JSON.parse(payload ?? '');
  } catch {
    return undefined;
  }
};

/** @throws INVALID_CONFIG when it is no answer of a function of ours */
const responseOf = (value: unknown, functionName: string): Response => {
  if (!isAnswer(value)) {
    throw new StratalogError(
      'INVALID_CONFIG',
      `The function ${functionName} does not answer as one of Stratalog's does: is it another one?`,
      { context: { function: functionName }, effect: 'unknown' },
    );
  }
  const { status, headers, body, isBase64Encoded } = value;
  const content = body === '' ? null : Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  return new Response(content, { status, headers });
};

/** The function that the table of routes names; `topics` answers for what is nobody's. */
const functionFor = (method: string, path: string): FunctionName =>
  routesAt(path).find((route) => route.method === method)?.function ?? 'topics';

const invokingFetch = ({ functions, ...options }: InvokingOptions): Fetch => {
  const credentials = credentialsOf(options);
  let connected: Promise<LambdaClient> | undefined;
  // Loaded when it is needed. What is tried again is decided above, where it is known what it may do.
  const connect = async (): Promise<LambdaClient> => {
    const region = await regionOf(options);
    const { LambdaClient } = await import('@aws-sdk/client-lambda');
    return new LambdaClient({ region, credentials, maxAttempts: 1 });
  };

  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const { method = 'GET' } = init;
    const name = functions[functionFor(method, url.pathname)];
    const Payload = payloadOf(method, url, init);
    connected ??= connect();
    const client = await connected;
    const { InvokeCommand } = await import('@aws-sdk/client-lambda');
    const invocation = new InvokeCommand({ FunctionName: name, Payload });
    const { FunctionError, Payload: told } = await client
      .send(invocation, init.signal ? { abortSignal: init.signal } : {})
      .catch(async (cause: unknown) => {
        throw errorOfInvoke(cause, name, await client.config.region());
      });
    const value = jsonIn(told?.transformToString());
    if (FunctionError !== undefined) throw errorOfFunction(value, name);
    return responseOf(value, name);
  };
};

/**
 * A way to a deployed service by Lambda Invoke:
 *
 *   new Stratalog(invoking({ functions: { topics: '…', produce: '…', fetch: '…', commit: '…' } }))
 *
 * `fromStack` looks the names up.
 */
export const invoking = (options: InvokingOptions): Way => {
  const { region = process.env.AWS_REGION } = options;
  return {
    endpoint: `https://lambda.${region ? `${region}.` : ''}amazonaws.com`,
    fetch: invokingFetch(options),
  };
};
