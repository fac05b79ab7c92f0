/** What the CLI's exit code says; scripts may rely on these numbers. */
import type { ErrorCode } from '../model/errors.ts';

/** The command line itself is wrong, or asks for what is not legal. */
export const USAGE = 2;
/** Something failed that should not have. */
export const UNEXPECTED = 1;
/** There is no such topic, partition or offset. */
const NOT_FOUND = 3;
/** It is there already, or someone else was first. */
const CONFLICT = 4;
/** Records were refused for what they are. */
const REFUSED = 5;
/** The service cannot be reached, or not now: trying later may help. */
const UNAVAILABLE = 6;
/** What is stored is damaged. */
const DAMAGED = 7;
/** Who asks is not known, or may not do that. */
const DENIED = 8;

/** The one place where an error code becomes an exit code. */
export const EXIT_CODES = {
  UNKNOWN_SERVER_ERROR: UNEXPECTED,
  OFFSET_OUT_OF_RANGE: NOT_FOUND,
  CORRUPT_MESSAGE: REFUSED,
  UNKNOWN_TOPIC_OR_PARTITION: NOT_FOUND,
  REQUEST_TIMED_OUT: UNAVAILABLE,
  MESSAGE_TOO_LARGE: REFUSED,
  OFFSET_METADATA_TOO_LARGE: USAGE,
  INVALID_TOPIC_EXCEPTION: USAGE,
  RECORD_LIST_TOO_LARGE: REFUSED,
  INVALID_GROUP_ID: USAGE,
  TOPIC_AUTHORIZATION_FAILED: DENIED,
  GROUP_AUTHORIZATION_FAILED: DENIED,
  CLUSTER_AUTHORIZATION_FAILED: DENIED,
  UNSUPPORTED_VERSION: USAGE,
  TOPIC_ALREADY_EXISTS: CONFLICT,
  INVALID_PARTITIONS: USAGE,
  INVALID_CONFIG: USAGE,
  INVALID_REQUEST: USAGE,
  UNSUPPORTED_FOR_MESSAGE_FORMAT: REFUSED,
  INVALID_TXN_STATE: CONFLICT,
  OUT_OF_ORDER_SEQUENCE_NUMBER: CONFLICT,
  DUPLICATE_SEQUENCE_NUMBER: CONFLICT,
  INVALID_PRODUCER_EPOCH: CONFLICT,
  KAFKA_STORAGE_ERROR: UNAVAILABLE,
  SASL_AUTHENTICATION_FAILED: DENIED,
  UNKNOWN_PRODUCER_ID: CONFLICT,
  INVALID_TIMESTAMP: REFUSED,
  UNSUPPORTED_COMPRESSION_TYPE: REFUSED,
  INVALID_RECORD: REFUSED,
  THROTTLING_QUOTA_EXCEEDED: UNAVAILABLE,
  STALE_MEMBER_EPOCH: CONFLICT,
  CORRUPT_STORE: DAMAGED,
  DATA_DIRECTORY_LOCKED: CONFLICT,
  UNEXPECTED_LOG_END: CONFLICT,
  CANCELLED: UNEXPECTED,
  CONNECTION_FAILED: UNAVAILABLE,
} as const satisfies Record<ErrorCode, number>;
