/**
 * From a Lambda event to a Request and back, for the two shapes that the functions take:
 *
 *   API Gateway HTTP API, payload 2.0 (and Function URLs, which send the same)
 *     {version: '2.0', rawPath, rawQueryString, headers, cookies, body, isBase64Encoded, requestContext}
 *     → {statusCode, headers, body, isBase64Encoded}
 *   plain Invoke
 *     {method, path, query?, headers?, body?: any JSON value or string, isBase64Encoded?}
 *     → {status, headers, body, isBase64Encoded}
 *
 * A further shape, such as REST's payload 1.0, is one more entry of `SHAPES`.
 *
 * This is ours and not `hono/aws-lambda` because that one is deprecated without a successor on the
 * registry, answers damaged base64 with a bare 500, spends 100 ms on the base64 of a megabyte, and
 * lets URL parsing rewrite the path after API Gateway has authorised it.
 */
import * as z from 'zod';
import { StratalogError } from '../model/errors.ts';
import { type HttpApp, refusal } from './app.ts';
import { bytesOfGiven, EventRequest, type Given, givenOf } from './at-hand.ts';
import { refuseDeepNesting } from './nesting.ts';
import {
  escapedBytes,
  fitsEscaped,
  MAX_BINARY_BODY_BYTES,
  MAX_ENCODED_BODY_BYTES,
} from './payload.ts';
import { ProtocolError, problemResponse, unforeseen } from './problem.ts';
import { parse } from './validate.ts';

/** What the functions use of Lambda's context. */
export interface InvocationContext {
  readonly awsRequestId: string;
  /** Aborts when the caller has gone; Lambda has no such thing, the local server does. */
  readonly signal?: AbortSignal;
}

/** A request in no particular shape. */
interface Incoming {
  readonly method: string;
  readonly path: string;
  /** Percent-encoded, without the question mark. */
  readonly query: string;
  readonly headers: Headers;
  readonly body: Body | undefined;
}

interface Body {
  readonly text: string;
  readonly isBase64: boolean;
}

interface Shape {
  matches(event: Readonly<Record<string, unknown>>): boolean;
  read(event: unknown): Incoming;
  answer(
    status: number,
    headers: Record<string, string>,
    body: string,
    isBase64Encoded: boolean,
  ): unknown;
}

const headerValues = z.record(z.string(), z.string().optional());

const headersOf = (values: z.infer<typeof headerValues> = {}): Headers => {
  const headers = new Headers();
  for (const [name, value] of Object.entries(values)) {
    try {
      if (value !== undefined) headers.set(name, value);
    } catch {
      throw new StratalogError(
        'INVALID_REQUEST',
        `The header ${JSON.stringify(name)} is not legal in HTTP.`,
      );
    }
  }
  return headers;
};

const gatewayEvent = z.looseObject({
  rawPath: z.string(),
  rawQueryString: z.string().default(''),
  headers: headerValues.optional(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().default(false),
  requestContext: z.looseObject({
    stage: z.string().default('$default'),
    http: z.looseObject({ method: z.string() }),
  }),
});

/** `rawPath` begins with the stage's name unless the stage is the default one. */
const withoutStage = (path: string, stage: string): string =>
  stage !== '$default' && path.startsWith(`/${stage}/`) ? path.slice(stage.length + 1) : path;

const gatewayV2: Shape = {
  matches: (event) => 'rawPath' in event,
  read: (event) => {
    const { rawPath, rawQueryString, headers, body, isBase64Encoded, requestContext } = parse(
      gatewayEvent,
      event,
      'The event',
    );
    return {
      method: requestContext.http.method,
      path: withoutStage(rawPath, requestContext.stage),
      query: rawQueryString,
      headers: headersOf(headers),
      body: body ? { text: body, isBase64: isBase64Encoded } : undefined,
    };
  },
  answer: (statusCode, headers, body, isBase64Encoded) => ({
    statusCode,
    headers,
    body,
    isBase64Encoded,
  }),
};

const queryValue = z.union([z.string(), z.number(), z.boolean()]);

const invokeEvent = z.looseObject({
  method: z.string({ error: 'must be a string, such as "POST"' }),
  path: z.string({ error: 'must be a string, such as "/topics"' }),
  query: z.record(z.string(), queryValue).optional(),
  headers: headerValues.optional(),
  body: z.unknown().optional(),
  isBase64Encoded: z.boolean().default(false),
});

const invoke: Shape = {
  matches: () => true,
  read: (event) => {
    refuseDeepNesting(event, 'The payload');
    const { method, path, query, headers, body, isBase64Encoded } = parse(
      invokeEvent,
      event,
      'The payload',
    );
    const pairs = new URLSearchParams();
    for (const [name, value] of Object.entries(query ?? {})) pairs.append(name, String(value));
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return {
      method: method.toUpperCase(),
      path,
      query: pairs.toString(),
      headers: headersOf(headers),
      body: text ? { text, isBase64: isBase64Encoded } : undefined,
    };
  },
  answer: (status, headers, body, isBase64Encoded) => ({ status, headers, body, isBase64Encoded }),
};

const SHAPES: readonly Shape[] = [gatewayV2, invoke];

/** The bytes that `text` stands for; undefined when it is no base64. */
const fromBase64 = (text: string): Buffer<ArrayBuffer> | undefined => {
  // Node's decoder passes over what it does not know, so that fewer bytes come out; but it takes base64url,
  // and of a character beyond Latin-1 its lower byte.
  const bytes = Buffer.from(text, 'base64');
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const isWhole = text.length % 4 === 0 && bytes.length === (text.length / 4) * 3 - padding;
  const isAscii = Buffer.byteLength(text) === text.length;
  return isWhole && isAscii && !text.includes('-') && !text.includes('_') ? bytes : undefined;
};

/** The body: text as it is, else bytes. @throws MESSAGE_TOO_LARGE, INVALID_REQUEST for damaged base64 */
const readBody = ({ text, isBase64 }: Body): Given => {
  const fits = isBase64
    ? text.length <= MAX_ENCODED_BODY_BYTES
    : fitsEscaped(text, MAX_ENCODED_BODY_BYTES);
  if (!fits) throw bodyTooLarge(isBase64 ? text.length : escapedBytes(text), isBase64);
  if (!isBase64) {
    if (text.isWellFormed()) return text;
    throw new StratalogError(
      'INVALID_REQUEST',
      'The body is not text: half of a surrogate pair has no UTF-8. Send bytes as {"base64": "…"}.',
    );
  }
  const bytes = fromBase64(text);
  if (bytes !== undefined) return bytes;
  throw new StratalogError('INVALID_REQUEST', 'The body claims to be base64 and is not.');
};

/**
 * A body that is too large, in the terms of who sends it. API Gateway passes `application/json` on as
 * text, where a quote takes two bytes, and all else as base64, which leaves room for three quarters.
 */
export const bodyTooLarge = (encodedBytes: number, isBase64: boolean): ProtocolError =>
  new ProtocolError(
    413,
    isBase64
      ? `The body is too large: of this content type a request takes ${MAX_BINARY_BODY_BYTES} bytes. Send fewer records at a time.`
      : `The body is too large: of this content type a request takes ${MAX_ENCODED_BODY_BYTES} bytes, and each quote, backslash and line break in it counts as 2. Send fewer records at a time.`,
    {
      context: {
        maxBytes: isBase64 ? MAX_BINARY_BODY_BYTES : MAX_ENCODED_BODY_BYTES,
        encodedBytes,
        maxEncodedBytes: MAX_ENCODED_BODY_BYTES,
      },
    },
  );

/**
 * The path with every `%` and every dot segment made visible, so that neither URL parsing nor
 * decoding turns it into another path than the one that was authorised.
 */
const literalPath = (path: string): string =>
  path
    .split('/')
    .map((segment) =>
      encodeURIComponent(
        segment === '.' || segment === '..' ? segment.replaceAll('.', '%2E') : segment,
      ),
    )
    .join('/');

/** Methods that no `Request` may have, and no route takes. */
const FORBIDDEN_METHODS: readonly string[] = ['CONNECT', 'TRACE', 'TRACK'];

const requestOf = ({ method, path, query, headers, body }: Incoming): Request => {
  if (!path.startsWith('/')) {
    throw new StratalogError(
      'INVALID_REQUEST',
      `The path ${JSON.stringify(path)} must begin with "/".`,
    );
  }
  if (FORBIDDEN_METHODS.includes(method.toUpperCase())) throw refusal(method, path);
  const hasBody = body !== undefined && method !== 'GET' && method !== 'HEAD';
  try {
    const url = `http://stratalog${literalPath(path)}${query === '' ? '' : `?${query}`}`;
    return new EventRequest(url, { method, headers }, hasBody ? readBody(body) : '');
  } catch (error) {
    if (error instanceof StratalogError) throw error;
    throw new StratalogError(
      'INVALID_REQUEST',
      `The request line is not legal in HTTP: ${method} ${path}`,
      {
        cause: error,
      },
    );
  }
};

const IS_TEXT = /^(text\/|application\/([\w.-]+\+)?json)/;

/** The answer in the event's shape; what would not fit Lambda's payload becomes a problem. */
const answerOf = async (shape: Shape, response: Response): Promise<unknown> => {
  const headers = Object.fromEntries(response.headers);
  const type = headers['content-type'] ?? 'text/';
  const isText = IS_TEXT.test(type);
  const given = await givenOf(response);
  const body =
    isText && typeof given === 'string'
      ? given
      : bytesOfGiven(given).toString(isText ? 'utf8' : 'base64');
  const kind = type.startsWith('application/json') ? 'json' : 'any';
  const fits = isText
    ? fitsEscaped(body, MAX_ENCODED_BODY_BYTES, kind)
    : body.length <= MAX_ENCODED_BODY_BYTES;
  if (!fits) {
    const encoded = isText ? escapedBytes(body) : body.length;
    return answerOf(
      shape,
      problemResponse(
        new StratalogError(
          'RECORD_LIST_TOO_LARGE',
          'The answer is larger than Lambda can return. Ask for less at a time.',
          {
            context: { encodedBytes: encoded, maxEncodedBytes: MAX_ENCODED_BODY_BYTES },
            effect: 'unknown',
          },
        ),
      ),
    );
  }
  return shape.answer(response.status, headers, body, !isText);
};

/** What HEAD answers: all that GET would, its length too, without the body (RFC 9110, 9.3.2). */
const withoutBody = async (response: Response): Promise<Response> => {
  const { length } = bytesOfGiven(await givenOf(response));
  const headers = new Headers(response.headers);
  headers.set('content-length', String(length));
  return new Response(null, { status: response.status, headers });
};

/** A Lambda handler that serves `app`. It never rejects: whatever fails is told as a problem. */
export const lambdaHandler =
  (app: HttpApp) =>
  async (event: unknown, context: InvocationContext): Promise<unknown> => {
    const fields = typeof event === 'object' && event !== null ? event : {};
    const shape =
      SHAPES.find((candidate) => candidate.matches(fields as Record<string, unknown>)) ?? invoke;
    const { awsRequestId: requestId, signal } = context;
    try {
      const incoming = shape.read(event);
      // Asked as GET, because a router that takes HEAD throws the body away before it is measured.
      const isHead = incoming.method === 'HEAD';
      const request = requestOf(isHead ? { ...incoming, method: 'GET' } : incoming);
      const response = await app.fetch(request, { requestId, signal });
      return await answerOf(shape, isHead ? await withoutBody(response) : response);
    } catch (error) {
      return answerOf(shape, problemResponse(unforeseen(error, requestId)));
    }
  };
