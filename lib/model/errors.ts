/**
 * One error type and one table of codes.
 *
 * Codes are Kafka's names where Kafka has one (the number beside it is the wire code of
 * https://kafka.apache.org/protocol#protocol_error_codes), so that every edge maps them exhaustively:
 * HTTP status in `lib/http/problem.ts`, CLI exit code in `lib/cli/exit-codes.ts`, int16 on the wire.
 */

/** Kafka's number (null: our own code, told to Kafka clients as UNKNOWN_SERVER_ERROR) and whether the same call may succeed later. */
interface ErrorKind {
  readonly kafka: number | null;
  readonly retriable: boolean;
}

const kind = (kafka: number | null, retriable: boolean): ErrorKind => ({ kafka, retriable });

export const ERROR_KINDS = {
  UNKNOWN_SERVER_ERROR: kind(-1, false),
  OFFSET_OUT_OF_RANGE: kind(1, false),
  CORRUPT_MESSAGE: kind(2, true),
  UNKNOWN_TOPIC_OR_PARTITION: kind(3, true),
  REQUEST_TIMED_OUT: kind(7, true),
  MESSAGE_TOO_LARGE: kind(10, false),
  OFFSET_METADATA_TOO_LARGE: kind(12, false),
  INVALID_TOPIC_EXCEPTION: kind(17, false),
  RECORD_LIST_TOO_LARGE: kind(18, false),
  INVALID_GROUP_ID: kind(24, false),
  TOPIC_AUTHORIZATION_FAILED: kind(29, false),
  GROUP_AUTHORIZATION_FAILED: kind(30, false),
  CLUSTER_AUTHORIZATION_FAILED: kind(31, false),
  UNSUPPORTED_VERSION: kind(35, false),
  TOPIC_ALREADY_EXISTS: kind(36, false),
  INVALID_PARTITIONS: kind(37, false),
  INVALID_CONFIG: kind(40, false),
  INVALID_REQUEST: kind(42, false),
  UNSUPPORTED_FOR_MESSAGE_FORMAT: kind(43, false),
  INVALID_TXN_STATE: kind(48, false),
  OUT_OF_ORDER_SEQUENCE_NUMBER: kind(45, false),
  DUPLICATE_SEQUENCE_NUMBER: kind(46, false),
  INVALID_PRODUCER_EPOCH: kind(47, false),
  KAFKA_STORAGE_ERROR: kind(56, true),
  /** Who calls could not be told: credentials are missing, expired or unknown, or the signature is wrong. */
  SASL_AUTHENTICATION_FAILED: kind(58, false),
  UNKNOWN_PRODUCER_ID: kind(59, false),
  INVALID_TIMESTAMP: kind(32, false),
  UNSUPPORTED_COMPRESSION_TYPE: kind(76, false),
  INVALID_RECORD: kind(87, false),
  THROTTLING_QUOTA_EXCEEDED: kind(89, true),
  STALE_MEMBER_EPOCH: kind(113, false),
  /** A stored object or item does not say what it must: damaged, or written by a newer version. */
  CORRUPT_STORE: kind(null, false),
  /** The data directory is held by another process. */
  DATA_DIRECTORY_LOCKED: kind(null, false),
  /** A partition does not end where an append expected it to: somebody else was first. */
  UNEXPECTED_LOG_END: kind(null, false),
  /** Given up because the caller asked to (an AbortSignal). */
  CANCELLED: kind(null, false),
  /** The service could not be reached. */
  CONNECTION_FAILED: kind(null, true),
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERROR_KINDS;

/**
 * Whether what was asked may have happened although it failed.
 * `none`: certainly not. `unknown`: look before you believe anything.
 */
export type Effect = 'none' | 'unknown';

/** Facts about the failure, for people and programs: names, numbers, limits. */
export type ErrorContext = Readonly<Record<string, string | number | boolean | null>>;

/** What else is known of a failure. Effect: `none` unless said otherwise. */
export interface ErrorDetails {
  readonly context?: ErrorContext;
  readonly effect?: Effect;
  readonly cause?: unknown;
}

/** The one error that Stratalog's own code throws at its edges. The message says what to do. */
export class StratalogError extends Error {
  override readonly name = 'StratalogError';
  readonly code: ErrorCode;
  readonly context: ErrorContext;
  readonly effect: Effect;

  constructor(code: ErrorCode, message: string, options: ErrorDetails = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.context = options.context ?? {};
    this.effect = options.effect ?? 'none';
  }

  /** Whether the same call may succeed later. */
  get retriable(): boolean {
    return ERROR_KINDS[this.code].retriable;
  }
}

/** `error` with another effect; `message`: and in other words. */
export const withEffect = (
  error: StratalogError,
  effect: Effect,
  message = error.message,
): StratalogError => {
  const { code, context, cause } = error;
  return effect === error.effect && message === error.message
    ? error
    : new StratalogError(code, message, { context, effect, cause });
};

/** What to say of a request all of whose parts failed: the first error, but not that nothing happened where it may have. */
export const failureOfAll = (errors: readonly StratalogError[]): StratalogError => {
  const first = errors[0]!;
  return first.effect === 'unknown' || errors.every(({ effect }) => effect === 'none')
    ? first
    : withEffect(
        first,
        'unknown',
        `${first.message} Other parts of the request may have been done.`,
      );
};

/** `error` as it is when it is ours, else wrapped as UNKNOWN_SERVER_ERROR with unknown effect. */
export const asStratalogError = (error: unknown): StratalogError =>
  error instanceof StratalogError
    ? error
    : new StratalogError(
        'UNKNOWN_SERVER_ERROR',
        error instanceof Error ? error.message : String(error),
        { cause: error, effect: 'unknown' },
      );
