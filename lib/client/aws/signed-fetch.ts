/**
 * A `fetch` that signs what it sends (AWS Signature Version 4), for a service behind IAM:
 *
 *   new Stratalog({ endpoint, fetch: signedFetch() })
 *
 * A request that was refused is sent once more when the clock was wrong: nothing came of the first.
 */
import { Sha256Node } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import { StratalogError } from '../../model/errors.ts';
import { type Runtime, systemRuntime } from '../../model/runtime.ts';
import { SIGNED_AS_HEADER } from '../gateway.ts';
import { type AwsOptions, credentialsOf, regionOf } from './credentials.ts';
import { type SigningScope, scopeOfHost } from './scope.ts';

type Fetch = typeof globalThis.fetch;

/** Who signs, and for what. */
export interface SigningOptions extends AwsOptions {
  /** What the endpoint's host does not tell. Default: `execute-api`. */
  readonly service?: string | undefined;
  /** What signed requests go through. Default: the platform's `fetch`. */
  readonly fetch?: Fetch;
  /** Clock. Default: the process's own. */
  readonly runtime?: Pick<Runtime, 'now'>;
}

/** AWS takes a signature that is five minutes old; a clock further off than this is worth correcting, ms. */
const TOLERATED_SKEW_MS = 4 * 60 * 1000;

const PROBLEM = /^application\/problem\+json/;

/** A request whose body can be hashed. */
interface Outgoing {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: string | Uint8Array | undefined;
  /** What else it was told. */
  readonly rest: RequestInit;
}

const outgoing = async (input: Parameters<Fetch>[0], init: RequestInit = {}): Promise<Outgoing> => {
  const body = init.body ?? undefined;
  const isAtHand = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
  if (!(input instanceof Request) && isAtHand) {
    const { method = 'GET' } = init;
    const headers = new Headers(init.headers);
    // What `fetch` would say of text by itself would not be signed.
    if (typeof body === 'string' && !headers.has('content-type')) {
      headers.set('content-type', 'text/plain;charset=UTF-8');
    }
    return { url: new URL(input), method, headers, body, rest: init };
  }
  const request = new Request(input, init);
  const { method, headers, signal, redirect } = request;
  const bytes = request.body === null ? undefined : new Uint8Array(await request.arrayBuffer());
  return { url: new URL(request.url), method, headers, body: bytes, rest: { signal, redirect } };
};

/** RFC 3986, as AWS writes queries. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** Spaces as `%20`, so that nobody on the way has to know what a `+` stands for. */
const rewriteQuery = (url: URL): Record<string, string[]> => {
  const query: Record<string, string[]> = {};
  const pairs: string[] = [];
  for (const [name, value] of url.searchParams) {
    query[name] = [...(query[name] ?? []), value];
    pairs.push(`${encoded(name)}=${encoded(value)}`);
  }
  url.search = pairs.join('&');
  return query;
};

/** Refused by what stands before the service, which tells a problem. */
const isRefusal = ({ status, headers }: Response): boolean =>
  (status === 403 || status === 401) && !PROBLEM.test(headers.get('content-type') ?? '');

/** The refusal, and beside it who was refused. */
const refusalWith = async (response: Response, signedAs: string): Promise<Response> => {
  const { status } = response;
  const headers = new Headers({ [SIGNED_AS_HEADER]: signedAs });
  for (const name of ['content-type', 'date', 'x-amzn-errortype', 'x-amzn-requestid']) {
    const value = response.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  return new Response(await response.text(), { status, headers });
};

/**
 * Signs as whoever the options name, for the region and the service that the address names.
 *
 * It rejects with SASL_AUTHENTICATION_FAILED when there are no credentials, and with INVALID_CONFIG
 * when no region can be told or a profile is not there; then nothing was sent.
 */
export const signedFetch = (options: SigningOptions = {}): Fetch => {
  const { service = 'execute-api', runtime = systemRuntime } = options;
  const send: Fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  const credentials = credentialsOf(options);
  let region: Promise<string> | undefined;
  /** What to add to our clock to have theirs. */
  let clockOffsetMs = 0;

  const scopeOf = async ({ hostname }: URL): Promise<SigningScope> => {
    const told = scopeOfHost(hostname);
    if (told !== undefined && options.region && options.region !== told.region) {
      throw new StratalogError(
        'INVALID_CONFIG',
        `${hostname} is in ${told.region}, and the region given is ${options.region}: give none, or the right one.`,
        { context: { region: options.region, regionOfEndpoint: told.region } },
      );
    }
    if (told !== undefined) return told;
    region ??= regionOf(options);
    return { region: await region, service };
  };

  return async (input, init) => {
    const { url, method, headers, body, rest } = await outgoing(input, init);
    const scope = await scopeOf(url);
    const query = rewriteQuery(url);
    const identity = await credentials();
    const signer = new SignatureV4({ credentials: identity, sha256: Sha256Node, ...scope });
    const sendSignedAt = async (timeMs: number): Promise<Response> => {
      const { protocol, hostname, host, pathname: path } = url;
      const plain = { ...Object.fromEntries(headers), host };
      const { headers: signed } = await signer.sign(
        { method, protocol, hostname, path, query, headers: plain, body },
        { signingDate: new Date(timeMs) },
      );
      // Written by the platform itself.
      delete signed.host;
      const content = (body ?? null) as NonNullable<RequestInit['body']> | null;
      return send(url, { ...rest, method, headers: signed, body: content });
    };
    for (let isLast = false; ; isLast = true) {
      const offsetMs = clockOffsetMs;
      const response = await sendSignedAt(runtime.now() + offsetMs);
      if (!isRefusal(response)) return response;
      const foundMs = Date.parse(response.headers.get('date') ?? '') - runtime.now();
      if (isLast || !(Math.abs(foundMs - offsetMs) > TOLERATED_SKEW_MS)) {
        const { accessKeyId } = identity;
        return refusalWith(response, `${accessKeyId} for ${scope.service} in ${scope.region}`);
      }
      clockOffsetMs = foundMs;
      response.body?.cancel().catch(() => {});
    }
  };
};
