/**
 * Read over HTTP: `POST /topics/{topic}/fetch` for many partitions, and
 * `GET /topics/{topic}/partitions/{partition}/records` for one.
 *
 * By `Accept` the answer is JSON, with one object per record, or `application/vnd.stratalog.batches`:
 * for the GET the bare batches with the offsets in `stratalog-*` headers, for the POST frames with the
 * offsets in each frame's meta. It is 200 as soon as one partition could be read; if none could, it is
 * the problem of the first.
 */
import type { Context } from 'hono';
import { accepts } from 'hono/accepts';
import type { FetchPartition, FetchPartitionResult } from '../broker/api.ts';
import { DEFAULT_FETCH_MAX_BYTES } from '../model/limits.ts';
import { BATCHES_MEDIA_TYPE } from '../record/frames.ts';
import type { HandlersNamed, HttpServices, ServicesSource } from './app.ts';
import { Answer } from './at-hand.ts';
import { jsonBody } from './body.ts';
import { batchesResponse, framesResponse } from './fetch-batches.ts';
import { jsonPartitions } from './fetch-json.ts';
import { partitionParameter } from './partition-parameter.ts';
import { MAX_BINARY_BODY_BYTES } from './payload.ts';
import { PROBLEM_TYPE, ProblemResponse, problemResponse } from './problem.ts';
import { noQuery, parseQuery } from './query.ts';
import { fetchPartitionQuery, fetchRequest } from './schemas/fetch.ts';
import { topicParameter } from './topic-parameter.ts';
import { parse } from './validate.ts';

interface Bounds {
  readonly maxWaitMs?: number | undefined;
  readonly minBytes?: number | undefined;
  readonly maxBytes?: number | undefined;
}

/** Asks the broker for no more than an answer can carry, and not to wait longer than we may. */
const fetchWithin = (
  { broker, maxFetchWaitMs }: HttpServices,
  partitions: readonly FetchPartition[],
  { maxWaitMs = 0, minBytes = 1, maxBytes = DEFAULT_FETCH_MAX_BYTES }: Bounds,
  signal: AbortSignal | undefined,
): Promise<readonly FetchPartitionResult[]> =>
  broker.fetch({
    partitions,
    maxWaitMs: Math.min(maxWaitMs, maxFetchWaitMs),
    minBytes: Math.min(minBytes, MAX_BINARY_BODY_BYTES),
    maxBytes: Math.min(maxBytes, MAX_BINARY_BODY_BYTES),
    ...(signal === undefined ? {} : { signal }),
  });

/** Whether `Accept`, with its weights, prefers batches; JSON is for who does not say. */
const wantsBatches = (context: Context): boolean =>
  accepts(context, {
    header: 'Accept',
    supports: ['application/json', BATCHES_MEDIA_TYPE],
    default: 'application/json',
  }) === BATCHES_MEDIA_TYPE;

export const fetchHandlers = (
  services: ServicesSource,
): HandlersNamed<'fetch' | 'fetchPartition'> => ({
  fetch: async (context) => {
    const topic = topicParameter(context.req);
    parseQuery(noQuery, context.req);
    const request = parse(fetchRequest, await jsonBody(context.req), 'The body');
    const asked = request.partitions.map(({ partition, offset, maxBytes }) => ({
      topic,
      partition,
      offset,
      ...(maxBytes === undefined ? {} : { maxBytes }),
    }));
    const results = await fetchWithin(await services(), asked, request, context.env.signal);
    const noneWorked = results.every(({ error }) => error !== undefined);
    if (!noneWorked && wantsBatches(context)) return framesResponse(results);

    const { partitions, firstError } = jsonPartitions(asked, results);
    const body = `"partitions":[${partitions.join(',')}]`;
    if (firstError === undefined) {
      return new Answer(`{${body}}`, { headers: { 'content-type': 'application/json' } });
    }
    const problem = problemResponse(firstError);
    return new ProblemResponse(
      (await problem.text()).replace(/\}$/, `,${body}}`),
      { status: problem.status, headers: { 'content-type': PROBLEM_TYPE } },
      firstError,
    );
  },

  fetchPartition: async (context) => {
    const topic = topicParameter(context.req);
    const partition = partitionParameter(context.req);
    const query = parseQuery(fetchPartitionQuery, context.req);
    const asked = [{ topic, partition, offset: query.offset }];
    const results = await fetchWithin(await services(), asked, query, context.env.signal);
    const error = results[0]?.error;
    if (error !== undefined) return problemResponse(error);
    if (wantsBatches(context)) return batchesResponse(results[0]!);

    const { partitions, firstError } = jsonPartitions(asked, results);
    if (firstError !== undefined) return problemResponse(firstError);
    return new Answer(partitions[0]!, { headers: { 'content-type': 'application/json' } });
  },
});
