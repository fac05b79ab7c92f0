/**
 * An HTTP server that answers as DynamoDB might: what it says to each call is the test's.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { type Runtime, systemRuntime } from '../../lib/model/runtime.ts';
import { dynamoClient } from '../../lib/storage/aws/clients.ts';
import { dynamoItems } from '../../lib/storage/aws/dynamo-items.ts';
import type { ItemStore } from '../../lib/storage/ports.ts';

export type Answer =
  | { readonly status?: number; readonly body: unknown }
  /** Anything else that a socket can do. */
  | ((response: ServerResponse, request: IncomingMessage) => void);

/** DynamoDB's error of this name. */
export const failure = (name: string, status = 400, more: object = {}): Answer => ({
  status,
  body: { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: `said ${name}`, ...more },
});

export interface Call {
  /** `UpdateItem`, … */
  readonly verb: string;
  // biome-ignore lint/suspicious/noExplicitAny: requests in DynamoDB's JSON, as the tests read them
  readonly input: any;
}

export interface ScriptedDynamo {
  readonly items: ItemStore;
  readonly endpoint: string;
  /** All calls so far. */
  readonly calls: readonly Call[];
}

/** For whom time runs twenty times as fast: who gives up does so soon. */
const impatient: Runtime = {
  ...systemRuntime,
  sleep: (delayMs, signal) => systemRuntime.sleep(delayMs / 20, signal),
  monotonicMs: () => systemRuntime.monotonicMs() * 20,
};

/** One for the test that runs. `script` is asked at each call. */
export const scriptedDynamo = async (
  script: (call: Call, n: number) => Answer,
): Promise<ScriptedDynamo> => {
  const calls: Call[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const verb = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    const call = { verb, input: JSON.parse(Buffer.concat(chunks).toString()) };
    calls.push(call);
    const answer = script(call, calls.length);
    if (typeof answer === 'function') return answer(response, request);
    const body = JSON.stringify(answer.body);
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a port was asked for');
  const endpoint = `http://127.0.0.1:${address.port}`;
  const client = dynamoClient({
    endpoint,
    region: 'eu-north-1',
    credentials: { accessKeyId: 'anybody', secretAccessKey: 'anything' },
  });
  onTestFinished(() => {
    client.destroy();
    server.closeAllConnections();
    server.close();
  });
  return {
    items: dynamoItems({ client, table: 'the-table', runtime: impatient }),
    endpoint,
    calls,
  };
};
