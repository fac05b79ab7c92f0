/** What went wrong on the other side, or on the way there, as the one error type. */
import { type Effect, ERROR_KINDS, type ErrorCode, StratalogError } from '../model/errors.ts';
import { type Asked, gatewayMessage, isLoopback, permissionOf, refusalCode } from './gateway.ts';

type Json = Readonly<Record<string, unknown>>;

/** `value` if it is a JSON object. */
export const asObject = (value: unknown): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Json)
    : undefined;

const isCode = (code: unknown): code is ErrorCode =>
  typeof code === 'string' && Object.hasOwn(ERROR_KINDS, code);

/** Members of a problem that are not facts of the case. */
const STANDARD_MEMBERS: readonly string[] = [
  'type',
  'title',
  'detail',
  'code',
  'retriable',
  'effect',
  'partitions',
];

const isFact = (value: unknown): value is string | number | boolean | null =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value);

/** The error that a problem (RFC 9457) tells of. A code newer than this client is an unknown error. */
export const errorOfProblem = (problem: Json): StratalogError => {
  const { code, detail, title, effect } = problem;
  const facts = Object.entries(problem).filter(
    (entry): entry is [string, string | number | boolean | null] =>
      !STANDARD_MEMBERS.includes(entry[0]) && isFact(entry[1]),
  );
  return new StratalogError(
    isCode(code) ? code : 'UNKNOWN_SERVER_ERROR',
    String(detail ?? title ?? 'The service failed without saying why.'),
    {
      context: { ...Object.fromEntries(facts), ...(isCode(code) ? {} : { code: String(code) }) },
      effect: effect === 'none' ? 'none' : 'unknown',
    },
  );
};

/** Something else listens there, or a proxy in between; its markup says nothing to a person. */
const PAGE = /^\s*<(?:!doctype|html)/i;

/** What the status of an answer that is no problem of ours says. */
const codeOfStatus = (status: number, said: string | undefined, asked: Asked): ErrorCode => {
  if (status === 401 || status === 403) return refusalCode(said ?? '', asked);
  if (status === 413) return 'MESSAGE_TOO_LARGE';
  if (status === 429) return 'THROTTLING_QUOTA_EXCEEDED';
  if (status === 504) return 'REQUEST_TIMED_OUT';
  if (status === 502 || status === 503) return 'CONNECTION_FAILED';
  // A gateway's own: the function behind it ended without an answer, and the next one may not.
  if (status === 500 && said !== undefined) return 'CONNECTION_FAILED';
  return status >= 400 && status < 500 ? 'INVALID_REQUEST' : 'UNKNOWN_SERVER_ERROR';
};

/** What to do about it, where that is known. */
const adviceOf = (status: number, code: ErrorCode, asked: Asked): readonly string[] => {
  const isRefusal = status === 401 || status === 403;
  if (status === 404 || (isRefusal && code === 'INVALID_REQUEST')) {
    return [
      'Nothing of Stratalog is there: check the endpoint, with its stage if the API has one.',
    ];
  }
  if (!isRefusal) return [];
  const permission = permissionOf(asked);
  if (asked.signedAs === undefined) {
    return [
      'A deployed service wants signed requests: `signedFetch` of stratalog/aws signs those of a program, --region or --profile those of a command',
      `The caller then needs ${permission}.`,
    ];
  }
  return [
    `The request was signed by ${asked.signedAs}`,
    code === 'SASL_AUTHENTICATION_FAILED'
      ? 'Renew these credentials (`aws sso login`), or give others (--profile, AWS_PROFILE).'
      : `Its owner needs ${permission}, or these are credentials of another account, or expired.`,
  ];
};

/** An answer that is no problem of ours: a proxy's, or API Gateway's own `{"message": …}` (`gateway.ts`). */
export const errorOfStatus = (
  status: number,
  body: string,
  changes: boolean,
  asked: Asked,
): StratalogError => {
  const said = gatewayMessage(body);
  const code = codeOfStatus(status, said, asked);
  const isRefusal = status >= 400 && status < 500;
  const effect: Effect = changes && !isRefusal ? 'unknown' : 'none';
  const isPage = PAGE.test(body);
  const begins = isPage ? 'a web page' : (said ?? body).slice(0, 200).trim();
  const shown =
    isPage || status < 400 ? `${begins}; the endpoint may be that of something else` : begins;
  const advice = said === undefined ? [] : adviceOf(status, code, asked);
  const told = `The service answered ${status}: ${advice.length === 0 ? shown : shown.replace(/\.$/, '')}`;
  return new StratalogError(code, [told, ...advice].join('. '), {
    context: { status, ...(asked.signedAs === undefined ? {} : { signedAs: asked.signedAs }) },
    effect,
  });
};

/** Failures before any byte of the request can have arrived. */
const NEVER_ARRIVED: readonly string[] = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
];

/** Calls of which the same codes tell how a connection ended that was there: something may have arrived. */
const OF_CONNECTIONS: readonly string[] = ['read', 'write'];

/** Of Node's errors. */
interface NetworkFailure {
  readonly code?: string;
  readonly syscall?: string;
}

/** @param changes whether the request would have changed anything, had it arrived */
export const errorOfTransport = (
  cause: unknown,
  endpoint: string,
  changes: boolean,
): StratalogError => {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const { code, syscall } = (inner ?? {}) as NetworkFailure;
  const reason = code ?? String(inner);
  const neverArrived = NEVER_ARRIVED.includes(reason) && !OF_CONNECTIONS.includes(syscall ?? '');
  return new StratalogError(
    'CONNECTION_FAILED',
    neverArrived
      ? `Nothing answers at ${endpoint} (${reason}). ${
          isLoopback(new URL(endpoint).hostname)
            ? 'Start the service with `stratalog dev`, or give another endpoint.'
            : 'Check the endpoint, and whether there is a way to it from here.'
        }`
      : `The connection to ${endpoint} broke (${reason}).`,
    {
      context: { endpoint, reason },
      effect: neverArrived || !changes ? 'none' : 'unknown',
      cause,
    },
  );
};
