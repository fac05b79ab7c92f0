/**
 * What every service of AWS may say, its SDK, or the way there, as StoreErrors whose messages say what
 * to do. What one service alone says is in a table of its own (`s3-errors.ts`).
 *
 *   the service's code, or the SDK's name for it ─┐
 *   the code of Node's network or TLS            ─┼─► a row: reason, effect, advice ─► StoreError
 *   the HTTP status, when nothing else is known  ─┘
 *
 * `effect: 'none'` is true of one attempt: the clients are made without the SDK's own retries.
 */
import type { Effect } from '../../model/errors.ts';
import { StoreError } from '../ports.ts';

/** A row of a table of errors. */
export interface Failure {
  readonly reason: StoreError['reason'];
  readonly effect: Effect;
  /** Sentences that say what to do; empty when only time helps. */
  readonly advice: string;
}

/** Code → what it means. */
export type FailureTable = Readonly<Record<string, Failure>>;

/** A refusal: nothing was evaluated. */
export const refused = (reason: StoreError['reason'], advice = ''): Failure => ({
  reason,
  effect: 'none',
  advice,
});

const lost = (reason: 'unavailable' | 'timeout', advice = ''): Failure => ({
  reason,
  effect: 'unknown',
  advice,
});

const CREDENTIALS = refused(
  'denied',
  "Check the credentials: in Lambda they are those of the function's role, elsewhere those of AWS_PROFILE or of AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.",
);
const EXPIRED = refused(
  'denied',
  'The credentials have expired: get new ones (`aws sso login`, or a new AWS_SESSION_TOKEN).',
);
const PERMISSION = refused(
  'denied',
  "Give the role that calls (in Lambda, the function's) the permission that is named here, and look for a policy that denies it.",
);
/** The SDK learns the difference from the answer, and signs the next attempt by it. */
const CLOCK = refused(
  'unavailable',
  'Set the clock of this machine: AWS refuses what is minutes off.',
);
const THROTTLED = refused('throttled');
const ENDPOINT =
  'Check the network, AWS_REGION, and the AWS_ENDPOINT_URL_* variables if any is set.';
const UNREACHABLE = refused('unavailable', ENDPOINT);
const BROKEN = lost('unavailable');
const SLOW = lost('timeout');
const UNTRUSTED = refused(
  'invalid',
  "The certificate of the endpoint is not trusted: name its authority's in NODE_EXTRA_CA_CERTS, or check AWS_ENDPOINT_URL_*.",
);
export const NO_REGION = refused('invalid', 'Set AWS_REGION to the region of the stack.');

const rows = (failure: Failure, codes: readonly string[]): FailureTable =>
  Object.fromEntries(codes.map((code) => [code, failure]));

const COMMON: FailureTable = {
  ...rows(CREDENTIALS, [
    'CredentialsProviderError',
    'TokenProviderError',
    'InvalidAccessKeyId',
    'InvalidClientTokenId',
    'UnrecognizedClientException',
    'SignatureDoesNotMatch',
    'InvalidSignatureException',
    'IncompleteSignature',
    'IncompleteSignatureException',
    'MissingAuthenticationToken',
    'MissingAuthenticationTokenException',
    'InvalidToken',
  ]),
  ...rows(EXPIRED, ['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired']),
  ...rows(PERMISSION, [
    'AccessDenied',
    'AccessDeniedException',
    'NotAuthorized',
    'OptInRequired',
    'NotSignedUp',
    'AccountProblem',
    'AllAccessDisabled',
  ]),
  ...rows(CLOCK, ['RequestTimeTooSkewed', 'RequestExpired', 'RequestInTheFuture']),
  ...rows(THROTTLED, [
    'SlowDown',
    'Throttling',
    'ThrottlingException',
    'ThrottledException',
    'RequestThrottled',
    'RequestThrottledException',
    'RequestLimitExceeded',
    'BandwidthLimitExceeded',
    'TooManyRequests',
    'TooManyRequestsException',
    'ProvisionedThroughputExceededException',
  ]),
  ...rows(UNREACHABLE, ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']),
  ...rows(BROKEN, ['ECONNRESET', 'EPIPE', 'InternalError', 'InternalFailure']),
  ...rows(BROKEN, ['InternalServerError', 'ServiceUnavailable', 'ServiceUnavailableException']),
  ...rows(SLOW, ['ETIMEDOUT', 'TimeoutError', 'AbortError']),
  ...rows(SLOW, ['RequestTimeout', 'RequestTimeoutException']),
  ...rows(UNTRUSTED, [
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'CERT_HAS_EXPIRED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ]),
  EPROTO: refused('invalid', 'The endpoint speaks no TLS: check the AWS_ENDPOINT_URL_* variables.'),
  ERR_INVALID_URL: refused('invalid', 'Check the AWS_ENDPOINT_URL_* variables: one is no URL.'),
};

const byStatus = (status: number): Failure => {
  if (status === 401 || status === 403) return PERMISSION;
  if (status === 408) return SLOW;
  if (status === 429) return THROTTLED;
  if (status >= 400 && status < 500) return refused('invalid');
  return BROKEN;
};

/** What is read of an error of the SDK, of Node, or of anything else. */
interface Told {
  /** Its names: a service's code; of Node's errors the class, then the code. */
  readonly codes: readonly string[];
  readonly message: string;
  /** HTTP status, when there was an answer. */
  readonly status: number | undefined;
  /** Of Node's errors: what failed, `connect`, `read`, … */
  readonly syscall: unknown;
}

const readError = (error: unknown): Told => {
  const { name, code, message, syscall, $metadata } = Object(error) as {
    readonly name?: unknown;
    readonly code?: unknown;
    readonly message?: unknown;
    readonly syscall?: unknown;
    readonly $metadata?: { readonly httpStatusCode?: number };
  };
  return {
    codes: [name, code].filter((one) => typeof one === 'string'),
    message: typeof message === 'string' ? message : String(error),
    status: $metadata?.httpStatusCode,
    syscall,
  };
};

/** Neither a service nor Node gives these a code. */
const SPOKEN: readonly (readonly [RegExp, Failure])[] = [
  [/^Region is missing/, NO_REGION],
  [/^Signature (expired|not yet current)/, CLOCK],
];

const failureOf = ({ codes, message, status, syscall }: Told, table: FailureTable): Failure => {
  const known = { ...COMMON, ...table };
  const code = codes.find((one) => Object.hasOwn(known, one));
  const failure =
    SPOKEN.find(([said]) => said.test(message))?.[1] ??
    (code === undefined ? undefined : known[code]) ??
    (status === undefined ? BROKEN : byStatus(status));
  // The network went while a request was on its way: it may have arrived.
  const wasConnected = syscall === 'read' || syscall === 'write';
  return failure === UNREACHABLE && wasConnected ? BROKEN : failure;
};

/**
 * `error` as a StoreError; what already is one stays as it is.
 * @param what could not be done, the beginning of a sentence that goes on after a colon
 * @param table what the service alone says; it goes before what all say
 */
export const storeErrorOf = (error: unknown, what: string, table: FailureTable): StoreError => {
  if (error instanceof StoreError) return error;
  const told = readError(error);
  const { reason, effect, advice } = failureOf(told, table);
  const code = told.codes.at(-1) ?? '';
  const said = told.message.includes(code) ? told.message : `${code}: ${told.message}`;
  const sentence = `${what}: ${said.replace(/[\s.]*$/, '.')}`;
  return new StoreError(reason, advice === '' ? sentence : `${sentence} ${advice}`, {
    effect,
    cause: error,
  });
};
