/** The producer under a clock of our own and a service that answers as it is told. */
import { expect, it } from 'vitest';
import { failureOf } from '../support/sdk-service.ts';
import { toldService as service } from '../support/told-service.ts';

it('lets messages wait for others as long as they may linger, and no longer', async () => {
  const { runtime, arrivals, producer } = service(() => 0);
  await runtime.drive(async () => {
    const lingering = producer({ lingerMs: 20 });
    const sends = ['a', 'b', 'c'].map(async (value, i) => {
      await runtime.sleep(i * 9);
      await lingering.send({ topic: 't', partition: 0, messages: [{ value }] });
    });
    await Promise.all(sends);
  });
  expect(arrivals.map(({ values }) => values)).toEqual([['a', 'b', 'c']]);
  expect(arrivals[0]!.atMs).toBe(20);
});

it('does not linger by default, and fills the next batch while one is on its way', async () => {
  const { runtime, arrivals, producer } = service(() => 0);
  await runtime.drive(async () => {
    const quick = producer();
    const send = (value: string) => quick.send({ topic: 't', partition: 0, messages: [{ value }] });
    await Promise.all(['a', 'b', 'c'].map(send));
    await send('d');
  });
  expect(arrivals.map(({ values }) => values)).toEqual([['a', 'b', 'c'], ['d']]);
  expect(arrivals.map(({ sequence }) => sequence)).toEqual([0, 3]);
});

it('sends only those partitions again that failed, the same bytes, after pauses that grow', async () => {
  const { runtime, arrivals, producer } = service(({ partition }, number) =>
    partition === 1 && number < 7 ? 'THROTTLING_QUOTA_EXCEEDED' : 0,
  );
  const told = await runtime.drive(() =>
    producer().send({
      topic: 't',
      messages: [0, 1, 2].map((partition) => ({ partition, value: `v${partition}` })),
    }),
  );
  expect(told.map(({ partition }) => partition)).toEqual([0, 1, 2]);
  const [first, ...others] = arrivals.filter(({ partition }) => partition === 1);
  expect(arrivals).toHaveLength(2 + 1 + others.length);
  const pauses = others.map(({ atMs }, i) => atMs - [first!, ...others][i]!.atMs);
  expect(pauses.every((ms, i) => i === 0 || ms > pauses[i - 1]! / 2)).toBe(true);
  expect(pauses.at(-1)).toBeGreaterThan(200);
  expect(new Set(others.map(({ sequence, producerId }) => `${producerId}/${sequence}`)).size).toBe(
    1,
  );
});

it('gives up in time; those behind go on in order, as somebody new', async () => {
  let isLost = true;
  const { runtime, arrivals, producer } = service(({ values }) =>
    isLost && values.includes('a') ? 'lost' : arrivals.length,
  );
  await runtime.drive(async () => {
    const patient = producer({ deliveryTimeoutMs: 10_000, batchBytes: 120 });
    const send = (value: string) =>
      patient.send({ topic: 't', partition: 0, messages: [{ value }] });
    const failing = failureOf(send('a'));
    await runtime.sleep(9_000);
    const behind = ['b', 'c'].map(send);
    const error = await failing;
    isLost = false;
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED', effect: 'unknown' });
    expect(runtime.monotonicMs()).toBeGreaterThan(8_000);
    expect(runtime.monotonicMs()).toBeLessThanOrEqual(10_000);
    await Promise.all(behind);
  });
  const [first] = arrivals;
  const after = arrivals.filter(({ values }) => !values.includes('a'));
  expect(after.map(({ values }) => values)).toEqual([['b'], ['c']]);
  expect(after.map(({ sequence }) => sequence)).toEqual([0, 1]);
  expect(after[0]!.producerId).not.toBe(first!.producerId);
  const again = arrivals.filter(({ values }) => values.includes('a'));
  expect(again.length).toBeGreaterThan(5);
  expect(new Set(again.map(({ producerId, sequence }) => `${producerId}/${sequence}`)).size).toBe(
    1,
  );
});

it('says of what waited too long behind another that it was not written', async () => {
  const { runtime, arrivals, producer } = service(() => 'lost', 6_000);
  await runtime.drive(async () => {
    const patient = producer({ deliveryTimeoutMs: 5_000, batchBytes: 100 });
    const send = (value: string) =>
      patient.send({ topic: 't', partition: 0, messages: [{ value }] });
    const [a, b] = await Promise.all([failureOf(send('a')), failureOf(send('b'.repeat(60)))]);
    expect(a).toMatchObject({ code: 'CONNECTION_FAILED', effect: 'unknown' });
    expect(b).toMatchObject({ code: 'REQUEST_TIMED_OUT', effect: 'none' });
  });
  expect(arrivals).toHaveLength(1);
});

it('takes a duplicate for written, though nobody can tell where', async () => {
  const { runtime, producer } = service((_, number) =>
    number === 0 ? 'lost' : 'DUPLICATE_SEQUENCE_NUMBER',
  );
  const told = await runtime.drive(() =>
    producer().send({ topic: 't', partition: 1, messages: [{ value: 'a' }] }),
  );
  expect(told).toEqual([{ topic: 't', partition: 1, offset: -1 }]);
});

it('does not write again what a copy of its first request has written already', async () => {
  const { runtime, arrivals, producer } = service((_, number) =>
    number === 0 ? 'DUPLICATE_SEQUENCE_NUMBER' : number,
  );
  await runtime.drive(async () => {
    const one = producer();
    const send = (value: string) => one.send({ topic: 't', partition: 0, messages: [{ value }] });
    expect(await failureOf(send('a'))).toMatchObject({
      code: 'DUPLICATE_SEQUENCE_NUMBER',
      effect: 'unknown',
    });
    await send('b');
  });
  expect(
    arrivals.map(({ producerId, sequence, values }) => [producerId, sequence, values]),
  ).toEqual([
    [0, 0, ['a']],
    [1, 0, ['b']],
  ]);
});

it('begins anew once when it is not known, and tells the truth when that does not help', async () => {
  const { runtime, arrivals, producer } = service(() => 'OUT_OF_ORDER_SEQUENCE_NUMBER');
  const error = await runtime.drive(() =>
    failureOf(producer().send({ topic: 't', partition: 0, messages: [{ value: 'a' }] })),
  );
  expect(error).toMatchObject({ code: 'OUT_OF_ORDER_SEQUENCE_NUMBER', effect: 'none' });
  expect(arrivals.map(({ producerId }) => producerId)).toEqual([0, 1]);
});

it('does not begin anew when an earlier attempt may have been written', async () => {
  const { runtime, arrivals, producer } = service((_, number) =>
    number === 0 ? 'lost' : 'OUT_OF_ORDER_SEQUENCE_NUMBER',
  );
  const error = await runtime.drive(() =>
    failureOf(producer().send({ topic: 't', partition: 0, messages: [{ value: 'a' }] })),
  );
  expect(error).toMatchObject({ code: 'OUT_OF_ORDER_SEQUENCE_NUMBER', effect: 'unknown' });
  expect(error.message).toContain('An earlier attempt may have been written');
  expect(new Set(arrivals.map(({ producerId }) => producerId)).size).toBe(1);
});

it('sends less at a time where a proxy takes less than the service', async () => {
  const asked = { method: 'POST', path: '/topics/t/records' };
  const refusal = { status: 413, contentType: 'text/html', body: Buffer.from('too large'), asked };
  const { runtime, arrivals, producer } = service(
    () => 0,
    0,
    ({ body }) =>
      body instanceof Uint8Array && body.length > 1_000_000 ? Promise.resolve(refusal) : undefined,
  );
  const one = producer();
  const send = (partition: number, value: string) =>
    one.send({ topic: 't', messages: [{ partition, value }] });
  await runtime.drive(() => Promise.all([0, 1, 2].map((p) => send(p, 'x'.repeat(400_000)))));
  await runtime.drive(() => Promise.all([0, 1, 2].map((p) => send(p, 'y'))));
  expect(arrivals).toHaveLength(6);
  const alone = await runtime.drive(() => failureOf(send(0, 'x'.repeat(1_000_000))));
  expect(alone).toMatchObject({ code: 'MESSAGE_TOO_LARGE', effect: 'none' });
});

it('isolates the message that the service refuses', async () => {
  const { runtime, producer } = service(({ values }) =>
    values.includes('bad') ? 'INVALID_RECORD' : 0,
  );
  const outcomes = await runtime.drive(() => {
    const one = producer();
    return Promise.allSettled(
      ['a', 'b', 'bad', 'c', 'd', 'e'].map((value) =>
        one.send({ topic: 't', partition: 0, messages: [{ value }] }),
      ),
    );
  });
  expect(outcomes.map(({ status }) => status[0])).toEqual(['f', 'f', 'r', 'f', 'f', 'f']);
});

it('sends messages without a key to one partition a batch, and then to another', async () => {
  const { runtime, arrivals, producer } = service(() => 0);
  await runtime.drive(async () => {
    const one = producer();
    for (let i = 0; i < 20; i++) {
      await one.send({ topic: 't', messages: [{ value: 'x' }, { value: 'y' }] });
    }
  });
  expect(arrivals).toHaveLength(20);
  expect(new Set(arrivals.map(({ partition }) => partition)).size).toBe(3);
  for (let i = 1; i < 20; i++) {
    expect(arrivals[i]!.partition).not.toBe(arrivals[i - 1]!.partition);
  }
});

it('keeps to its pauses, and to one identity, whatever is sent meanwhile', async () => {
  const { runtime, arrivals, producer } = service((_, number) =>
    number < 4 ? 'THROTTLING_QUOTA_EXCEEDED' : 0,
  );
  await runtime.drive(async () => {
    const busy = producer({ batchBytes: 300 });
    const sends: Promise<unknown>[] = [];
    for (let n = 0; n < 40; n++) {
      const value = `${n}`.padEnd(200, '.');
      sends.push(busy.send({ topic: 't', partition: 0, messages: [{ value }] }));
      await runtime.sleep(2);
    }
    await Promise.all(sends);
  });
  const first = arrivals.slice(0, 5).map(({ atMs }) => atMs);
  const pauses = first.slice(1).map((atMs, i) => atMs - first[i]!);
  // Shortest pauses: 25 ms, then twice that each time.
  for (const [i, ms] of pauses.entries()) expect(ms).toBeGreaterThanOrEqual(25 * 2 ** i);
});
