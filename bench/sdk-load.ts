/**
 * A program that uses the SDK, in a process of its own: it writes messages of 1 KB for a while, or reads a
 * topic from its beginning to its end, and tells what that came to.
 *
 * Started by bench/sdk.ts; takes an `SdkTask` as a message, answers an `SdkResult`.
 */
import { bytes, Stratalog } from '../lib/index.ts';
import { systemRuntime } from '../lib/model/runtime.ts';
import { percentiles } from './percentiles.ts';

/** `messages`: sent at a time by each of `senders`, which wait for their answer. */
export type SdkTask = { readonly endpoint: string; readonly topic: string } & (
  | {
      readonly verb: 'write';
      readonly idempotent: boolean;
      readonly senders: number;
      readonly messages: number;
      readonly valueBytes: number;
      readonly runMs: number;
    }
  | { readonly verb: 'read'; readonly runMs: number }
);

export interface SdkResult {
  readonly calls: number;
  readonly records: number;
  readonly valueBytes: number;
  readonly seconds: number;
  /** What a record cost this process, all its threads, µs. */
  readonly clientCpuMicros: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const { monotonicMs } = systemRuntime;

type Write = Extract<SdkTask, { readonly verb: 'write' }>;
type Done = Omit<SdkResult, 'clientCpuMicros'>;

const write = async (log: Stratalog, task: Write): Promise<Done> => {
  const { topic, idempotent, senders, messages: count, valueBytes, runMs } = task;
  const value = Buffer.alloc(valueBytes, 'log of a thousand bytes ');
  const messages = Array.from({ length: count }, () => ({ value }));
  const latenciesMs: number[] = [];
  await using producer = log.producer({ idempotent, value: bytes });
  const start = monotonicMs();
  const sender = async (): Promise<void> => {
    while (monotonicMs() - start < runMs) {
      const sentMs = monotonicMs();
      await producer.send({ topic, messages });
      latenciesMs.push(monotonicMs() - sentMs);
    }
  };
  await Promise.all(Array.from({ length: senders }, sender));
  const seconds = (monotonicMs() - start) / 1_000;
  const records = latenciesMs.length * count;
  return {
    calls: latenciesMs.length,
    records,
    valueBytes: records * valueBytes,
    seconds,
    ...percentiles(latenciesMs),
  };
};

const read = async (log: Stratalog, topic: string, runMs: number): Promise<Done> => {
  const start = monotonicMs();
  let calls = 0;
  let records = 0;
  let valueBytes = 0;
  const latenciesMs: number[] = [];
  while (monotonicMs() - start < runMs) {
    await using reader = log.reader({ topic, until: 'end', key: bytes, value: bytes });
    let sinceMs = monotonicMs();
    for await (const batch of reader.batches()) {
      latenciesMs.push(monotonicMs() - sinceMs);
      calls++;
      records += batch.length;
      for (const { value } of batch) valueBytes += value?.length ?? 0;
      sinceMs = monotonicMs();
    }
  }
  const seconds = (monotonicMs() - start) / 1_000;
  return { calls, records, valueBytes, seconds, ...percentiles(latenciesMs) };
};

process.on('message', async (task: SdkTask) => {
  const log = new Stratalog({ endpoint: task.endpoint });
  const cpu = process.cpuUsage();
  const done =
    task.verb === 'write' ? await write(log, task) : await read(log, task.topic, task.runMs);
  const { user, system } = process.cpuUsage(cpu);
  const clientCpuMicros = Number(((user + system) / done.records).toFixed(2));
  process.send?.({ ...done, clientCpuMicros } satisfies SdkResult);
});
