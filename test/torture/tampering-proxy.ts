/**
 * Stands between the clients and a service, passes everything on, and lies: what a service with a fault
 * would tell. The clients' history must then be found wrong.
 *
 *   client ─── request ──▶ proxy ──▶ service
 *          ◀── answer ────       ◀──                 a lie: another request, or another answer
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BATCHES_MEDIA_TYPE } from '../../lib/record/frames.ts';

export interface Request {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

/** Passes a request on to the service. */
export type Forward = (request: Request) => Promise<Reply>;

/** Answers a request its own way; undefined: this one is passed on as it is. */
export type Lie = (request: Request, forward: Forward) => Promise<Reply> | undefined;

export const jsonReply = (body: unknown, status = 200): Reply => ({
  status,
  contentType: 'application/json',
  body: Buffer.from(JSON.stringify(body)),
});

/** Plain JSON records, which are sent once. */
export const isPlainSend = ({ method, path, headers }: Request): boolean =>
  method === 'POST' && path.endsWith('/records') && headers['content-type'] !== BATCHES_MEDIA_TYPE;

export const isFetch = ({ path }: Request): boolean => path.endsWith('/fetch');

const PASSED_ON = ['content-type', 'accept'] as const;

const requestOf = async (incoming: IncomingMessage): Promise<Request> => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const headers = PASSED_ON.flatMap((name) => {
    const value = incoming.headers[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    method: incoming.method ?? 'GET',
    path: incoming.url ?? '/',
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks),
  };
};

export interface Proxy {
  readonly url: string;
  close(): Promise<void>;
}

/** In front of the service at `target`. */
export const startProxy = async (target: string, lie: Lie): Promise<Proxy> => {
  const forward: Forward = async ({ method, path, headers, body }) => {
    const hasBody = body.length > 0;
    const init = { method, headers, ...(hasBody && { body: new Uint8Array(body) }) };
    const response = await fetch(`${target}${path}`, init);
    return {
      status: response.status,
      contentType: response.headers.get('content-type') ?? '',
      body: Buffer.from(await response.arrayBuffer()),
    };
  };
  const server = createServer((incoming, outgoing) => {
    const answer = async () => {
      const request = await requestOf(incoming);
      const { status, contentType, body } = await (lie(request, forward) ?? forward(request));
      outgoing.writeHead(status, { 'content-type': contentType }).end(body);
    };
    // As a service that fails: no answer at all.
    answer().catch(() => outgoing.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
