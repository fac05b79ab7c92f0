/**
 * One request, sent in every way that the functions take: as an event of either API Gateway, as an Invoke
 * payload, and over the local server's socket. All work on the broker of one local stack.
 */
import { request as httpRequest } from 'node:http';
import { handler as commitHandler } from '../../functions/commit.ts';
import { handler as fetchHandler } from '../../functions/fetch.ts';
import { handler as produceHandler } from '../../functions/produce.ts';
import { handler as topicsHandler } from '../../functions/topics.ts';
import { routesAt } from '../../lib/http/routes.ts';

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly json: any;
}

export type Surface = (request: Request) => Promise<Reply>;

const HANDLERS = {
  topics: topicsHandler,
  produce: produceHandler,
  fetch: fetchHandler,
  commit: commitHandler,
};
const CONTEXT = { awsRequestId: 'test' };

const routeOf = ({ method, path }: Request) =>
  routesAt(path).find((route) => route.method === method);

const handlerFor = (request: Request) => HANDLERS[routeOf(request)?.function ?? 'topics'];

/** What a gateway tells of the route that it chose, by its name for the parameters' values. */
const parametersOf = (request: Request) => {
  const segments = request.path.split('/');
  const parts = routeOf(request)?.path.split('/') ?? [];
  return Object.fromEntries(
    parts.flatMap((part, i) => (part.startsWith('{') ? [[part.slice(1, -1), segments[i]]] : [])),
  );
};

const reply = (status: number, headers: Reply['headers'], body: Buffer): Reply => ({
  status,
  headers,
  body,
  get json() {
    return JSON.parse(body.toString());
  },
});

interface Answer {
  readonly status?: number;
  readonly statusCode?: number;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

const replyOf = (answer: unknown): Reply => {
  const { status, statusCode, headers, body, isBase64Encoded } = answer as Answer;
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  return reply((status ?? statusCode)!, headers, bytes);
};

/** Bytes go as base64, strings as they are. */
const bodyOf = (body: Request['body']) =>
  body === undefined
    ? {}
    : typeof body === 'string'
      ? { body, isBase64Encoded: false }
      : { body: Buffer.from(body).toString('base64'), isBase64Encoded: true };

export const viaGateway: Surface = async (request) =>
  replyOf(
    await handlerFor(request)(
      {
        version: '2.0',
        routeKey: routeOf(request) ? `${request.method} ${routeOf(request)?.path}` : '$default',
        pathParameters: parametersOf(request),
        rawPath: request.path,
        rawQueryString: request.query ?? '',
        headers: request.headers ?? {},
        requestContext: { stage: '$default', http: { method: request.method } },
        isBase64Encoded: false,
        ...bodyOf(request.body),
      },
      CONTEXT,
    ),
  );

/** As a REST API has it: values by name, decoded, and null for what is not there. */
export const viaRest: Surface = async (request) => {
  const query = new URLSearchParams(request.query);
  const listed = (entries: Iterable<[string, string]>) => {
    const values: Record<string, string[]> = Object.create(null);
    for (const [name, value] of entries) values[name] = [...(values[name] ?? []), value];
    return Object.keys(values).length === 0 ? null : { ...values };
  };
  return replyOf(
    await handlerFor(request)(
      {
        resource: routeOf(request)?.path ?? request.path,
        path: request.path,
        httpMethod: request.method,
        headers: null,
        multiValueHeaders: listed(Object.entries(request.headers ?? {})),
        queryStringParameters: null,
        multiValueQueryStringParameters: listed(query),
        pathParameters: parametersOf(request),
        requestContext: { stage: 'prod', requestId: 'r', identity: { userArn: null } },
        body: null,
        isBase64Encoded: false,
        ...bodyOf(request.body),
      },
      CONTEXT,
    ),
  );
};

export const viaInvoke: Surface = async (request) =>
  replyOf(
    await handlerFor(request)(
      {
        method: request.method,
        path: request.path,
        ...(request.query === undefined
          ? {}
          : { query: Object.fromEntries(new URLSearchParams(request.query)) }),
        headers: request.headers ?? {},
        ...bodyOf(request.body),
      },
      CONTEXT,
    ),
  );

/** By a socket, with the path as it is written: `fetch` would tidy it up. */
export const viaServer =
  (port: number): Surface =>
  ({ method, path, query, headers = {}, body }) =>
    new Promise((resolve, reject) => {
      const sent = httpRequest(
        {
          host: '127.0.0.1',
          port,
          method,
          path: query === undefined ? path : `${path}?${query}`,
          headers: {
            ...headers,
            ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () =>
            resolve(reply(response.statusCode!, response.headers, Buffer.concat(chunks))),
          );
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });

/** Name and way; the port is known once the stack runs. */
export const surfaces = (port: () => number): readonly (readonly [string, Surface])[] => [
  ['an API Gateway event', viaGateway],
  ['an Invoke payload', viaInvoke],
  ['the local server', (request) => viaServer(port())(request)],
  ['an event of a REST API', viaRest],
];

export const json = (value: unknown): Pick<Request, 'headers' | 'body'> => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});
