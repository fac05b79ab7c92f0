/** The producer's bounds and ends: expectedEnd, room, cancelling, timeouts, closing. */
import { describe, expect, it } from 'vitest';
import { Stratalog } from '../../lib/index.ts';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { flakyFetch, isProduce } from '../support/flaky-fetch.ts';
import { failureOf, first, QUICK, sdkService } from '../support/sdk-service.ts';

const service = sdkService();
const { over, newTopic, valuesOf } = service;

describe('expectedEnd', () => {
  it('writes all at the end or nothing, whoever else writes', async () => {
    const topic = await newTopic(2);
    await using producer = over().producer();
    const append = (expectedEnd: number, ...values: string[]) =>
      producer.send({
        topic,
        partition: 1,
        expectedEnd,
        messages: values.map((value) => ({ value })),
      });
    expect(await append(0, 'a', 'b')).toMatchObject([{ offset: 0 }, { offset: 1 }]);
    expect(await failureOf(append(0, 'c'))).toMatchObject({
      code: 'UNEXPECTED_LOG_END',
      effect: 'none',
    });
    const racers = await Promise.allSettled([append(2, 'd', 'e'), append(2, 'f'), append(2, 'g')]);
    expect(racers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await valuesOf(topic)).toEqual(['a', 'b', 'd', 'e']);
  });

  it('is still all or nothing when answers are lost', async () => {
    const topic = await newTopic();
    await using producer = over(first(2, 'lose-answer')).producer({ batchBytes: 200 });
    const values = Array.from({ length: 20 }, (_, i) => `${i}`.repeat(30));
    const messages = values.map((value) => ({ value }));
    const told = await producer.send({ topic, messages, expectedEnd: 0 });
    expect(told.map(({ offset }) => offset)).toEqual([...values.keys()]);
    expect(await valuesOf(topic)).toEqual(values);
  });

  it('wants one partition', async () => {
    const topic = await newTopic(2);
    await using producer = over().producer();
    const send = (...messages: { value: string; partition?: number }[]) =>
      failureOf(producer.send({ topic, messages, expectedEnd: 0 }));
    expect((await send({ value: 'x' })).message).toMatch(/name it/);
    const both = await send({ value: 'x', partition: 0 }, { value: 'x', partition: 1 });
    expect(both).toMatchObject({ code: 'INVALID_REQUEST', effect: 'none' });
  });
});

describe('limits and ends', () => {
  it('waits for room, and holds no more than it may', async () => {
    const topic = await newTopic();
    let hold = true;
    let largest = 0;
    const log = new Stratalog({
      endpoint: service.url(),
      fetch: async (input, init) => {
        while (hold && init?.body instanceof Uint8Array) await systemRuntime.sleep(1);
        if (init?.body instanceof Uint8Array) largest = Math.max(largest, init.body.length);
        return fetch(input, init);
      },
    });
    await using producer = log.producer({ maxBufferBytes: 10_000, lingerMs: 60_000 });
    let done = 0;
    const sends = Array.from({ length: 50 }, async () => {
      await producer.send({ topic, messages: [{ value: 'x'.repeat(1_000) }] });
      done += 1;
    });
    await systemRuntime.sleep(50);
    expect(done).toBe(0);
    hold = false;
    // Nobody flushes: who waits for room ends the lingering of those who have it.
    await Promise.all(sends.slice(0, 40));
    await producer.flush();
    await Promise.all(sends);
    expect(largest).toBeLessThan(11_000);
    expect(await valuesOf(topic)).toHaveLength(50);
  });

  it('takes back what was not sent when it is cancelled, and says so of what was', async () => {
    const topic = await newTopic();
    await using producer = over().producer({ lingerMs: 60_000 });
    const early = new AbortController();
    const sending = producer.send({ topic, messages: [{ value: 'a' }], signal: early.signal });
    const other = producer.send({ topic, messages: [{ value: 'b' }] });
    await systemRuntime.sleep(20);
    early.abort();
    expect(await failureOf(sending)).toMatchObject({ code: 'CANCELLED', effect: 'none' });
    await producer.flush();
    await other;
    expect(await valuesOf(topic)).toEqual(['b']);

    let isOnItsWay = false;
    const stuck = over((passing) => {
      isOnItsWay ||= isProduce(passing);
      return isProduce(passing) ? 'hang' : undefined;
    }).producer();
    const late = new AbortController();
    const onItsWay = stuck.send({ topic, messages: [{ value: 'c' }], signal: late.signal });
    while (!isOnItsWay) await systemRuntime.sleep(1);
    late.abort();
    expect(await failureOf(onItsWay)).toMatchObject({ code: 'CANCELLED', effect: 'unknown' });
    const never = stuck.send({ topic, messages: [{ value: 'd' }], signal: late.signal });
    expect(await failureOf(never)).toMatchObject({ code: 'CANCELLED', effect: 'none' });
  });

  it('gives up a request that is not answered, and then the message', async () => {
    const topic = await newTopic();
    const log = new Stratalog({
      endpoint: service.url(),
      retry: QUICK,
      requestTimeoutMs: 100,
      fetch: flakyFetch((passing) => (isProduce(passing) ? 'hang' : undefined)),
    });
    const producer = log.producer({ deliveryTimeoutMs: 150 });
    const error = await failureOf(producer.send({ topic, messages: [{ value: 'x' }] }));
    expect(error).toMatchObject({ code: 'REQUEST_TIMED_OUT', effect: 'unknown' });
  });

  it('flushes when it is closed, and takes no more', async () => {
    const topic = await newTopic();
    const producer = over().producer({ lingerMs: 60_000 });
    const sending = producer.send({ topic, messages: [{ value: 'x' }] });
    await producer.close();
    expect(await sending).toMatchObject([{ offset: 0 }]);
    expect(await failureOf(producer.send({ topic, messages: [{ value: 'y' }] }))).toMatchObject({
      code: 'INVALID_REQUEST',
    });
  });

  it('asks a partitioner, and finds partitions that were added', async () => {
    const topic = await newTopic(2);
    const seen: unknown[] = [];
    await using producer = over().producer({
      partitioner: ({ key, partitions }) => {
        seen.push(partitions);
        return key === null ? undefined : key.length % partitions;
      },
    });
    const [told] = await producer.send({ topic, messages: [{ key: 'abc', value: 'x' }] });
    expect(told!.partition).toBe(1);
    await over().admin().addPartitions({ topic, partitions: 4 });
    const [later] = await producer.send({ topic, messages: [{ value: 'x', partition: 3 }] });
    expect(later).toMatchObject({ partition: 3, offset: 0 });
    expect(seen).toEqual([2]);
  });

  it.each([
    [{ lingerMs: -1 }, /lingerMs is -1/],
    [{ batchBytes: 0 }, /batchBytes is 0/],
    [{ compression: 'brotli' as 'gzip' }, /compression is "brotli"/],
  ])('refuses %o', (options, text) => {
    expect(() => over().producer(options)).toThrow(text);
  });
});
