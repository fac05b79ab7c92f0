/**
 * A load generator for HTTP/1.1, in a process of its own so that what the server costs is the server's:
 * it writes requests that were made before, as they are, over connections that stay open, and looks at
 * no more of an answer than its status and length.
 *
 * Started by bench/load.ts; takes a `Load` as a message, answers a `LoadResult`.
 */
import { connect, type Socket } from 'node:net';
import { systemRuntime } from '../lib/model/runtime.ts';
import { percentiles } from './percentiles.ts';

export interface Load {
  readonly port: number;
  /** Whole requests, head and body; the connections go through them by turns. */
  readonly requests: readonly Uint8Array[];
  readonly connections: number;
  readonly runMs: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly answerBytes: number;
  readonly seconds: number;
  /** Of one core that the generator used. */
  readonly generatorLoad: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const END_OF_HEAD = '\r\n\r\n';
const LENGTH = /\r\ncontent-length: *(\d+)/i;

/** Calls `answered` with the size of each answer on `socket`, one at a time. */
const readAnswers = (socket: Socket, answered: (sizeBytes: number) => void): void => {
  let head: Buffer = Buffer.alloc(0);
  /** Bytes of the answer that are still to come; undefined: its head is. */
  let left: number | undefined;
  let sizeBytes = 0;
  socket.on('data', (chunk: Buffer) => {
    let rest = chunk;
    if (left === undefined) {
      head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
      const end = head.indexOf(END_OF_HEAD);
      if (end < 0) return;
      const text = head.toString('latin1', 0, end);
      if (!/^HTTP\/1\.1 20\d/.test(text)) {
        throw new Error(`the server answered ${head.toString()}`);
      }
      sizeBytes = Number(LENGTH.exec(text)?.[1] ?? 0);
      left = sizeBytes;
      rest = head.subarray(end + END_OF_HEAD.length);
    }
    left -= rest.length;
    if (left > 0) return;
    head = Buffer.alloc(0);
    left = undefined;
    answered(sizeBytes);
  });
};

const run = async ({ port, requests, connections, runMs }: Load): Promise<LoadResult> => {
  const { monotonicMs } = systemRuntime;
  const latenciesMs: number[] = [];
  let answerBytes = 0;
  let turn = 0;
  const cpu = process.cpuUsage();
  const start = monotonicMs();

  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      let sentMs = 0;
      const send = (): void => {
        if (monotonicMs() - start >= runMs) {
          socket.destroy();
          resolve();
          return;
        }
        sentMs = monotonicMs();
        socket.write(requests[turn++ % requests.length]!);
      };
      readAnswers(socket, (sizeBytes) => {
        latenciesMs.push(monotonicMs() - sentMs);
        answerBytes += sizeBytes;
        send();
      });
      socket.on('error', reject);
      socket.on('connect', send);
    });

  await Promise.all(Array.from({ length: connections }, one));
  const seconds = (monotonicMs() - start) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  return {
    requests: latenciesMs.length,
    answerBytes,
    seconds,
    generatorLoad: Number(((user + system) / 1e6 / seconds).toFixed(2)),
    ...percentiles(latenciesMs),
  };
};

process.on('message', async (load: Load) => {
  process.send?.(await run(load));
});
