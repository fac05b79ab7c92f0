/**
 * Append over HTTP: `POST /topics/{topic}/records`, in three languages.
 *
 *   application/json                    {"records": [{"key", "value", "headers", "timestamp", "partition"}]}
 *   application/x-ndjson                the same record objects, one a line
 *   application/vnd.stratalog.batches   frames of Kafka's record batches, or with ?partition=N the bare
 *                                       batches of that one partition
 *
 * The answer is 200 as soon as anything was written, with an error beside each record (or partition)
 * that was not; if nothing was, it is the problem of the first error. What is wrong with the request
 * itself, such as a field of the wrong type, refuses all of it before anything is written.
 */
import type { ProducePartition } from '../broker/api.ts';
import { StratalogError } from '../model/errors.ts';
import { MAX_PARTITIONS_PER_TOPIC } from '../model/limits.ts';
import { BATCHES_MEDIA_TYPE, decodeFrames } from '../record/frames.ts';
import type { HandlersOf, ServicesSource } from './app.ts';
import { appendRecords } from './append-records.ts';
import { type AddressedRecord, recordsOfJson, recordsOfLines } from './json-records.ts';
import { ProtocolError } from './problem.ts';
import { batchesResponse, recordsResponse } from './produce-answer.ts';
import { parseQuery } from './query.ts';
import { produceQuery } from './schemas/produce.ts';
import { topicParameter } from './topic-parameter.ts';
import { mediaType, shown, textBody } from './validate.ts';

const NDJSON_TYPES: readonly string[] = ['application/x-ndjson', 'application/jsonl'];

/** What a body of batches asks for: one share per partition, however often it comes. */
const sharesOf = (body: Uint8Array, partition: number | undefined): readonly ProducePartition[] => {
  if (partition !== undefined) return [{ partition, batches: body }];
  const shares = new Map<number, Uint8Array[]>();
  for (const frame of decodeFrames(body)) {
    const share = shares.get(frame.partition);
    if (share === undefined) shares.set(frame.partition, [frame.batches]);
    else share.push(frame.batches);
  }
  if (shares.size > MAX_PARTITIONS_PER_TOPIC) {
    throw new StratalogError(
      'INVALID_REQUEST',
      `The body has frames for ${shares.size} partitions; a topic has at most ${MAX_PARTITIONS_PER_TOPIC}.`,
    );
  }
  return [...shares].map(([number, pieces]) => ({
    partition: number,
    batches: pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces),
  }));
};

const refuseEncodings = (encoding: string | undefined): void => {
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return;
  throw new ProtocolError(
    415,
    `A body encoded as ${shown(encoding)} is not taken: send it plain, or compress the record batches in it.`,
  );
};

export const produceHandlers = (services: ServicesSource): HandlersOf<'produce'> => ({
  produce: async (context) => {
    const { broker, runtime } = await services();
    const topic = topicParameter(context.req);
    const { partition } = parseQuery(produceQuery, context.req);
    refuseEncodings(context.req.header('content-encoding'));
    const type = mediaType(context.req.header('content-type'));

    if (type === BATCHES_MEDIA_TYPE) {
      const body = new Uint8Array(await context.req.arrayBuffer());
      const partitions = sharesOf(body, partition);
      if (partitions.length === 0) {
        throw new StratalogError('INVALID_REQUEST', 'The body is empty; send at least one batch.');
      }
      return batchesResponse(await broker.produce({ topic, partitions }));
    }

    const now = runtime.now();
    let records: readonly AddressedRecord[];
    if (type === '' || type === 'application/json') {
      records = recordsOfJson(await textBody(context.req), now);
    } else if (NDJSON_TYPES.includes(type)) {
      records = recordsOfLines(await textBody(context.req), now);
    } else {
      throw new ProtocolError(
        415,
        `Records come as application/json, ${NDJSON_TYPES[0]} or ${BATCHES_MEDIA_TYPE}, not as ${shown(type)}.`,
      );
    }
    if (partition !== undefined) {
      throw new StratalogError(
        'INVALID_REQUEST',
        'The query names a partition, which goes with a body of batches; in JSON each record names its own.',
      );
    }
    return recordsResponse(await appendRecords(broker, runtime, topic, records));
  },
});
