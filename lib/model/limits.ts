/**
 * Every limit of the system, with the relations between them asserted when the file loads.
 * Sizes in bytes, times in milliseconds.
 */
import { invariant } from './assert.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

// ── names ────────────────────────────────────────────────────────────────────────────────────────
/** Kafka's rule: `[a-zA-Z0-9._-]`, 1–249 characters, not `.` or `..`. */
export const MAX_TOPIC_NAME_LENGTH = 249;
export const MAX_PARTITIONS_PER_TOPIC = 10_000;
/** Characters of a group id. */
export const MAX_GROUP_ID_LENGTH = 255;

/** After this long a topic that is being created counts as given up: its name may be claimed again. */
export const ABANDONED_TOPIC_MS = 60_000;

// ── records and batches ──────────────────────────────────────────────────────────────────────────
/** Kafka's default of `max.message.bytes`: the largest record batch, header included. */
export const DEFAULT_MAX_BATCH_BYTES = 1 * MiB + 12;
/**
 * The largest value that `max.message.bytes` takes: a batch must fit every answer that serves it, as
 * base64 in a Lambda payload (`lib/http/payload.ts` asserts it).
 */
export const MAX_BATCH_BYTES = 4 * MiB;
/** Kafka's default of `message.timestamp.after.max.ms`. */
export const DEFAULT_TIMESTAMP_AFTER_MAX_MS = 3600 * 1000;
/** Kafka's default of `retention.ms`. */
export const DEFAULT_RETENTION_MS = 7 * 24 * 3600 * 1000;
/** Records a batch may claim to hold, so that a header cannot ask for unbounded work. */
export const MAX_RECORDS_PER_BATCH = 1_000_000;
export const MAX_HEADERS_PER_RECORD = 1_000;
/** What decompressing one batch may produce (64 MiB of zeros are 2 KB of zstd). */
export const MAX_DECOMPRESSED_BATCH_BYTES = 64 * MiB;
/** Producers write one; each takes its time, however little is in it. */
export const MAX_ZSTD_FRAMES_PER_BATCH = 1_000;

// ── head, tail, rows ─────────────────────────────────────────────────────────────────────────────
/** Bytes of entries in a tail at which appends are refused until someone rolls. */
export const MAX_TAIL_BYTES = 32 * KiB;
/** An append that takes the tail across this many entries or bytes rolls it; and across 2, 4, 8, 12, … times as many. */
export const ROLL_AT_ENTRIES = 24;
export const ROLL_AT_BYTES = 2.5 * KiB;
/** What a roll leaves in the tail: the newest entries, as far as both bounds allow. */
export const KEEP_TAIL_ENTRIES = 8;
export const KEEP_TAIL_BYTES = 512;
/** Producers a head remembers; a roll moves those beyond it out when no entry of theirs stays. */
export const MAX_HEAD_PRODUCERS = 32;
/** The same where many producers take turns. */
export const MAX_CROWD_PRODUCERS = 128;
/** How long the place of a deleted head is kept, so that no late copy of a write makes it anew. */
export const DELETED_HEAD_TTL_MS = 7 * 24 * 3600 * 1000;
/** How long a producer that left the head is remembered. */
export const PRODUCER_TTL_MS = 7 * 24 * 3600 * 1000;

// ── append ───────────────────────────────────────────────────────────────────────────────────────
/** A partition's share of a flush is kept in the head itself up to this many bytes. */
export const MAX_INLINE_BYTES = 1 * KiB;
/** Bytes that others would keep in the head, as we do, while it is rolled: beyond it the share goes into an object. */
export const MAX_CROWD_INLINE_BYTES = 4 * KiB;
export const MAX_ENTRIES_PER_UPDATE = 16;
/** Payload that makes a flush leave at once. */
export const DEFAULT_FLUSH_BYTES = 4 * MiB;
/** WAL objects one process has on the way at a time. */
export const MAX_PUTS_IN_FLIGHT = 8;
/** Bytes accepted and not yet durable; beyond it appends are refused as throttled. */
export const MAX_PENDING_APPEND_BYTES = 256 * MiB;
/** Lanes kept for partitions with nothing under way. */
export const MAX_IDLE_LANES = 10_000;
/** How long an append keeps trying before its outcome is told as it is. */
export const APPEND_TIMEOUT_MS = 12_000;
/** What the commit of a group gets at least, however long its runs have waited. */
export const MIN_COMMIT_TIMEOUT_MS = 2_000;
/** Newest rows searched for the original offset of a producer's duplicate. */
export const DUPLICATE_SEARCH_ROWS = 4;
/** Appends by others after which a process's view of a head is taken for stale. */
export const STALE_VIEW_APPENDS = 8;
/** Unsealed bytes (or age) at which a partition is due for sealing. */
export const SEAL_TARGET_BYTES = 64 * MiB;
export const SEAL_TARGET_AGE_MS = 6 * 3600 * 1000;

// ── fetch ────────────────────────────────────────────────────────────────────────────────────────
export const DEFAULT_FETCH_MAX_BYTES = 1 * MiB;
export const MAX_FETCH_MAX_BYTES = 64 * MiB;
export const MAX_FETCH_PARTITIONS = 1_000;
export const MAX_FETCH_WAIT_MS = 20_000;
/** The longest wait in Lambda unless its settings say otherwise: waiting there is dearer than asking again. */
export const DEFAULT_LAMBDA_FETCH_WAIT_MS = 1_000;
/** Longest single ranged read of an object. */
export const MAX_RANGED_READ_BYTES = 8 * MiB;
/** Heads by which a partition is tried when what they name is not there. */
export const MAX_READ_ATTEMPTS = 3;
/** Memory for what was read or written, and of it the share for rows. */
export const DEFAULT_CACHE_BYTES = 64 * MiB;
export const ROWS_SHARE_OF_CACHE = 1 / 8;
/** Rows of a log read by one query, and kept, when a reader goes on from row to row. */
export const CHUNKS_PER_QUERY = 32;
/** Pauses between the looks of a waiting fetch, when nothing in this process tells of an append. */
export const FIRST_POLL_PAUSE_MS = 10;
export const MAX_POLL_PAUSE_MS = 500;

// ── HTTP and Lambda ──────────────────────────────────────────────────────────────────────────────
/** Synchronous Lambda payload each way, measured on the encoded event. */
export const MAX_LAMBDA_PAYLOAD_BYTES = 6 * MiB;
/** Room in that payload for the envelope around a body (headers, request context). */
export const LAMBDA_ENVELOPE_BYTES = 64 * KiB;
/** Of record batches in one request: a body of bytes travels as base64. */
export const MAX_PRODUCE_REQUEST_BYTES =
  Math.floor((MAX_LAMBDA_PAYLOAD_BYTES - LAMBDA_ENVELOPE_BYTES) / 4) * 3;
/** What a body that came as gzip or zstd may become: some three times what may come plain. */
export const MAX_DECODED_BODY_BYTES = 16 * MiB;
export const MAX_RECORDS_PER_REQUEST = 100_000;
/** Offsets of a group in one commit: each is an update of its own. */
export const MAX_OFFSETS_PER_COMMIT = 1_000;
/** Levels of arrays and objects in a request's JSON; a few hundred thousand would exhaust the stack. */
export const MAX_JSON_DEPTH = 128;

// ── broker
/** How long what is known of a topic is believed; a topic deleted or made again is noticed by its heads. */
export const TOPIC_CACHE_TTL_MS = 30_000;
export const MAX_CACHED_TOPICS = 10_000;
export const DEFAULT_LIST_TOPICS = 1_000;

// ── producers, groups, changes of one item ───────────────────────────────────────────────────────
/** Producer ids that a process takes from the counter at a time. */
export const PRODUCER_ID_BLOCK = 1_000;
/** How long a change of what is not a log (a topic, a committed offset, a counter) keeps trying. */
export const STORE_PATIENCE_MS = 10_000;
/** Text that a group may keep beside a committed offset, in UTF-8 (Kafka's `offset.metadata.max.bytes`). */
export const MAX_OFFSET_METADATA_BYTES = 4 * KiB;
/** Committed offsets that a process remembers having written. */
export const MAX_REMEMBERED_OFFSETS = 10_000;
/** Partitions of one request whose offsets are committed at a time. */
export const MAX_COMMITS_IN_FLIGHT = 32;

// ── stores ───────────────────────────────────────────────────────────────────────────────────────
/** DynamoDB's item size. */
export const MAX_ITEM_BYTES = 400 * KiB;
/** DynamoDB's bound on BatchGetItem. */
export const MAX_GET_MANY = 100;
/** Connections to each service of AWS that a process keeps. */
export const MAX_AWS_SOCKETS = 128;
export const AWS_CONNECT_TIMEOUT_MS = 2_000;
/** After this long a connection that nobody used is not believed to be there. */
export const AWS_IDLE_CONNECTION_MS = 60_000;
/** How long a connection to AWS may be silent while an answer is awaited. */
export const AWS_SILENCE_TIMEOUT_MS = 3_000;
/** How long a call to the object store may take, and the slowest that its bytes may travel. */
export const BLOB_TIMEOUT_MS = 6_000;
export const SLOWEST_BLOB_BYTES_PER_MS = 4 * KiB;
/** Elements that one update drops from a list: each is named in an expression, which DynamoDB bounds at 4 KB. */
export const MAX_DROP_FIRST = 256;
/** How long one call to DynamoDB may take, from its being sent to the end of its answer. */
export const DYNAMODB_TIMEOUT_MS = 5_000;
/** How long a read of DynamoDB that failed quickly is tried again before its caller is told. */
export const DYNAMODB_READ_PATIENCE_MS = 2_000;

invariant(KEEP_TAIL_ENTRIES < ROLL_AT_ENTRIES, 'a roll must have something to roll');
invariant(ROLL_AT_BYTES * 4 < MAX_TAIL_BYTES, 'rolls come before refusals');
invariant(ROLL_AT_ENTRIES < MAX_DROP_FIRST, 'one update drops what a roll takes');
invariant(KEEP_TAIL_BYTES < ROLL_AT_BYTES, 'a roll must get below its own mark');
invariant(
  MAX_TAIL_BYTES + MAX_INLINE_BYTES * 2 < MAX_ITEM_BYTES,
  'a full head is far from the item limit',
);
invariant(
  2 * AWS_SILENCE_TIMEOUT_MS < APPEND_TIMEOUT_MS &&
    BLOB_TIMEOUT_MS + DEFAULT_FLUSH_BYTES / SLOWEST_BLOB_BYTES_PER_MS < APPEND_TIMEOUT_MS,
  'an append has time for another put after one that hung',
);
invariant(MAX_BATCH_BYTES <= MAX_FETCH_MAX_BYTES, 'a fetch can ask for the largest batch');
invariant(
  DYNAMODB_TIMEOUT_MS * 2 < APPEND_TIMEOUT_MS && DYNAMODB_TIMEOUT_MS < STORE_PATIENCE_MS,
  'a call that is not answered leaves time for another',
);
invariant(
  MAX_LAMBDA_PAYLOAD_BYTES <= MAX_DECODED_BODY_BYTES &&
    MAX_DECODED_BODY_BYTES <= MAX_PENDING_APPEND_BYTES / 8,
  'a body that fits plain fits encoded too, and several of them fit the memory for appends',
);
