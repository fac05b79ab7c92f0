/** The deployed log as the tests reach it: by its API, signed, and by Invoke; nothing else. */
import {
  CloudFormationClient,
  DescribeStacksCommand,
  type Output,
} from '@aws-sdk/client-cloudformation';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { type Credentials, signedFetch } from '../../lib/client/aws/index.ts';
import { routesAt } from '../../lib/http/routes.ts';
import { type Message, Stratalog } from '../../lib/index.ts';
import { systemRuntime } from '../../lib/model/runtime.ts';
import type { Reply, Request, Surface } from '../local/surfaces.ts';
import { currentStage } from './stage.ts';

/** What a stack tells, by key; nothing when there is no such stack. */
export const outputsOf = async (stack: string): Promise<Readonly<Record<string, string>>> => {
  const cloudFormation = new CloudFormationClient({});
  const { Stacks = [] } = await cloudFormation.send(
    new DescribeStacksCommand({ StackName: stack }),
  );
  const entry = ({ OutputKey, OutputValue }: Output) => [OutputKey ?? '', OutputValue ?? ''];
  return Object.fromEntries((Stacks[0]?.Outputs ?? []).map(entry));
};

const reply = (status: number, headers: Reply['headers'], body: Buffer): Reply => ({
  status,
  headers,
  body,
  get json() {
    return JSON.parse(body.toString());
  },
});

const targetOf = ({ path, query }: Request): string =>
  query === undefined ? path : `${path}?${query}`;

/** A request as it is given, by HTTP. */
export const byHttp =
  (endpoint: string, send: typeof fetch): Surface =>
  async (request) => {
    const { method, headers = {}, body } = request;
    const response = await send(`${endpoint}${targetOf(request)}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: body as string | Uint8Array<ArrayBuffer> }),
    });
    const told = Object.fromEntries(response.headers);
    return reply(response.status, told, Buffer.from(await response.arrayBuffer()));
  };

/** A request as it is given, as the payload of the function that serves it. */
export const byInvoke = (
  outputs: Readonly<Record<string, string>>,
  credentials?: Credentials,
): Surface => {
  const lambda = new LambdaClient(credentials === undefined ? {} : { credentials });
  return async ({ method, path, query, headers = {}, body }) => {
    const route = routesAt(path).find((one) => one.method === method);
    const name = route?.function ?? 'topics';
    const payload = {
      method,
      path,
      headers,
      ...(query === undefined ? {} : { query: Object.fromEntries(new URLSearchParams(query)) }),
      ...(body === undefined
        ? {}
        : typeof body === 'string'
          ? { body, isBase64Encoded: false }
          : { body: Buffer.from(body).toString('base64'), isBase64Encoded: true }),
    };
    const key = `Log${name.charAt(0).toUpperCase()}${name.slice(1)}Function`;
    const { Payload, FunctionError } = await lambda.send(
      new InvokeCommand({ FunctionName: outputs[key], Payload: JSON.stringify(payload) }),
    );
    const answer = JSON.parse(Buffer.from(Payload ?? []).toString());
    if (FunctionError !== undefined) throw new Error(`${FunctionError}: ${JSON.stringify(answer)}`);
    const bytes = Buffer.from(answer.body, answer.isBase64Encoded ? 'base64' : 'utf8');
    return reply(answer.status, answer.headers, bytes);
  };
};

export interface Deployed {
  readonly endpoint: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly request: Surface;
  readonly invoke: Surface;
  /** The SDK, signing as whoever runs the tests or as somebody else. */
  as(credentials?: Credentials): Stratalog;
  /** The name of a new topic that nobody else uses. */
  newTopic(partitions?: number, configs?: Readonly<Record<string, string>>): Promise<string>;
  readAll(topic: string): Promise<readonly Message[]>;
}

/** A name that no other test uses. */
export const newName = (): string => `t-${systemRuntime.uuid()}`;

/** The log of the app. @throws when it is not deployed */
export const deployed = async (stack = currentStage().stack): Promise<Deployed> => {
  const outputs = await outputsOf(stack);
  const endpoint = outputs.LogApiEndpoint;
  if (endpoint === undefined) throw new Error(`the stack ${stack} tells no LogApiEndpoint`);
  const as: Deployed['as'] = (credentials) =>
    new Stratalog({ endpoint, fetch: signedFetch({ credentials }) });
  return {
    endpoint,
    outputs,
    request: byHttp(endpoint, signedFetch()),
    invoke: byInvoke(outputs),
    as,
    newTopic: async (partitions = 1, configs = {}) => {
      const name = newName();
      await as().admin().createTopic({ name, partitions, configs });
      return name;
    },
    readAll: async (topic) => {
      const found: Message[] = [];
      for await (const message of as().reader({ topic, until: 'end' })) found.push(message);
      return found;
    },
  };
};
