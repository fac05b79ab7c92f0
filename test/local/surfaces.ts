/**
 * One request, sent in the three ways that the functions take: as an API Gateway event, as an Invoke
 * payload, and over the local server's socket. All three work on the broker of one local stack.
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

const handlerFor = ({ method, path }: Request) =>
  HANDLERS[routesAt(path).find((route) => route.method === method)?.function ?? 'topics'];

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

const viaGateway: Surface = async (request) =>
  replyOf(
    await handlerFor(request)(
      {
        version: '2.0',
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

const viaInvoke: Surface = async (request) =>
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
];

export const json = (value: unknown): Pick<Request, 'headers' | 'body'> => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});
