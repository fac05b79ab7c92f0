/**
 * From what an event tells to a Request whose body is at hand.
 *
 * This is ours and not `hono/aws-lambda` because that one is deprecated without a successor on the
 * registry, answers damaged base64 with a bare 500, spends 100 ms on the base64 of a megabyte, and
 * lets URL parsing rewrite the path after API Gateway has authorised it.
 */
import { StratalogError } from '../../model/errors.ts';
import { refusal } from '../app.ts';
import { EventRequest, type Given } from '../at-hand.ts';
import {
  escapedBytes,
  fitsEscaped,
  MAX_BINARY_BODY_BYTES,
  MAX_ENCODED_BODY_BYTES,
} from '../payload.ts';
import { ProtocolError } from '../problem.ts';
import type { Body, Incoming } from './shape.ts';

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

/** @throws INVALID_REQUEST, MESSAGE_TOO_LARGE, and 405 for what `Request` does not take */
export const requestOf = ({ method, path, query, headers, body }: Incoming): Request => {
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
