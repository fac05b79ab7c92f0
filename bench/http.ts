/**
 * What HTTP costs: appends and reads over a socket, by calling the functions, and by calling the broker,
 * in one run over the same stores; see layers.ts.
 *
 * A read by the broker answers views of what is in memory, without a copy: how much more HTTP costs than
 * that says little, beside what it costs by itself.
 *
 * `node bench/http.ts` prints the figures as JSON: 1 KB records, one a request or 1,000 in a batch of
 * 1 MB; MB are 10⁶ bytes of record values. `node bench/http.ts appendOneAsJson` measures cases by name.
 */
import { handler as fetchHandler } from '../functions/fetch.ts';
import { handler as produceHandler } from '../functions/produce.ts';
import type { Broker } from '../lib/broker/api.ts';
import { topicName } from '../lib/model/ids.ts';
import { encodeBatch } from '../lib/record/encode.ts';
import { BATCHES_MEDIA_TYPE } from '../lib/record/frames.ts';
import { type Child, startChild } from './child.ts';
import type { Load, LoadResult } from './http-load.ts';
import {
  CALLERS,
  cpuOf,
  type Measured,
  measureCalls,
  RUN_MS,
  type Service,
  WARM_UP_MS,
  withService,
} from './layers.ts';

const TOPIC = topicName('bench');
const PARTITIONS = 16;
const RECORD_BYTES = 1_000;
const MANY = 1_000;
/** Batches written before the reads, by the way: as many as stay in memory. */
const WRITTEN = 32;
const FIRST_MS = 1_700_000_000_000;

const VALUE = 'log of a thousand bytes '.repeat(50).slice(0, RECORD_BYTES);

interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  readonly isText: boolean;
}

interface Case {
  readonly records: number;
  /** One call a partition. */
  readonly calls: readonly Call[];
  readonly handler: (
    event: unknown,
    context: { readonly awsRequestId: string },
  ) => Promise<unknown>;
  /** The same without HTTP. */
  readonly direct: (broker: Broker, turn: number) => Promise<void>;
}

const batchOf = (records: number): Uint8Array =>
  encodeBatch(
    Array.from({ length: records }, () => ({ value: Buffer.from(VALUE), timestamp: FIRST_MS })),
  );

const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition);

const append = (records: number, as: 'json' | 'batches'): Case => {
  const batch = batchOf(records);
  const call = (partition: number): Call => ({
    method: 'POST',
    path: `/topics/${TOPIC}/records`,
    query: as === 'json' ? '' : `partition=${partition}`,
    headers: { 'content-type': as === 'json' ? 'application/json' : BATCHES_MEDIA_TYPE },
    body: Buffer.from(
      as === 'batches'
        ? batch
        : JSON.stringify({
            records: Array.from({ length: records }, () => ({ value: VALUE, partition })),
          }),
    ),
    isText: as === 'json',
  });
  return {
    records,
    calls: partitions.map(call),
    handler: produceHandler,
    direct: async (broker, turn) => {
      const partition = turn % PARTITIONS;
      // The broker takes the bytes over, so each append brings its own.
      const batches = new Uint8Array(batch);
      const [result] = await broker.produce({ topic: TOPIC, partitions: [{ partition, batches }] });
      if (result?.error) throw result.error;
    },
  };
};

const read = (records: number, as: 'json' | 'batches'): Case => {
  const maxBytes = records === 1 ? 1 : 1024 * 1024;
  const partition = records === 1 ? 1 : 0;
  const offsetOf = (turn: number): number => (turn % WRITTEN) * records;
  const call = (_: number, turn: number): Call => ({
    method: 'GET',
    path: `/topics/${TOPIC}/partitions/${partition}/records`,
    query: `offset=${offsetOf(turn)}&maxBytes=${maxBytes}`,
    headers: { accept: as === 'json' ? 'application/json' : BATCHES_MEDIA_TYPE },
    body: undefined,
    isText: true,
  });
  return {
    records,
    calls: Array.from({ length: WRITTEN }, (_, turn) => call(0, turn)),
    handler: fetchHandler,
    direct: async (broker, turn) => {
      const wanted = { topic: TOPIC, partition, offset: offsetOf(turn), maxBytes };
      const [result] = await broker.fetch({ partitions: [wanted], maxBytes });
      if (result?.error) throw result.error;
      if (result?.batches.length !== 1) throw new Error('one batch was to be read');
    },
  };
};

const CASES: Readonly<Record<string, () => Case>> = {
  readOneAsJson: () => read(1, 'json'),
  readManyAsJson: () => read(MANY, 'json'),
  readManyAsBatches: () => read(MANY, 'batches'),
  appendOneAsJson: () => append(1, 'json'),
  appendOneAsBatch: () => append(1, 'batches'),
  appendManyAsJson: () => append(MANY, 'json'),
  appendManyAsBatch: () => append(MANY, 'batches'),
};

/** The call as it goes over a socket. */
const requestOf = ({ method, path, query, headers, body }: Call): Uint8Array => {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = body === undefined ? '' : `content-length: ${body.length}\r\n`;
  const target = query === '' ? path : `${path}?${query}`;
  const head = `${method} ${target} HTTP/1.1\r\nhost: 127.0.0.1\r\n${lines.join('')}${length}\r\n`;
  return body === undefined ? Buffer.from(head) : Buffer.concat([Buffer.from(head), body]);
};

/** The call as API Gateway hands it to a function. */
const eventOf = ({ method, path, query, headers, body, isText }: Call): object => ({
  version: '2.0',
  rawPath: path,
  rawQueryString: query,
  headers,
  requestContext: { stage: '$default', http: { method } },
  ...(body === undefined ? {} : { body: body.toString(isText ? 'utf8' : 'base64') }),
  isBase64Encoded: !isText,
});

type Generator = Child<Load, LoadResult>;

const overHttp = async (
  { http: { port } }: Service,
  { calls }: Case,
  generator: Generator,
): Promise<Measured & { readonly generatorLoad: number }> => {
  const requests = calls.map(requestOf);
  await generator.ask({ port, requests, connections: CALLERS, runMs: WARM_UP_MS });
  const [result, cpuMicros] = await cpuOf(() =>
    generator.ask({ port, requests, connections: CALLERS, runMs: RUN_MS }),
  );
  const { requests: count, seconds, generatorLoad, p50Ms, p99Ms } = result;
  const cpu = Math.round(cpuMicros / count);
  return { calls: count, seconds, cpuMicros: cpu, p50Ms, p99Ms, generatorLoad };
};

const ofFunction = async ({ calls, handler }: Case): Promise<Measured> => {
  const events = calls.map(eventOf);
  const call = async (turn: number): Promise<void> => {
    const answer = await handler(events[turn % events.length], { awsRequestId: 'bench' });
    const { statusCode } = answer as { readonly statusCode: number };
    if (statusCode !== 200) throw new Error(JSON.stringify(answer));
  };
  await measureCalls(call, WARM_UP_MS);
  return measureCalls(call, RUN_MS);
};

const ofBroker = async ({ broker }: Service, { direct }: Case): Promise<Measured> => {
  await measureCalls((turn) => direct(broker, turn), WARM_UP_MS);
  return measureCalls((turn) => direct(broker, turn), RUN_MS);
};

const told = ({ records }: Case, { calls, seconds, ...measured }: Measured): object => ({
  requestsPerSecond: Math.round(calls / seconds),
  recordsPerSecond: Math.round((calls * records) / seconds),
  megabytesPerSecond: Number(((calls * records * RECORD_BYTES) / seconds / 1e6).toFixed(1)),
  ...measured,
});

const measure = async (service: Service, one: Case, generator: Generator): Promise<object> => {
  const broker = await ofBroker(service, one);
  const called = await ofFunction(one);
  const http = await overHttp(service, one, generator);
  return {
    http: told(one, http),
    function: told(one, called),
    broker: told(one, broker),
    cpuOfBroker: {
      http: Number((http.cpuMicros / broker.cpuMicros).toFixed(1)),
      function: Number((called.cpuMicros / broker.cpuMicros).toFixed(1)),
    },
  };
};

/** What is read: batches of many in one partition, batches of one in another. */
const write = async (broker: Broker): Promise<void> => {
  await broker.createTopic({ name: TOPIC, partitions: PARTITIONS });
  for (let n = 0; n < WRITTEN; n++) {
    await broker.produce({
      topic: TOPIC,
      partitions: [
        { partition: 0, batches: batchOf(MANY) },
        { partition: 1, batches: batchOf(1) },
      ],
    });
  }
};

/** All cases, or those named; see the head of this file. */
export const benchHttp = (names: readonly string[] = Object.keys(CASES)): Promise<object> =>
  withService(async (service) => {
    await write(service.broker);
    const generator: Generator = startChild(new URL('./http-load.ts', import.meta.url));
    try {
      const figures: Record<string, object> = {};
      for (const name of names) {
        figures[name] = await measure(service, CASES[name]!(), generator);
      }
      return { callers: CALLERS, recordBytes: RECORD_BYTES, ...figures };
    } finally {
      generator.stop();
    }
  });

if (import.meta.main) {
  const names = process.argv.slice(2);
  console.log(JSON.stringify(await benchHttp(names.length === 0 ? undefined : names), null, 2));
}
