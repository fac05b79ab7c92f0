/**
 * Errors on the wire: problem details (RFC 9457) that a program and a person can both act on.
 *
 *   { "type": "urn:stratalog:error:OFFSET_OUT_OF_RANGE", "title": "Offset out of range", "status": 416,
 *     "detail": "…what to do…", "code": "OFFSET_OUT_OF_RANGE", "retriable": false, "effect": "none",
 *     "logStartOffset": 0, "logEndOffset": 7, … }
 *
 * `code` is Kafka's name, `retriable` whether the same call may succeed later, `effect` whether what
 * was asked may have happened although it failed. The rest is the error's context.
 */
import { type ErrorCode, type ErrorContext, StratalogError } from '../model/errors.ts';
import type { Problem } from './schemas/problem.ts';

/** RFC 9457's media type. */
export const PROBLEM_TYPE = 'application/problem+json';

/** The one place where an error code becomes an HTTP status. */
export const HTTP_STATUS = {
  UNKNOWN_SERVER_ERROR: 500,
  OFFSET_OUT_OF_RANGE: 416,
  CORRUPT_MESSAGE: 400,
  UNKNOWN_TOPIC_OR_PARTITION: 404,
  REQUEST_TIMED_OUT: 504,
  MESSAGE_TOO_LARGE: 413,
  OFFSET_METADATA_TOO_LARGE: 400,
  INVALID_TOPIC_EXCEPTION: 400,
  RECORD_LIST_TOO_LARGE: 413,
  INVALID_GROUP_ID: 400,
  TOPIC_AUTHORIZATION_FAILED: 403,
  GROUP_AUTHORIZATION_FAILED: 403,
  CLUSTER_AUTHORIZATION_FAILED: 403,
  UNSUPPORTED_VERSION: 400,
  TOPIC_ALREADY_EXISTS: 409,
  INVALID_PARTITIONS: 400,
  INVALID_CONFIG: 400,
  INVALID_REQUEST: 400,
  UNSUPPORTED_FOR_MESSAGE_FORMAT: 400,
  INVALID_TXN_STATE: 409,
  OUT_OF_ORDER_SEQUENCE_NUMBER: 409,
  DUPLICATE_SEQUENCE_NUMBER: 409,
  INVALID_PRODUCER_EPOCH: 409,
  KAFKA_STORAGE_ERROR: 503,
  SASL_AUTHENTICATION_FAILED: 401,
  UNKNOWN_PRODUCER_ID: 409,
  INVALID_TIMESTAMP: 400,
  UNSUPPORTED_COMPRESSION_TYPE: 400,
  INVALID_RECORD: 400,
  THROTTLING_QUOTA_EXCEEDED: 429,
  STALE_MEMBER_EPOCH: 409,
  CORRUPT_STORE: 500,
  DATA_DIRECTORY_LOCKED: 503,
  UNEXPECTED_LOG_END: 409,
  CANCELLED: 499,
  CONNECTION_FAILED: 502,
} as const satisfies Record<ErrorCode, number>;

/** Statuses that HTTP itself asks for and Kafka has no code for; they go with INVALID_REQUEST. */
type ProtocolStatus = 404 | 405 | 413 | 415;

/** A refusal that HTTP has its own status for (unknown path, wrong method, wrong media type). */
export class ProtocolError extends StratalogError {
  readonly status: ProtocolStatus;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: ProtocolStatus,
    message: string,
    options: { context?: ErrorContext; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(status === 413 ? 'MESSAGE_TOO_LARGE' : 'INVALID_REQUEST', message, {
      context: options.context ?? {},
    });
    this.status = status;
    this.headers = options.headers ?? {};
  }
}

/** `OFFSET_OUT_OF_RANGE` → `Offset out of range`. */
const titleOf = (code: ErrorCode): string =>
  code.charAt(0) + code.slice(1).toLowerCase().replaceAll('_', ' ');

/** The error as a problem; the standard members come first and win over context of the same name. */
export const problemOf = (error: StratalogError): Problem => {
  const members: Problem = {
    type: `urn:stratalog:error:${error.code}`,
    title: titleOf(error.code),
    status: error instanceof ProtocolError ? error.status : HTTP_STATUS[error.code],
    detail: error.message,
    code: error.code,
    retriable: error.retriable,
    effect: error.effect,
  };
  return { ...members, ...error.context, ...members };
};

/** Seconds after which a throttled or unavailable caller may try again. */
const RETRY_AFTER_S = '1';

/** A response that keeps the error it tells, for whoever logs it: of the cause it tells nothing. */
export class ProblemResponse extends Response {
  readonly error: StratalogError;

  constructor(body: string | null, init: ResponseInit, error: StratalogError) {
    super(body, init);
    this.error = error;
  }
}

/** The whole answer for an error, with what is told beside it. */
export const problemResponse = (error: StratalogError, beside: object = {}): ProblemResponse => {
  const problem = problemOf(error);
  const headers = new Headers({ 'content-type': PROBLEM_TYPE });
  if (problem.status === 429 || problem.status === 503) headers.set('retry-after', RETRY_AFTER_S);
  if (error instanceof ProtocolError) {
    for (const [name, value] of Object.entries(error.headers)) headers.set(name, value);
  }
  const body = JSON.stringify({ ...problem, ...beside });
  return new ProblemResponse(body, { status: problem.status, headers }, error);
};

/** What a person sees of a failure nobody foresaw: the cause goes to the log, never to the caller. */
export const unforeseen = (error: unknown, requestId: string): StratalogError =>
  error instanceof StratalogError
    ? error
    : new StratalogError(
        'UNKNOWN_SERVER_ERROR',
        `Stratalog failed unexpectedly; its log has the cause under request ${requestId}.`,
        { context: { requestId }, effect: 'unknown', cause: error },
      );

/** Writes the cause of what nobody foresaw to the process's own log, and nothing of any other error. */
export const tellCause = (error: StratalogError | undefined, requestId: string): void => {
  if (error?.code !== 'UNKNOWN_SERVER_ERROR' || error.cause === undefined) return;
  console.error(`request ${requestId} failed:`, error.cause);
};
