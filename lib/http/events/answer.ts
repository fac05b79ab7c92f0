/** From a Response to what a function returns: text as it is, all else as base64, and no more than fits. */
import { StratalogError } from '../../model/errors.ts';
import { bytesOfGiven, givenOf } from '../at-hand.ts';
import { escapedBytes, fitsEscaped, MAX_ENCODED_BODY_BYTES } from '../payload.ts';
import { ProblemResponse, problemResponse } from '../problem.ts';

const IS_TEXT = /^(text\/|application\/([\w.-]+\+)?json)/;

/** A response as it lies in an answer. */
export interface Encoded {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly isBase64: boolean;
  /** What it is the problem of. */
  readonly error: StratalogError | undefined;
}

/** The response encoded; what would not fit Lambda's payload becomes a problem. */
export const encoded = async (response: Response): Promise<Encoded> => {
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
  if (!fits) return encoded(tooLarge(isText ? escapedBytes(body) : body.length));
  const error = response instanceof ProblemResponse ? response.error : undefined;
  return { status: response.status, headers, body, isBase64: !isText, error };
};

const tooLarge = (encodedBytes: number): Response =>
  problemResponse(
    new StratalogError(
      'RECORD_LIST_TOO_LARGE',
      'The answer is larger than Lambda can return. Ask for less at a time.',
      {
        context: { encodedBytes, maxEncodedBytes: MAX_ENCODED_BODY_BYTES },
        effect: 'unknown',
      },
    ),
  );

/** What HEAD answers: all that GET would, its length too, without the body (RFC 9110, 9.3.2). */
export const withoutBody = async (response: Response): Promise<Response> => {
  const { length } = bytesOfGiven(await givenOf(response));
  const headers = new Headers(response.headers);
  headers.set('content-length', String(length));
  const init = { status: response.status, headers };
  return response instanceof ProblemResponse
    ? new ProblemResponse(null, init, response.error)
    : new Response(null, init);
};
