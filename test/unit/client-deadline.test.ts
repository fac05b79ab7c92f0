/** A message fails in time, whatever it waits for. */
import { expect, it } from 'vitest';
import { errorOfTransport } from '../../lib/client/failures.ts';
import { failureOf } from '../support/sdk-service.ts';
import { toldService } from '../support/told-service.ts';

const AWAY = errorOfTransport(new Error('reset'), 'http://x', false);
const DEADLINE_MS = 10_000;

/** Sends one message after the other without waiting, and tells when each failed, and how. */
const failuresOf = async (
  { runtime, producer }: ReturnType<typeof toldService>,
  options: { readonly maxBufferBytes?: number; readonly requestTimeoutMs?: number } = {},
  topic = 't',
) => {
  const patient = producer({ deliveryTimeoutMs: DEADLINE_MS, ...options });
  return runtime.drive(async () => {
    await patient.send({ topic: 't', partition: 0, messages: [{ value: 'first' }] });
    const sends = Array.from({ length: 5 }, async (_, i) => {
      const messages = [{ value: `${i}`.repeat(50) }];
      const { code, effect } = await failureOf(patient.send({ topic, partition: 0, messages }));
      return { atMs: runtime.monotonicMs(), code, effect };
    });
    return Promise.all(sends);
  });
};

it('that waits for what is known of its topic', async () => {
  const service = toldService(
    () => 0,
    0,
    ({ method, path }) =>
      method === 'GET' && path === '/topics/u' ? Promise.reject(AWAY) : undefined,
  );
  const failures = await failuresOf(service, {}, 'u');
  for (const { atMs, effect } of failures) {
    expect(atMs).toBeLessThanOrEqual(DEADLINE_MS);
    expect(effect).toBe('none');
  }
});

it('whose topic is asked about in vain, without an answer', async () => {
  const service = toldService(
    () => 0,
    0,
    ({ path }) => (path === '/topics/u' ? new Promise(() => {}) : undefined),
  );
  const failures = await failuresOf(service, {}, 'u');
  for (const failure of failures) {
    expect(failure).toMatchObject({ code: 'REQUEST_TIMED_OUT', effect: 'none' });
    expect(failure.atMs).toBeLessThanOrEqual(DEADLINE_MS + 1);
  }
});

it('that waits for room', async () => {
  const service = toldService(({ values }) =>
    values.includes('first') ? 0 : 'THROTTLING_QUOTA_EXCEEDED',
  );
  const failures = await failuresOf(service, { maxBufferBytes: 100 });
  for (const { atMs, effect } of failures) {
    expect(atMs).toBeLessThanOrEqual(DEADLINE_MS + 1);
    expect(effect).toBe('none');
  }
});

it('whose request is not answered', async () => {
  const timeouts: (number | undefined)[] = [];
  const service = toldService(
    ({ values }) => (values.includes('first') ? 0 : 'THROTTLING_QUOTA_EXCEEDED'),
    0,
    ({ path, timeoutMs }) => {
      if (path.endsWith('/records')) timeouts.push(timeoutMs);
      return undefined;
    },
  );
  await failuresOf(service);
  expect(timeouts.length).toBeGreaterThan(5);
  expect(timeouts[0]).toBe(DEADLINE_MS);
  expect(timeouts.at(-1)).toBeLessThan(DEADLINE_MS / 2);
  expect(timeouts.at(-1)).toBeGreaterThanOrEqual(1_000);
});
