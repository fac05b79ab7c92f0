/**
 * Who may talk to a service without authentication: programs on this machine, and no web page.
 *
 * A browser sends any page's requests to 127.0.0.1, and so any page could write to a log here. Two
 * headers that pages cannot choose tell such requests apart:
 *
 *   Origin   where the page comes from: our own page (`/docs`), or one that `--allow-origin` names
 *   Host     the name that was looked up: pages that had their own name lead here (DNS rebinding) show it
 *
 * Pages that are allowed get CORS headers, the answers to preflights among them
 * (https://fetch.spec.whatwg.org/#http-cors-protocol).
 */
import type { IncomingMessage } from 'node:http';
import { ROUTES } from '../http/routes.ts';
import { StratalogError } from '../model/errors.ts';

/** Names of this machine on its loopback interface. */
const OWN_NAMES: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** What a page may send besides what every page may. */
const REQUEST_HEADERS = 'accept, content-encoding, content-type';
/** What a page may read besides what every page may. */
const EXPOSED_HEADERS = [
  'accept-encoding',
  'allow',
  'content-length',
  'location',
  'retry-after',
  'stratalog-next-offset',
  'stratalog-high-watermark',
  'stratalog-last-stable-offset',
  'stratalog-log-start-offset',
].join(', ');
/** A browser keeps the answer to a preflight this long. */
const PREFLIGHT_MAX_AGE_S = '600';

const METHODS = [...new Set(ROUTES.map(({ method }) => method))].join(', ');

const refused = (message: string, context: Readonly<Record<string, string>>): StratalogError =>
  new StratalogError('CLUSTER_AUTHORIZATION_FAILED', message, { context });

/** The host without its port. */
const nameOf = (host: string): string => host.replace(/:\d*$/, '').toLowerCase();

const isOwnOrigin = (origin: string, host: string): boolean =>
  origin.toLowerCase() === `http://${host.toLowerCase()}`;

/**
 * Checks a request and tells the headers that its answer needs; none for programs.
 * @param allowed origins of other pages, such as `http://localhost:5173`
 * @throws CLUSTER_AUTHORIZATION_FAILED
 */
export const corsHeaders = (
  { headers: { host = '', origin } }: Pick<IncomingMessage, 'headers'>,
  allowed: ReadonlySet<string>,
): Readonly<Record<string, string>> => {
  if (!OWN_NAMES.includes(nameOf(host))) {
    throw refused(
      `The request is for the host ${JSON.stringify(host)}, and this service answers for ${OWN_NAMES.join(', ')} only: a web page may be behind it. Use one of these names.`,
      { host },
    );
  }
  if (origin === undefined || isOwnOrigin(origin, host)) return {};
  if (!allowed.has(origin)) {
    throw refused(
      `A web page of ${JSON.stringify(origin)} sent the request, and none may use this service, which asks nobody who they are. If it is yours, start the service with --allow-origin ${origin}.`,
      { origin },
    );
  }
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': EXPOSED_HEADERS,
    vary: 'origin',
  };
};

/** What a preflight is answered, where the page is allowed. */
export const PREFLIGHT_HEADERS: Readonly<Record<string, string>> = {
  'access-control-allow-methods': METHODS,
  'access-control-allow-headers': REQUEST_HEADERS,
  'access-control-max-age': PREFLIGHT_MAX_AGE_S,
  // Chrome asks for it where a page of the internet goes to this machine.
  'access-control-allow-private-network': 'true',
};

/** Whether a browser asks before it sends the request itself. */
export const isPreflight = ({ method, headers }: IncomingMessage): boolean =>
  method === 'OPTIONS' &&
  headers.origin !== undefined &&
  headers['access-control-request-method'] !== undefined;

/**
 * An origin as browsers write it.
 * @throws INVALID_CONFIG for what is none, such as an address with a path
 */
export const originOf = (text: string): string => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isWeb = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (url !== undefined && isWeb && (text === url.origin || text === `${url.origin}/`)) {
    return url.origin;
  }
  throw new StratalogError(
    'INVALID_CONFIG',
    `${JSON.stringify(text)} is no origin; it is scheme, host and port where that is not the usual one, such as http://localhost:5173.`,
    { context: { origin: text } },
  );
};
