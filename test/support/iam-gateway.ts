/**
 * A service behind IAM: a gateway that lets nobody in whose signature it cannot compute itself, and
 * nobody whose policies do not name the path.
 *
 *   client ──▶ gateway (signature, policy) ──▶ local service
 *                └ 403 {"message": …}
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Arrived, type Secret, type Verdict, verified } from './sigv4.ts';

export const KEY = 'AKIDEXAMPLE';
export const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';

/** What it knows and how it behaves. */
export interface GatewayOptions {
  /** Where requests go that may pass. */
  readonly service?: () => string;
  readonly keys?: Readonly<Record<string, Secret>>;
  /** What signatures must be for. Default: `execute-api` in `eu-central-1`. */
  readonly scope?: { readonly region: string; readonly service: string };
  /** Its clock, ms. */
  readonly now: () => number;
  /** Whether a policy of the key allows `POST/topics/orders/records`. Default: all. */
  readonly allows?: (accessKeyId: string, resource: string) => boolean;
  /** Whether a refusal says why, as REST APIs do, or not, as HTTP APIs do. */
  readonly saysWhy?: boolean;
}

export interface IamGateway {
  readonly url: string;
  /** What came, and what was thought of it, in order. */
  readonly seen: readonly { readonly arrived: Arrived; readonly verdict: Verdict }[];
  close(): Promise<void>;
}

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

/** A request as it arrived, read to its end. */
export const arrivedOf = async (request: IncomingMessage): Promise<Arrived> => {
  const { rawHeaders, method = '', url: target = '' } = request;
  const headers = rawHeaders.flatMap((name, i) =>
    i % 2 === 0 ? [[name, rawHeaders[i + 1] ?? ''] as const] : [],
  );
  return { method, target, headers, body: await bodyOf(request) };
};

/** Passed on are what the service reads. */
const PASSED = ['content-type', 'accept'];

const forward = async (base: string, arrived: Arrived, response: ServerResponse) => {
  const { method, target, headers, body } = arrived;
  const answer = await fetch(`${base}${target}`, {
    method,
    headers: headers.filter(([name]) => PASSED.includes(name.toLowerCase())) as [string, string][],
    ...(method === 'GET' ? {} : { body: new Uint8Array(body) }),
  });
  const bytes = new Uint8Array(await answer.arrayBuffer());
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
  response.end(bytes);
};

/** Listens on loopback. */
export const startIamGateway = async (options: GatewayOptions): Promise<IamGateway> => {
  const {
    keys = { [KEY]: { secretAccessKey: SECRET } },
    scope = { region: 'eu-central-1', service: 'execute-api' },
    allows = () => true,
    saysWhy = false,
    now,
  } = options;
  const seen: { arrived: Arrived; verdict: Verdict }[] = [];
  const judge = (arrived: Arrived): Verdict => {
    const verdict = verified(arrived, keys, scope, now());
    if (verdict.refusal !== undefined) return verdict;
    const resource = `${arrived.method}${arrived.target.split('?')[0]}`;
    return allows(verdict.accessKeyId, resource)
      ? verdict
      : {
          refusal: `User: arn:aws:iam::123456789012:user/${verdict.accessKeyId} is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:${scope.region}:********9012:api/prod/${resource}`,
        };
  };
  const server = createServer(async (request, response) => {
    const arrived = await arrivedOf(request);
    const verdict = judge(arrived);
    seen.push({ arrived, verdict });
    response.setHeader('date', new Date(now()).toUTCString());
    if (verdict.refusal === undefined && options.service !== undefined) {
      await forward(options.service(), arrived, response);
      return;
    }
    const status = verdict.refusal === undefined ? 200 : 403;
    const message = verdict.refusal === undefined || saysWhy ? verdict.refusal : 'Forbidden';
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ message }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};
