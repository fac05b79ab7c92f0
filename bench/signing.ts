/**
 * What it costs a client to sign a request, by the size of its body: the time until it would leave.
 *
 * `node bench/signing.ts` prints the figures as JSON. `hash` is the body's hash alone, which is most of it
 * where the body is large.
 */
import { createHash } from 'node:crypto';
import { signedFetch } from '../lib/client/aws/signed-fetch.ts';
import { systemRuntime } from '../lib/model/runtime.ts';
import { percentiles } from './percentiles.ts';

const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' };
const SIZES = { body100B: 100, body64KiB: 64 * 1024, body4MiB: 4 * 1024 * 1024 };
const RUN_MS = 1_500;

const timed = async (task: () => unknown): Promise<number> => {
  const start = systemRuntime.monotonicMs();
  await task();
  return systemRuntime.monotonicMs() - start;
};

/** Again and again, the first few not counted. */
const latenciesOf = async (task: () => unknown): Promise<number[]> => {
  for (let i = 0; i < 10; i += 1) await task();
  const latenciesMs: number[] = [];
  const untilMs = systemRuntime.monotonicMs() + RUN_MS;
  while (systemRuntime.monotonicMs() < untilMs) latenciesMs.push(await timed(task));
  return latenciesMs;
};

/** By size of body. */
export const benchSigning = async (): Promise<object> => {
  const leave = async () => new Response(null, { status: 204 });
  const sign = signedFetch({ region: 'eu-central-1', credentials: CREDENTIALS, fetch: leave });
  const results: Record<string, object> = {};
  for (const [name, size] of Object.entries(SIZES)) {
    const body = new Uint8Array(size).fill(7);
    const headers = { 'content-type': 'application/json' };
    const request = () =>
      sign('https://log.example.com/topics/orders/records', { method: 'POST', headers, body });
    const hash = () => createHash('sha256').update(body).digest();
    results[name] = {
      signed: percentiles(await latenciesOf(request)),
      hash: percentiles(await latenciesOf(hash)),
    };
  }
  return results;
};

if (import.meta.main) console.log(JSON.stringify(await benchSigning(), null, 2));
