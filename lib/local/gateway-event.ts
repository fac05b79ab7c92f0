/**
 * An HTTP request as API Gateway's HTTP API hands it to a Lambda function (payload 2.0), with its rules:
 *
 * - `rawPath` is percent-decoded, `rawQueryString` is not
 * - repeated headers and query parameters are joined with commas; cookies have a field of their own
 * - a body is text when its media type says so, else base64; text that is no UTF-8 goes as base64 too,
 *   so that the app sees the bytes and refuses them instead of storing replacement characters
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { mediaType } from '../http/body.ts';
import { routesAt } from '../http/routes.ts';
import type { Runtime } from '../model/runtime.ts';

const TEXT = /^(text\/.*|application\/(json|javascript|xml|[\w.-]+\+(json|xml)))$/;

/** Whether API Gateway passes such a body as text. */
export const isTextBody = (request: IncomingMessage): boolean =>
  request.headers['content-encoding'] === undefined &&
  TEXT.test(mediaType(request.headers['content-type'] ?? 'application/json'));

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** `text` split at its first `separator`; the second part is '' when there is none. */
const splitOnce = (text: string, separator: string): readonly [string, string] => {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
};

const joinedQuery = (query: string): Record<string, string> => {
  const parameters = new URLSearchParams(query);
  const names = new Set(parameters.keys());
  return Object.fromEntries([...names].map((name) => [name, parameters.getAll(name).join(',')]));
};

const parametersOf = (template: string, path: string): Record<string, string> => {
  const segments = path.split('/');
  return Object.fromEntries(
    template
      .split('/')
      .flatMap((part, i) => (part.startsWith('{') ? [[part.slice(1, -1), segments[i] ?? '']] : [])),
  );
};

/** The event for `request`, whose body has been read. */
export const gatewayEventOf = (request: IncomingMessage, body: Buffer, runtime: Runtime) => {
  const method = request.method ?? 'GET';
  const [target, rawQueryString] = splitOnce(request.url ?? '/', '?');
  const rawPath = decoded(target);
  const { cookie, ...headers } = Object.fromEntries(
    Object.entries(request.headersDistinct).map(([name, values]) => [
      name,
      values?.join(',') ?? '',
    ]),
  );
  const route = routesAt(rawPath).find((candidate) => candidate.method === method);
  const isBase64Encoded = body.length > 0 && !(isTextBody(request) && isUtf8(body));
  const now = runtime.now();
  return {
    version: '2.0',
    routeKey: route === undefined ? '$default' : `${method} ${route.path}`,
    rawPath,
    rawQueryString,
    ...(cookie === undefined ? {} : { cookies: cookie.split(/; */) }),
    headers,
    ...(rawQueryString === '' ? {} : { queryStringParameters: joinedQuery(rawQueryString) }),
    ...(route?.path.includes('{') ? { pathParameters: parametersOf(route.path, rawPath) } : {}),
    requestContext: {
      accountId: 'local',
      apiId: 'local',
      domainName: headers.host ?? 'localhost',
      domainPrefix: 'localhost',
      http: {
        method,
        path: rawPath,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? '',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: runtime.uuid(),
      routeKey: route === undefined ? '$default' : `${method} ${route.path}`,
      stage: '$default',
      time: new Date(now).toISOString(),
      timeEpoch: now,
    },
    ...(body.length === 0 ? {} : { body: body.toString(isBase64Encoded ? 'base64' : 'utf8') }),
    isBase64Encoded,
  };
};
