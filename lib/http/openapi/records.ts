/** The routes of records and of those who write them, in words. */
import { BATCHES_MEDIA_TYPE } from '../../record/frames.ts';
import {
  fetchPartitionQuery,
  fetchPartitionResponse,
  fetchRequest,
  fetchResponse,
} from '../schemas/fetch.ts';
import { deleteRecordsQuery, deleteRecordsResponse } from '../schemas/offsets.ts';
import { produceAnswer, produceQuery, produceRequest } from '../schemas/produce.ts';
import { initProducerRequest, producerIdentity } from '../schemas/producer.ts';
import type { Operation } from './operation.ts';

const BINARY = { format: 'binary' } as const;

const READ = {
  partition: 0,
  nextOffset: 43,
  highWatermark: 43,
  lastStableOffset: 43,
  logStartOffset: 0,
  records: [
    {
      partition: 0,
      offset: 42,
      timestamp: 1_767_225_600_000,
      key: 'customer-7',
      value: '{"total":12}',
      headers: { source: 'web' },
    },
  ],
};

/** What was written may be no records: as JSON it cannot be told then. */
const READ_ERRORS = [
  'INVALID_TOPIC_EXCEPTION',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'OFFSET_OUT_OF_RANGE',
  'MESSAGE_TOO_LARGE',
  'INVALID_RECORD',
  'CORRUPT_MESSAGE',
] as const;

const offsetHeader = (description: string) => ({
  description: `${description} With batches only.`,
  example: 43,
});

export const RECORD_OPERATIONS = {
  produce: {
    tag: 'Records',
    summary: 'Append records',
    description: `A key, a value or a header's value is a string (UTF-8), \`{"base64": "…"}\`, \`{"json": …}\` for the UTF-8 of that JSON, or null.

As NDJSON the same record objects come one a line. As \`${BATCHES_MEDIA_TYPE}\` come Kafka's record batches: bare where the query names their partition, else in frames of int32 partition, int32 length of meta, meta (nothing, or \`{"expectedEnd": N}\`), int32 size, batches; big endian.

The answer is 200 as soon as anything was written, with an \`error\` beside each record (for batches: each partition) that was not; if nothing was, it is the problem of the first.

With \`expectedEnd\` all is appended at that offset, or nothing. With \`producerId\`, \`producerEpoch\` and \`baseSequence\` all is written once, however often it is sent.`,
    query: produceQuery,
    queryExample: { partition: '0' },
    request: {
      required: true,
      content: {
        'application/json': {
          schema: produceRequest,
          example: { records: [{ key: 'customer-7', value: { json: { total: 12 } } }] },
        },
        'application/x-ndjson': { format: 'text' },
        [BATCHES_MEDIA_TYPE]: BINARY,
      },
    },
    answer: {
      status: 200,
      description: 'One answer per record, or per partition for batches, in order.',
      content: {
        'application/json': {
          schema: produceAnswer,
          example: { records: [{ partition: 0, offset: 42 }] },
        },
      },
    },
    errors: [
      'INVALID_TOPIC_EXCEPTION',
      'UNKNOWN_TOPIC_OR_PARTITION',
      'UNEXPECTED_LOG_END',
      'MESSAGE_TOO_LARGE',
      'CORRUPT_MESSAGE',
      'INVALID_RECORD',
      'INVALID_TIMESTAMP',
      'INVALID_TXN_STATE',
      'UNSUPPORTED_COMPRESSION_TYPE',
      'UNSUPPORTED_FOR_MESSAGE_FORMAT',
      'OUT_OF_ORDER_SEQUENCE_NUMBER',
      'DUPLICATE_SEQUENCE_NUMBER',
      'INVALID_PRODUCER_EPOCH',
      'UNKNOWN_PRODUCER_ID',
      'THROTTLING_QUOTA_EXCEEDED',
      'REQUEST_TIMED_OUT',
    ],
  },
  initProducer: {
    tag: 'Records',
    summary: 'Get an id for an idempotent producer',
    description:
      'Of its own: no other caller gets it. Sequences begin at 0 and are counted by partition.',
    request: {
      required: false,
      content: { 'application/json': { schema: initProducerRequest, example: {} } },
    },
    answer: {
      status: 201,
      description: 'A new identity.',
      content: {
        'application/json': {
          schema: producerIdentity,
          example: { producerId: 1_000, producerEpoch: 0 },
        },
      },
    },
    errors: [],
  },
  fetch: {
    tag: 'Records',
    summary: 'Read many partitions',
    description: `Deals \`maxBytes\` (default 1 MiB, of record batches) in the order given; whoever reads many changes their order from call to call. The answer is 200 as soon as one partition could be read.

With \`accept: ${BATCHES_MEDIA_TYPE}\` the answer is frames, with each partition's position, or its \`error\`, in the meta.`,
    request: {
      required: true,
      content: {
        'application/json': {
          schema: fetchRequest,
          example: { partitions: [{ partition: 0, offset: 42 }], maxWaitMs: 500 },
        },
      },
    },
    answer: {
      status: 200,
      description: 'One answer per partition, in order.',
      content: {
        'application/json': { schema: fetchResponse, example: { partitions: [READ] } },
        [BATCHES_MEDIA_TYPE]: BINARY,
      },
    },
    errors: READ_ERRORS,
  },
  fetchPartition: {
    tag: 'Records',
    summary: 'Read one partition',
    description: `With \`accept: ${BATCHES_MEDIA_TYPE}\` the answer is bare record batches, one after the other as in a Kafka segment, and the offsets are in headers.`,
    query: fetchPartitionQuery,
    queryExample: { offset: '42', maxWaitMs: '500' },
    answer: {
      status: 200,
      description: 'Records from the offset on, as many as fit.',
      content: {
        'application/json': { schema: fetchPartitionResponse, example: READ },
        [BATCHES_MEDIA_TYPE]: BINARY,
      },
      headers: {
        'stratalog-next-offset': offsetHeader('The offset to ask for next.'),
        'stratalog-high-watermark': offsetHeader('Where the log ends.'),
        'stratalog-last-stable-offset': offsetHeader('Before it no transaction is open.'),
        'stratalog-log-start-offset': offsetHeader('Where the log begins.'),
      },
    },
    errors: READ_ERRORS,
  },
  deleteRecords: {
    tag: 'Records',
    summary: 'Delete the records before an offset',
    description: 'An offset that the log already begins after changes nothing.',
    query: deleteRecordsQuery,
    queryExample: { before: '42' },
    answer: {
      status: 200,
      description: 'Where the log begins now.',
      content: {
        'application/json': {
          schema: deleteRecordsResponse,
          example: { partition: 0, logStartOffset: 42 },
        },
      },
    },
    errors: ['INVALID_TOPIC_EXCEPTION', 'UNKNOWN_TOPIC_OR_PARTITION', 'OFFSET_OUT_OF_RANGE'],
  },
} as const satisfies Record<string, Operation>;
