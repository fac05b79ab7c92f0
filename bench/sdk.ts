/**
 * What the SDK brings about: messages of 1 KB written and read by a program of its own, over HTTP, beside
 * the broker called directly in the same run over the same stores; see layers.ts.
 *
 * `node bench/sdk.ts` prints the figures as JSON; MB are 10⁶ bytes of record values. `cpuMicros` is what
 * a record costs the service, `clientCpuMicros` what it costs the program. The broker's callers encode and
 * decode batches of 1 MB themselves, as the SDK does.
 */
import type { Broker } from '../lib/broker/api.ts';
import { topicName } from '../lib/model/ids.ts';
import { decodeBatch } from '../lib/record/decode.ts';
import { encodeBatch } from '../lib/record/encode.ts';
import { startChild } from './child.ts';
import { CALLERS, cpuOf, measureCalls, type Service, WARM_UP_MS, withService } from './layers.ts';
import type { SdkResult, SdkTask } from './sdk-load.ts';

const PARTITIONS = 16;
const VALUE_BYTES = 1_000;
const MANY = 1_000;
const RUN_MS = 2_500;
/** Records in the topic that is read. */
const WRITTEN = 64_000;
const FIRST_MS = 1_700_000_000_000;

const value = Buffer.alloc(VALUE_BYTES, 'log of a thousand bytes ');

const batch = (): Uint8Array =>
  encodeBatch(Array.from({ length: MANY }, () => ({ value, timestamp: FIRST_MS })));

const told = (
  { calls, records, valueBytes, seconds, ...rest }: SdkResult,
  cpu: number,
): object => ({
  callsPerSecond: Math.round(calls / seconds),
  recordsPerSecond: Math.round(records / seconds),
  megabytesPerSecond: Number((valueBytes / seconds / 1e6).toFixed(1)),
  cpuMicros: Number((cpu / records).toFixed(2)),
  ...rest,
});

/** As `told`, of calls of `MANY` records in this process. */
const directly = async (call: (turn: number) => Promise<void>): Promise<object> => {
  await measureCalls(call, WARM_UP_MS);
  const { calls, seconds, cpuMicros, p50Ms, p99Ms } = await measureCalls(call, RUN_MS / 2);
  return {
    callsPerSecond: Math.round(calls / seconds),
    recordsPerSecond: Math.round((calls * MANY) / seconds),
    megabytesPerSecond: Number(((calls * MANY * VALUE_BYTES) / seconds / 1e6).toFixed(1)),
    cpuMicros: Number((cpuMicros / MANY).toFixed(2)),
    p50Ms,
    p99Ms,
  };
};

const writing = async (service: Service): Promise<object> => {
  const topic = topicName('written');
  await service.broker.createTopic({ name: topic, partitions: PARTITIONS });
  const client = startChild<SdkTask, SdkResult>(new URL('./sdk-load.ts', import.meta.url));
  const endpoint = `http://127.0.0.1:${service.http.port}`;
  const measure = async (senders: number, messages: number, idempotent: boolean) => {
    const task = { verb: 'write', endpoint, topic, idempotent, senders, messages } as const;
    await client.ask({ ...task, valueBytes: VALUE_BYTES, runMs: WARM_UP_MS });
    return told(
      ...(await cpuOf(() => client.ask({ ...task, valueBytes: VALUE_BYTES, runMs: RUN_MS }))),
    );
  };
  try {
    return {
      oneByOne: await measure(CALLERS, 1, true),
      thousandsAtATime: await measure(16, MANY, true),
      thousandsAtATimeNotIdempotent: await measure(16, MANY, false),
      broker: await directly(async (turn) => {
        const partition = turn % PARTITIONS;
        const [result] = await service.broker.produce({
          topic,
          partitions: [{ partition, batches: batch() }],
        });
        if (result?.error) throw result.error;
      }),
    };
  } finally {
    client.stop();
  }
};

const fill = async (broker: Broker, topic: ReturnType<typeof topicName>): Promise<void> => {
  await broker.createTopic({ name: topic, partitions: PARTITIONS });
  for (let turn = 0; turn < WRITTEN / MANY; turn++) {
    const partition = turn % PARTITIONS;
    await broker.produce({ topic, partitions: [{ partition, batches: batch() }] });
  }
};

const reading = async ({ broker, http }: Service): Promise<object> => {
  const topic = topicName('read');
  await fill(broker, topic);
  const client = startChild<SdkTask, SdkResult>(new URL('./sdk-load.ts', import.meta.url));
  const endpoint = `http://127.0.0.1:${http.port}`;
  const perPartition = WRITTEN / PARTITIONS;
  try {
    await client.ask({ verb: 'read', endpoint, topic, runMs: WARM_UP_MS });
    const [result, cpu] = await cpuOf(() =>
      client.ask({ verb: 'read', endpoint, topic, runMs: RUN_MS }),
    );
    return {
      batches: told(result, cpu),
      broker: await directly(async (turn) => {
        const partition = turn % PARTITIONS;
        const offset = (Math.floor(turn / PARTITIONS) * MANY) % perPartition;
        const [fetched] = await broker.fetch({
          partitions: [{ topic, partition, offset }],
          maxBytes: 1,
        });
        if (fetched?.error) throw fetched.error;
        for (const one of fetched!.batches) decodeBatch(one);
      }),
    };
  } finally {
    client.stop();
  }
};

/** Writing and reading; see the head of this file. */
export const benchSdk = (): Promise<object> =>
  withService(async (service) => ({
    valueBytes: VALUE_BYTES,
    write: await writing(service),
    read: await reading(service),
  }));

if (import.meta.main) console.log(JSON.stringify(await benchSdk(), null, 2));
