/**
 * The one place where bodies of requests are read.
 *
 *   bytes as they came ── content-encoding ──► bytes ── charset ──► text ──► JSON
 *
 * A body may come as it is, or as gzip or zstd (RFC 9110, 8.4). What decoding makes of it is bounded
 * while it is decoded, since a megabyte of either can stand for gigabytes.
 */
import { StratalogError } from '../model/errors.ts';
import { MAX_DECODED_BODY_BYTES } from '../model/limits.ts';
import { bytesOfGiven, givenOf } from './at-hand.ts';
import { ProtocolError } from './problem.ts';
import { parseJson, shown } from './validate.ts';

/** What the readers of bodies use of Hono's request. */
export interface BodyOfRequest {
  readonly raw: Request;
  header(name: string): string | undefined;
}

/** What zlib's functions answer with `info`; `engine` knows how far they read. */
interface Decoded {
  readonly buffer: Uint8Array;
  readonly engine: { readonly bytesWritten: number };
}

/** A frame may ask for a window beforehand: 8 MiB are what zstd's levels up to 19 use. */
const ZSTD_WINDOW_LOG = 23;

/** Loaded when the first encoded body comes: most functions never see one, and all start faster. */
const decode = async (encoding: 'gzip' | 'zstd', bytes: Uint8Array): Promise<Decoded> => {
  const { constants, gunzip, zstdDecompress } = await import('node:zlib');
  const options = { info: true, maxOutputLength: MAX_DECODED_BODY_BYTES };
  const params = { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG };
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, decoded: unknown) =>
      error === null ? resolve(decoded as Decoded) : reject(error);
    if (encoding === 'gzip') gunzip(bytes, options, done);
    else zstdDecompress(bytes, { ...options, params }, done);
  });
};

const ENCODINGS = { gzip: 'gzip', 'x-gzip': 'gzip', zstd: 'zstd' } as const;

const decodeBody = async (name: string, bytes: Uint8Array): Promise<Uint8Array> => {
  if (!Object.hasOwn(ENCODINGS, name)) {
    throw new ProtocolError(
      415,
      `A body encoded as ${shown(name)} is not taken: send it plain, or with the content-encoding gzip or zstd.`,
      { headers: { 'accept-encoding': 'gzip, zstd' } },
    );
  }
  let decoded: Decoded;
  try {
    decoded = await decode(ENCODINGS[name as keyof typeof ENCODINGS], bytes);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new ProtocolError(
        413,
        `The body is too large: decoded from ${name} it has more than ${MAX_DECODED_BODY_BYTES} bytes. Send fewer records at a time.`,
        { context: { maxBytes: MAX_DECODED_BODY_BYTES } },
      );
    }
    throw damaged(name, (cause as Error).message, cause);
  }
  // Node's zstd stops after one frame, and its gzip at padding, both without a word.
  const { bytesWritten } = decoded.engine;
  if (bytesWritten === bytes.length) return decoded.buffer;
  throw damaged(name, `${bytes.length - bytesWritten} bytes follow its end`);
};

const damaged = (name: string, problem: string, cause?: unknown): StratalogError =>
  new StratalogError(
    'INVALID_REQUEST',
    `The body is not the ${name} that its content-encoding says: ${problem}. Send one whole ${name} stream.`,
    { cause },
  );

/** The body's bytes, decoded. @throws 415, 413 (MESSAGE_TOO_LARGE), INVALID_REQUEST when damaged */
export const bytesBody = async (request: BodyOfRequest): Promise<Uint8Array> => {
  const bytes = bytesOfGiven(await givenOf(request.raw));
  const encoding = encodingOf(request);
  return encoding === 'identity' ? bytes : decodeBody(encoding, bytes);
};

const encodingOf = (request: BodyOfRequest): string =>
  request.header('content-encoding')?.trim().toLowerCase() || 'identity';

/** The media type without its parameters, in lower case; '' when there is none. */
export const mediaType = (header: string | undefined): string =>
  (header ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]*)/i;
/** UTF-8 by its names, and what is the same bytes in it. */
const UTF8_CHARSETS: readonly string[] = ['utf-8', 'utf8', 'us-ascii', 'ascii'];

/** Which decoding leaves out, too. */
const BYTE_ORDER_MARK = '\ufeff';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The body as text. Bytes that are no UTF-8 are refused: decoded leniently they would be stored as
 * replacement characters and acknowledged.
 * @throws as `bytesBody`, 415 for another charset, INVALID_REQUEST
 */
export const textBody = async (request: BodyOfRequest): Promise<string> => {
  const charset = CHARSET.exec(request.header('content-type') ?? '')?.[1];
  if (charset !== undefined && !UTF8_CHARSETS.includes(charset.toLowerCase())) {
    throw new ProtocolError(
      415,
      `A body in the charset ${shown(charset)} is not taken: send it as UTF-8.`,
    );
  }
  if (encodingOf(request) === 'identity') {
    const given = await givenOf(request.raw);
    if (typeof given === 'string')
      return given.startsWith(BYTE_ORDER_MARK) ? given.slice(1) : given;
  }
  const bytes = await bytesBody(request);
  try {
    return utf8.decode(bytes);
  } catch {
    throw new StratalogError(
      'INVALID_REQUEST',
      'The body is not UTF-8. Send keys, values and headers that are not text as {"base64": "…"}.',
    );
  }
};

/** The body of a request whose only type is JSON. @throws as `textBody`, 415, INVALID_REQUEST */
export const jsonBody = async (request: BodyOfRequest): Promise<unknown> => {
  refuseOtherTypes(request);
  return parseJson(await textBody(request), 'The body');
};

/** As `jsonBody`, for a body that may be left out: then it is `{}`. */
export const optionalJsonBody = async (request: BodyOfRequest): Promise<unknown> => {
  refuseOtherTypes(request);
  const text = await textBody(request);
  return text === '' ? {} : parseJson(text, 'The body');
};

const refuseOtherTypes = (request: BodyOfRequest): void => {
  const type = mediaType(request.header('content-type'));
  if (type === '' || type === 'application/json') return;
  throw new ProtocolError(
    415,
    `This route takes application/json, not ${shown(type)}. Set the header content-type.`,
  );
};
