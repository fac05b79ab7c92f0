/**
 * HTTP in front of the functions, as API Gateway would be: every request becomes an event, the
 * function that the routes name handles it, and what it returns becomes the answer. So what runs here
 * is what is deployed, limits included.
 *
 *   socket → whose page? → read the body (bounded) → event → functions/*.handler → answer
 *              └ 403        └ too large: 413 at once, the rest is thrown away unread
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { handler as commitHandler } from '../../functions/commit.ts';
import { handler as fetchHandler } from '../../functions/fetch.ts';
import { handler as produceHandler } from '../../functions/produce.ts';
import { handler as topicsHandler } from '../../functions/topics.ts';
import { bodyTooLarge } from '../http/events/request.ts';
import { base64Bytes, MAX_ENCODED_BODY_BYTES } from '../http/payload.ts';
import { PROBLEM_TYPE, problemOf, tellCause, unforeseen } from '../http/problem.ts';
import { type FunctionName, routesAt } from '../http/routes.ts';
import { StratalogError } from '../model/errors.ts';
import type { Runtime } from '../model/runtime.ts';
import { gatewayEventOf, isTextBody } from './gateway-event.ts';
import { corsHeaders, isPreflight, PREFLIGHT_HEADERS } from './origin.ts';

/** How long a drain waits for answers under way before it cuts them off, ms. */
const DRAIN_TIMEOUT_MS = 10_000;

/** Connections that become idle while draining are closed this often, ms. */
const CLOSE_IDLE_EVERY_MS = 50;

const HANDLERS = {
  topics: topicsHandler,
  produce: produceHandler,
  fetch: fetchHandler,
  commit: commitHandler,
} as const satisfies Record<FunctionName, unknown>;

/** What a function returns for a gateway event. */
interface GatewayAnswer {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

export interface HttpOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly host: string;
  readonly runtime: Runtime;
  /** Web pages that may use the service besides its own. Default: none. */
  readonly allowedOrigins?: ReadonlySet<string>;
}

const NO_ORIGINS: ReadonlySet<string> = new Set();

export interface LocalHttp {
  readonly port: number;
  /** Stops accepting, lets what is under way finish (waiting fetches answer at once), closes. */
  close(): Promise<void>;
}

/** The body. @throws MESSAGE_TOO_LARGE as soon as it is sure not to fit an event */
const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const isText = isTextBody(request);
  const refuseBeyond = (size: number) => {
    const encodedBytes = isText ? size : base64Bytes(size);
    if (encodedBytes > MAX_ENCODED_BODY_BYTES) throw bodyTooLarge(encodedBytes, !isText);
  };
  refuseBeyond(Number(request.headers['content-length'] ?? 0));
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    refuseBeyond(size);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size);
};

const send = (
  response: ServerResponse,
  { statusCode, headers, body, isBase64Encoded }: GatewayAnswer,
) => {
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  response.writeHead(
    statusCode,
    // An answer to HEAD brings the length of what GET would have sent.
    statusCode === 204 ? headers : { 'content-length': String(bytes.length), ...headers },
  );
  response.end(bytes);
};

const problemAnswer = (error: StratalogError): GatewayAnswer => ({
  statusCode: problemOf(error).status,
  headers: { 'content-type': PROBLEM_TYPE },
  body: JSON.stringify(problemOf(error)),
  isBase64Encoded: false,
});

/** The function that answers for this path and method; topics answers for what is nobody's. */
const functionOf = (method: string | undefined, path: string): FunctionName =>
  routesAt(path).find((route) => route.method === (method === 'HEAD' ? 'GET' : method))?.function ??
  'topics';

const answer = async (
  request: IncomingMessage,
  response: ServerResponse,
  { runtime, allowedOrigins = NO_ORIGINS }: HttpOptions,
  signal: AbortSignal,
): Promise<void> => {
  for (const [name, value] of Object.entries(corsHeaders(request, allowedOrigins))) {
    response.setHeader(name, value);
  }
  if (isPreflight(request)) {
    response.writeHead(204, PREFLIGHT_HEADERS).end();
    return;
  }
  const body = await readBody(request);
  const event = gatewayEventOf(request, body, runtime);
  const context = { awsRequestId: event.requestContext.requestId, signal };
  const handler = HANDLERS[functionOf(request.method, event.rawPath)];
  send(response, (await handler(event, context)) as GatewayAnswer);
};

const listen = (server: Server, port: number, host: string): Promise<AddressInfo> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason =
        error.code === 'EADDRINUSE'
          ? `Port ${port} is in use. Stop what listens there, or choose another with --http-port.`
          : error.code === 'EACCES'
            ? `This user may not listen on port ${port}. Choose one above 1023 with --http-port.`
            : `Cannot listen on ${host}:${port}: ${error.message}`;
      reject(new StratalogError('INVALID_CONFIG', reason, { context: { port }, cause: error }));
    });
    server.listen(port, host, () => resolve(server.address() as AddressInfo));
  });

/** Listens on `host`:`port`. @throws INVALID_CONFIG when it cannot */
export const serveHttp = async (options: HttpOptions): Promise<LocalHttp> => {
  const { port, host, runtime } = options;
  const waiting = new Map<ServerResponse, AbortController>();
  let draining = false;
  const server = createServer((request, response) => {
    const gone = new AbortController();
    waiting.set(response, gone);
    response.once('close', () => {
      waiting.delete(response);
      if (!response.writableFinished) gone.abort();
    });
    if (draining) {
      response.setHeader('connection', 'close');
      gone.abort();
    }
    answer(request, response, options, gone.signal).catch((error: unknown) => {
      if (response.headersSent || (request.destroyed && !request.complete)) {
        response.destroy();
        return;
      }
      // What is still to come of a refused body is thrown away unread.
      if (!request.complete) response.setHeader('connection', 'close');
      const told = unforeseen(error, 'local');
      tellCause(told, 'local');
      send(response, problemAnswer(told));
      request.resume();
    });
  });
  const address = await listen(server, port, host);
  return {
    port: address.port,
    close: async () => {
      draining = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const [response, controller] of waiting) {
        if (!response.headersSent) response.setHeader('connection', 'close');
        controller.abort();
      }
      const stopClosing = runtime.every(CLOSE_IDLE_EVERY_MS, () => server.closeIdleConnections());
      const deadline = new AbortController();
      await Promise.race([closed, runtime.sleep(DRAIN_TIMEOUT_MS, deadline.signal)]);
      deadline.abort();
      stopClosing();
      server.closeAllConnections();
      await closed;
    },
  };
};
