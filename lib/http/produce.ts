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
import { BATCHES_MEDIA_TYPE } from '../record/frames.ts';
import type { HandlersNamed, ServicesSource } from './app.ts';
import { appendRecords } from './append-records.ts';
import { bytesBody, mediaType, textBody } from './body.ts';
import { recordsOfJson, recordsOfLines } from './json-records.ts';
import { placementOf } from './placement.ts';
import { ProtocolError } from './problem.ts';
import { batchesResponse, recordsResponse } from './produce-answer.ts';
import { parseQuery } from './query.ts';
import { produceQuery } from './schemas/produce.ts';
import { sharesOf } from './shares.ts';
import { topicParameter } from './topic-parameter.ts';
import { shown } from './validate.ts';

/** Media types of newline-delimited JSON; the first is the one we speak of. */
const NDJSON_TYPES: readonly string[] = ['application/x-ndjson', 'application/jsonl'];

export const produceHandlers = (services: ServicesSource): HandlersNamed<'produce'> => ({
  produce: async (context) => {
    const { broker, runtime } = await services();
    const topic = topicParameter(context.req);
    const placement = placementOf(parseQuery(produceQuery, context.req));
    const type = mediaType(context.req.header('content-type'));

    if (type === BATCHES_MEDIA_TYPE) {
      const partitions = sharesOf(await bytesBody(context.req), placement);
      return batchesResponse(await broker.produce({ topic, partitions }));
    }
    const isJson = type === '' || type === 'application/json';
    if (!isJson && !NDJSON_TYPES.includes(type)) {
      throw new ProtocolError(
        415,
        `Records come as application/json, ${NDJSON_TYPES[0]} or ${BATCHES_MEDIA_TYPE}, not as ${shown(type)}.`,
      );
    }
    const text = await textBody(context.req);
    const records = (isJson ? recordsOfJson : recordsOfLines)(text, runtime.now());
    return recordsResponse(await appendRecords(broker, runtime, topic, records, placement));
  },
});
