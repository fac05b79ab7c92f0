/**
 * Lambda's Invoke API on loopback, with the project's own functions behind it:
 *
 *   POST /2015-03-31/functions/NAME/invocations ─▶ handler(JSON) ─▶ its answer, or X-Amz-Function-Error
 *
 * Functions are named `log-topics`, `log-produce`, … Payloads have Lambda's limits, and signatures are checked.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { handler as commit } from '../../functions/commit.ts';
import { handler as fetchRecords } from '../../functions/fetch.ts';
import { handler as produce } from '../../functions/produce.ts';
import { handler as topics } from '../../functions/topics.ts';
import type { Functions } from '../../lib/client/aws/invoking.ts';
import { MAX_LAMBDA_PAYLOAD_BYTES } from '../../lib/model/limits.ts';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { arrivedOf, KEY, SECRET } from './iam-gateway.ts';
import { verified } from './sigv4.ts';

/** As a stack names them. */
export const FUNCTIONS: Functions = {
  topics: 'log-topics',
  produce: 'log-produce',
  fetch: 'log-fetch',
  commit: 'log-commit',
};

const HANDLERS: Readonly<Record<string, (event: unknown, context: never) => Promise<unknown>>> = {
  'log-topics': topics,
  'log-produce': produce,
  'log-fetch': fetchRecords,
  'log-commit': commit,
};

/** What Lambda does instead of running the function, or of passing its answer on. */
export type LambdaMishap =
  /** Refused by Lambda itself, with this status. */
  | { readonly exception: string; readonly status: number; readonly message?: string }
  /** It did its work, and then ended without an answer. */
  | { readonly functionError: object }
  /** It did its work and answered this. */
  | { readonly answer: unknown }
  | 'break'
  | 'hang';

/** One call of a function. */
export interface Invocation {
  readonly functionName: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly payloadBytes: number;
}

export interface LambdaApi {
  readonly url: string;
  readonly invocations: readonly Invocation[];
  close(): Promise<void>;
}

/** Listens on loopback, for signatures of `region`. The functions use the broker that was provided to them. */
export const startLambdaApi = async (
  region: string,
  mishapOf: (invocation: Invocation) => LambdaMishap | undefined = () => undefined,
): Promise<LambdaApi> => {
  const invocations: Invocation[] = [];
  const keys = { [KEY]: { secretAccessKey: SECRET } };
  const server = createServer(async (request, response) => {
    const arrived = await arrivedOf(request);
    const refuse = (status: number, exception: string, message: string) => {
      response.writeHead(status, {
        'content-type': 'application/json',
        'x-amzn-errortype': exception,
      });
      response.end(JSON.stringify({ Type: 'User', Message: message, message }));
    };
    const { refusal } = verified(arrived, keys, { region, service: 'lambda' }, systemRuntime.now());
    if (refusal !== undefined) return refuse(403, 'UnrecognizedClientException', refusal);
    const [, name = ''] =
      /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(arrived.target) ?? [];
    const functionName = decodeURIComponent(name);
    const handler = HANDLERS[functionName];
    if (handler === undefined) {
      const arn = `arn:aws:lambda:${region}:123456789012:function:${functionName}`;
      return refuse(404, 'ResourceNotFoundException', `Function not found: ${arn}`);
    }
    const payloadBytes = arrived.body.length;
    if (payloadBytes > MAX_LAMBDA_PAYLOAD_BYTES) {
      return refuse(413, 'RequestTooLargeException', `Request must be smaller than 6291556 bytes`);
    }
    const payload = JSON.parse(Buffer.from(arrived.body).toString());
    const invocation = { functionName, payload, payloadBytes };
    invocations.push(invocation);
    const mishap = mishapOf(invocation);
    if (mishap === 'hang') return;
    if (mishap === 'break') return request.socket.destroy();
    if (mishap !== undefined && 'exception' in mishap) {
      return refuse(mishap.status, mishap.exception, mishap.message ?? 'as asked for');
    }
    const context = { awsRequestId: `request-${invocations.length}` };
    const answer = await handler(payload, context as never);
    if (mishap !== undefined && 'functionError' in mishap) {
      response.setHeader('x-amz-function-error', 'Unhandled');
      response.end(JSON.stringify(mishap.functionError));
    } else response.end(JSON.stringify(mishap === undefined ? answer : mishap.answer) ?? 'no JSON');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    invocations,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};
