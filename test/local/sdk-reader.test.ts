/** The reader against the local service. */
import { describe, expect, it } from 'vitest';
import { json, type Message, Stratalog, type StratalogError } from '../../lib/index.ts';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { flakyFetch, type Passing } from '../support/flaky-fetch.ts';
import { failureOf, QUICK, sdkService } from '../support/sdk-service.ts';

const service = sdkService();
const { over, newTopic } = service;

/** Writes values to a partition, each batch by itself; times are 1,000 ms apart from 1,000 on. */
const write = async (topic: string, partition: number, from: number, count: number) => {
  await using producer = over().producer();
  for (let i = from; i < from + count; i++) {
    const message = { value: `${partition}/${i}`, timestamp: (i + 1) * 1_000 };
    await producer.send({ topic, partition, messages: [message] });
  }
};

const take = async <T>(source: AsyncIterable<T>, count = Number.POSITIVE_INFINITY) => {
  const found: T[] = [];
  for await (const each of source) {
    found.push(each);
    if (found.length === count) break;
  }
  return found;
};

const valuesOf = (messages: readonly Message[]) => messages.map(({ value }) => value).sort();

describe('where it begins', () => {
  it.each([
    ['beginning', ['0/0', '0/1', '0/2', '0/3', '1/0', '1/1']],
    ['end', []],
    [{ offset: 1 }, ['0/1', '0/2', '0/3', '1/1']],
    [{ offsets: { 0: 3 } }, ['0/3', '1/0', '1/1']],
    [{ offsets: new Map([[1, 2]]) }, ['0/0', '0/1', '0/2', '0/3']],
    [{ last: 1 }, ['0/3', '1/1']],
    [{ last: 100 }, ['0/0', '0/1', '0/2', '0/3', '1/0', '1/1']],
    [{ time: 3_000 }, ['0/2', '0/3']],
    [{ time: new Date(1_500) }, ['0/1', '0/2', '0/3', '1/1']],
  ] as const)('%o', async (from, expected) => {
    const topic = await newTopic(2);
    await Promise.all([write(topic, 0, 0, 4), write(topic, 1, 0, 2)]);
    const found = await take(over().reader({ topic, from, until: 'end' }));
    expect(valuesOf(found)).toEqual(expected);
  });

  it('skips what lies before the offset in the same batch, and reads chosen partitions only', async () => {
    const topic = await newTopic(3);
    await using producer = over().producer();
    const values = ['a', 'b', 'c', 'd'];
    await producer.send({ topic, partition: 1, messages: values.map((value) => ({ value })) });
    await producer.send({ topic, partition: 2, messages: [{ value: 'other' }] });
    const reader = over().reader({ topic, partitions: [1], from: { offset: 2 }, until: 'end' });
    expect(valuesOf(await take(reader))).toEqual(['c', 'd']);
    expect([...reader.positions]).toEqual([[1, 4]]);
  });

  it('names the partition, or the offset, that is not there', async () => {
    const topic = await newTopic(2);
    const none = over().reader({ topic, partitions: [5] });
    expect(await failureOf(take(none))).toMatchObject({
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
      message: expect.stringContaining('no partition 5; it has 2'),
    });
    for (const offsets of [{ 0: 0, 5: 0 }, new Map([[5, 0]])]) {
      const elsewhere = over().reader({ topic, from: { offsets } });
      expect(await failureOf(take(elsewhere))).toMatchObject({
        code: 'UNKNOWN_TOPIC_OR_PARTITION',
        context: { partition: 5, partitions: 2 },
      });
    }
    const beyond = over().reader({ topic, from: { offset: 7 } });
    expect(await failureOf(take(beyond))).toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
    expect(await failureOf(take(over().reader({ topic: 'nope' })))).toMatchObject({
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
    });
    expect(() => over().reader({ topic, from: 'start' as 'end' })).toThrow(/from must be/);
    const day = { time: '2026-03-01' as unknown as Date };
    expect(() => over().reader({ topic, from: day })).toThrow(/"2026-03-01"; it must be a Date/);
    expect(() => over().reader({ topic, from: { time: new Date('soon') } })).toThrow(/be a Date/);
    const forever = { topic, until: 'latest' as 'end' };
    expect(() => over().reader(forever)).toThrow(/until is "latest"; it must be "end"/);
    const elsewhere = { topic, onOutOfRange: 'end' as 'latest' };
    expect(() => over().reader(elsewhere)).toThrow(/onOutOfRange is "end"; it must be "error"/);
  });
});

describe('the loop', () => {
  it('goes on where a loop was left, and keeps positions of what was handed out', async () => {
    const topic = await newTopic();
    await write(topic, 0, 0, 6);
    const reader = over().reader({ topic, until: 'end' });
    expect(reader.positions.size).toBe(0);
    expect(valuesOf(await take(reader, 2))).toEqual(['0/0', '0/1']);
    expect(reader.positions.get(0)).toBe(2);
    expect(valuesOf(await take(reader))).toEqual(['0/2', '0/3', '0/4', '0/5']);
    expect(reader.positions.get(0)).toBe(6);
  });

  it('gives arrays of what was written together', async () => {
    const topic = await newTopic(2);
    await using producer = over().producer();
    for (const partition of [0, 1]) {
      const messages = [{ value: 'a' }, { value: 'b' }];
      await producer.send({ topic, partition, messages });
    }
    const arrays = await take(over().reader({ topic, until: 'end' }).batches());
    expect(arrays.map((array) => array.map(({ value }) => value))).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect(new Set(arrays.map(([message]) => message!.partition)).size).toBe(2);
  });

  it('waits for what comes, through many rounds', async () => {
    const topic = await newTopic(3);
    const reader = over().reader({ topic, from: 'end', maxWaitMs: 200 });
    const reading = take(reader, 6);
    while (reader.positions.size === 0) await systemRuntime.sleep(5);
    for (const partition of [2, 0, 1]) await write(topic, partition, 0, 2);
    expect(valuesOf(await reading)).toEqual(['0/0', '0/1', '1/0', '1/1', '2/0', '2/1']);
  });

  it('is fair to a quiet partition beside a busy one', async () => {
    const topic = await newTopic(2);
    await using producer = over().producer({ batchBytes: 10_000 });
    const value = 'x'.repeat(9_000);
    const busy = Array.from({ length: 40 }, () => ({ value, partition: 0 }));
    await producer.send({ topic, messages: [...busy, { value: 'quiet', partition: 1 }] });
    const reader = over().reader({ topic, until: 'end', maxBytes: 20_000, prefetchBytes: 0 });
    const order = (await take(reader)).map(({ partition }) => partition);
    expect(order).toHaveLength(41);
    expect(order.indexOf(1)).toBeLessThan(10);
  });

  it('fetches ahead while messages are handled, within its bound', async () => {
    const topic = await newTopic();
    await using producer = over().producer({ batchBytes: 10_000 });
    const messages = Array.from({ length: 60 }, () => ({ value: 'x'.repeat(9_000) }));
    await producer.send({ topic, messages });
    let fetches = 0;
    const log = over(({ path }) => {
      if (path.endsWith('/fetch')) fetches += 1;
      return undefined;
    });
    const reading = (prefetchBytes: number) =>
      log.reader({ topic, until: 'end', maxBytes: 20_000, prefetchBytes })[Symbol.asyncIterator]();
    const ahead = reading(100_000);
    await ahead.next();
    while (fetches < 5) await systemRuntime.sleep(5);
    await systemRuntime.sleep(50);
    expect(fetches).toBeLessThanOrEqual(7);
    await ahead.return?.();
    fetches = 0;
    const onDemand = reading(0);
    await onDemand.next();
    await systemRuntime.sleep(50);
    expect(fetches).toBe(1);
    await onDemand.return?.();
  });

  it('finds partitions that the topic got later, and reads all of them', async () => {
    const topic = await newTopic(1);
    const reader = over().reader({ topic, from: 'end', maxWaitMs: 20, metadataMaxAgeMs: 10 });
    const reading = take(reader, 2);
    while (reader.positions.size === 0) await systemRuntime.sleep(5);
    await over().admin().addPartitions({ topic, partitions: 3 });
    await write(topic, 2, 0, 1);
    await write(topic, 0, 0, 1);
    expect(valuesOf(await reading)).toEqual(['0/0', '2/0']);
  });
});

describe('its end', () => {
  it('ends when it is closed, and takes no other loop', async () => {
    const topic = await newTopic();
    const reader = over().reader({ topic });
    const reading = take(reader);
    while (reader.positions.size === 0) await systemRuntime.sleep(5);
    await reader.close();
    expect(await reading).toEqual([]);
    expect(await failureOf(take(reader))).toMatchObject({ code: 'INVALID_REQUEST' });
  });

  it('ends with CANCELLED when its signal says so', async () => {
    const topic = await newTopic();
    const stop = new AbortController();
    const reading = take(over().reader({ topic, signal: stop.signal }));
    await systemRuntime.sleep(50);
    stop.abort();
    expect(await failureOf(reading)).toMatchObject({ code: 'CANCELLED', effect: 'none' });
  });

  it('ends between two batches of one fetch too', async () => {
    const topic = await newTopic();
    await write(topic, 0, 0, 5);
    const closed = over().reader({ topic });
    let count = 0;
    for await (const _ of closed.batches()) {
      count += 1;
      await closed.close();
    }
    expect(count).toBe(1);
    const cancelling = new AbortController();
    const cancelled = over().reader({ topic, signal: cancelling.signal });
    const seen: number[] = [];
    const reading = async () => {
      for await (const [message] of cancelled.batches()) {
        seen.push(message!.offset);
        cancelling.abort();
      }
    };
    expect(await failureOf(reading())).toMatchObject({ code: 'CANCELLED' });
    expect(seen).toEqual([0]);
    expect([...cancelled.positions]).toEqual([[0, 1]]);
  });

  it.each([
    ['where the topic is asked about first', 0],
    ['where it is asked about again', 1],
  ])('ends at once while nobody answers, %s', async (_name, answered) => {
    const topic = await newTopic();
    const isDescribe = (passing: Passing) => passing.path === `/topics/${topic}`;
    const log = over((passing) =>
      isDescribe(passing) && passing.count >= answered ? 'hang' : undefined,
    );
    const reader = log.reader({ topic, maxWaitMs: 10, metadataMaxAgeMs: 0 });
    const reading = take(reader);
    await systemRuntime.sleep(100);
    await reader.close();
    expect(await Promise.race([reading, systemRuntime.sleep(1_000)])).toEqual([]);
  });

  it('does not ask without a pause where nothing is to be waited for', async () => {
    const topic = await newTopic();
    let fetches = 0;
    const log = over(({ path }) => {
      if (path.endsWith('/fetch')) fetches += 1;
      return undefined;
    });
    await using reader = log.reader({ topic, maxWaitMs: 0 });
    void take(reader);
    await systemRuntime.sleep(500);
    expect(fetches).toBeGreaterThan(2);
    expect(fetches).toBeLessThan(40);
  });

  it('is read by one loop at a time', async () => {
    const topic = await newTopic();
    await write(topic, 0, 0, 2);
    const reader = over().reader({ topic });
    for await (const _message of reader) {
      expect(await failureOf(take(reader))).toMatchObject({ code: 'INVALID_REQUEST' });
      break;
    }
  });
});

describe('what goes wrong', () => {
  it('goes on where the records it wanted were deleted, if it was told how', async () => {
    const topic = await newTopic();
    await write(topic, 0, 0, 6);
    const readers = (['error', 'earliest', 'latest'] as const).map((onOutOfRange) =>
      over().reader({ topic, until: 'end', maxBytes: 1, prefetchBytes: 0, onOutOfRange }),
    );
    for (const reader of readers) await take(reader, 1);
    await over()
      .admin()
      .deleteRecords({ topic, partitions: [{ partition: 0, before: 4 }] });
    const [strict, earliest, latest] = readers;
    expect(await failureOf(take(strict!))).toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
    expect(valuesOf(await take(earliest!))).toEqual(['0/4', '0/5']);
    expect(valuesOf(await take(latest!))).toEqual([]);
  });

  it('ends where a topic that was made again ends', async () => {
    const topic = await newTopic();
    await write(topic, 0, 0, 6);
    const options = { until: 'end', maxBytes: 1, prefetchBytes: 0 } as const;
    const reader = over().reader({ topic, ...options, onOutOfRange: 'earliest' });
    await take(reader, 4);
    const admin = over().admin();
    await admin.deleteTopic(topic);
    await admin.createTopic({ name: topic, partitions: 1 });
    await write(topic, 0, 100, 2);
    const rest = take(reader);
    expect(await Promise.race([rest.then(valuesOf), systemRuntime.sleep(2_000)])).toEqual([
      '0/100',
      '0/101',
    ]);
  });

  it('rides out a service that is away, for as long as it may', async () => {
    const topic = await newTopic();
    await write(topic, 0, 0, 3);
    const away = (count: number) =>
      over(({ path, count: n }) =>
        path.endsWith('/fetch') && n < count ? 'lose-request' : undefined,
      );
    expect(await take(away(20).reader({ topic, until: 'end' }))).toHaveLength(3);
    const gone = away(Number.POSITIVE_INFINITY).reader({ topic, retryTimeoutMs: 40 });
    expect(await failureOf(take(gone))).toMatchObject({ code: 'CONNECTION_FAILED' });
    const unknown = new Stratalog({ endpoint: 'http://127.0.0.1:9', retry: QUICK });
    expect(await failureOf(take(unknown.reader({ topic })))).toMatchObject({
      code: 'CONNECTION_FAILED',
    });
  });

  it('names the batch that was damaged on the way, after the messages before it', async () => {
    const topic = await newTopic();
    await write(topic, 0, 0, 3);
    const log = new Stratalog({
      endpoint: service.url(),
      fetch: async (input, init) => {
        const answer = await fetch(input, init);
        if (!String(input).endsWith('/fetch')) return answer;
        const bytes = new Uint8Array(await answer.arrayBuffer());
        bytes[bytes.length - 3]! ^= 1;
        return new Response(bytes, answer);
      },
    });
    const found: Message[] = [];
    const reading = async () => {
      for await (const message of log.reader({ topic, until: 'end' })) found.push(message);
    };
    expect(await failureOf(reading())).toMatchObject({
      code: 'CORRUPT_MESSAGE',
      message: expect.stringMatching(new RegExp(`^Partition 0 of ${topic} cannot be read`)),
      context: { topic, partition: 0 },
    });
    expect(valuesOf(found)).toEqual(['0/0', '0/1']);
  });

  it('hands out what can be read before what cannot, or passes that over', async () => {
    const topic = await newTopic();
    await using producer = over().producer();
    const values = ['{"n":1}', 'no json', '{"n":3}'];
    await producer.send({ topic, messages: values.map((value) => ({ value })) });
    const found: unknown[] = [];
    const strict = over().reader({ topic, until: 'end', value: json() });
    const reading = async () => {
      for await (const { value } of strict) found.push(value);
    };
    expect(await failureOf(reading())).toMatchObject({
      code: 'INVALID_RECORD',
      message: expect.stringMatching(
        /^The message at offset 1 of partition 0 of t\d+ cannot be read/,
      ),
      context: { topic, partition: 0, offset: 1, part: 'value' },
    });
    expect(found).toEqual([{ n: 1 }]);
    expect(strict.positions.get(0)).toBe(1);

    const told: [StratalogError, unknown][] = [];
    const lenient = over().reader({
      topic,
      until: 'end',
      value: json(),
      onInvalid: (error, { value }) => told.push([error, value]),
    });
    const good = (await take(lenient)).map(({ value }) => value);
    expect(good).toEqual([{ n: 1 }, { n: 3 }]);
    expect(told).toHaveLength(1);
    expect(Buffer.from(told[0]![1] as Uint8Array).toString()).toBe('no json');
  });

  it('refuses text that is none, and reads it as bytes', async () => {
    const topic = await newTopic();
    await using producer = over().producer();
    await producer.send({ topic, messages: [{ value: Uint8Array.of(0xff) }] });
    expect(await failureOf(take(over().reader({ topic, until: 'end' })))).toMatchObject({
      code: 'INVALID_RECORD',
      message: expect.stringContaining('not UTF-8'),
    });
  });

  it('does not throttle itself into a busy loop when a service is overloaded', async () => {
    const topic = await newTopic();
    let fetches = 0;
    const log = new Stratalog({
      endpoint: service.url(),
      retry: { firstPauseMs: 20, maxPauseMs: 20 },
      fetch: flakyFetch(({ path }) => {
        if (!path.endsWith('/fetch')) return undefined;
        fetches += 1;
        return 429;
      }),
    });
    const reader = log.reader({ topic, retryTimeoutMs: 100 });
    expect(await failureOf(take(reader))).toMatchObject({ code: 'THROTTLING_QUOTA_EXCEEDED' });
    expect(fetches).toBeLessThan(20);
  });
});
