/** The producer against the local service, over a network that loses requests and answers. */
import { describe, expect, it } from 'vitest';
import { type Message, SendError, Stratalog } from '../../lib/index.ts';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { isProduce, type Mishap } from '../support/flaky-fetch.ts';
import { failureOf, first, QUICK, sdkService } from '../support/sdk-service.ts';
import { seeded } from '../support/virtual-runtime.ts';

const { over, newTopic, readAll, valuesOf } = sdkService();

describe('a send', () => {
  it('tells where each message is, with its key, headers, time and tombstone', async () => {
    const topic = await newTopic(3);
    await using producer = over().producer();
    const told = await producer.send({
      topic,
      messages: [
        { key: 'a', value: 'x', headers: { one: '1', many: ['2', '3'], none: null }, timestamp: 5 },
        { key: 'a', value: null, timestamp: new Date(6) },
        { value: Uint8Array.of(255), partition: 2 },
      ],
    });
    const [a, b, c] = told;
    expect(told.map(({ topic: name }) => name)).toEqual([topic, topic, topic]);
    expect(b).toEqual({ topic, partition: a!.partition, offset: a!.offset + 1 });
    expect(c!.partition).toBe(2);
    const reader = over().reader({ topic, until: 'end', partitions: [a!.partition], from: a! });
    const found: Message[] = [];
    for await (const message of reader) found.push(message);
    const headers = { one: '1', many: ['2', '3'], none: null };
    expect(found.slice(0, 2)).toEqual([
      { ...a, timestamp: 5, key: 'a', value: 'x', headers },
      { ...b, timestamp: 6, key: 'a', value: null, headers: {} },
    ]);
  });

  it('keeps the order of calls nobody waited for, and fills batches meanwhile', async () => {
    const topic = await newTopic();
    let requests = 0;
    const log = over((passing) => {
      if (isProduce(passing)) requests += 1;
      return undefined;
    });
    await using producer = log.producer();
    const values = Array.from({ length: 500 }, (_, i) => String(i));
    const told = await Promise.all(
      values.map((value) => producer.send({ topic, messages: [{ value }] })),
    );
    expect(told.map(([each]) => each!.offset)).toEqual([...values.keys()]);
    expect(await valuesOf(topic)).toEqual(values);
    expect(requests).toBeLessThan(10);
  });

  it('carries many partitions in one request, and splits what one cannot carry', async () => {
    const topic = await newTopic(40);
    let requests = 0;
    const log = over((passing) => {
      if (isProduce(passing)) requests += 1;
      return undefined;
    });
    await using producer = log.producer({ batchBytes: 300_000 });
    const small = Array.from({ length: 40 }, (_, partition) => ({ partition, value: 'x' }));
    await producer.send({ topic, messages: small });
    expect(requests).toBe(1);
    const value = 'y'.repeat(250_000);
    const large = small.map(({ partition }) => ({ partition, value }));
    await producer.send({ topic, messages: large });
    expect(requests).toBe(4);
    expect((await readAll(topic)).length).toBe(80);
  });

  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)('compresses: %s', async (codec) => {
    const topic = await newTopic();
    await using producer = over().producer({ compression: codec });
    const values = Array.from({ length: 50 }, (_, i) => `${i} `.repeat(500));
    await producer.send({ topic, messages: values.map((value) => ({ value })) });
    expect(await valuesOf(topic)).toEqual(values);
    const { partitions } = await over().admin().describeTopic(topic);
    if (codec !== 'none') expect(partitions[0]!.sizeBytes).toBeLessThan(20_000);
  });

  it('refuses all of it when one message is not valid, naming the reason', async () => {
    const topic = await newTopic(2);
    await using producer = over().producer();
    const bad = async (message: object, code: string, text: RegExp) => {
      const messages = [{ value: 'good' }, message as { value: string }];
      const error = await failureOf(producer.send({ topic, messages }));
      expect(error).toMatchObject({ code, effect: 'none', message: expect.stringMatching(text) });
    };
    await bad({ value: 7 }, 'INVALID_RECORD', /The value for t\d+ is of type number/);
    await bad({ value: 'x', key: '\ud800' }, 'INVALID_RECORD', /surrogate/);
    await bad({ value: 'x', headers: { a: 1 } }, 'INVALID_RECORD', /header "a"/);
    await bad({ value: 'x', timestamp: -5 }, 'INVALID_TIMESTAMP', /-5/);
    await bad({ value: 'x', partition: 2 }, 'UNKNOWN_TOPIC_OR_PARTITION', /no partition 2/);
    const { send } = producer as unknown as { send: (batch: object) => Promise<unknown> };
    expect(await failureOf(send({ topic, messages: { value: 'x' } }))).toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringContaining('as an array'),
    });
    expect(await failureOf(send({ messages: [{ value: 'x' }] }))).toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringContaining('the name of a topic as topic'),
    });
    expect(await valuesOf(topic)).toEqual([]);
  });

  it('fails only the messages that are too large', async () => {
    const topic = await newTopic(1, { 'max.message.bytes': '2000' });
    await using producer = over().producer();
    const sends = [100, 5_000, 200, 3_000, 300].map((length) =>
      producer.send({ topic, messages: [{ value: 'x'.repeat(length) }] }),
    );
    const outcomes = await Promise.allSettled(sends);
    expect(outcomes.map(({ status }) => status)).toEqual(
      ['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'], //
    );
    expect(await failureOf(sends[1]!)).toMatchObject({ code: 'MESSAGE_TOO_LARGE', effect: 'none' });
    expect((await valuesOf(topic)).map((value) => value!.length)).toEqual([100, 200, 300]);
  });

  it('tells of each message of a send that failed in part', async () => {
    const topic = await newTopic(1, { 'max.message.bytes': '2000' });
    await using producer = over().producer();
    const messages = [100, 5_000].map((length) => ({ value: 'x'.repeat(length) }));
    const error = await failureOf(producer.send({ topic, messages }));
    expect(error).toBeInstanceOf(SendError);
    expect(error).toMatchObject({ code: 'MESSAGE_TOO_LARGE', effect: 'unknown' });
    expect((error as SendError).outcomes).toMatchObject([
      { offset: 0 },
      { error: { code: 'MESSAGE_TOO_LARGE', effect: 'none' } },
    ]);
  });

  it('names the topic that is not there, and the service that does not answer, at once', async () => {
    await using producer = over().producer();
    const gone = await failureOf(producer.send({ topic: 'nope', messages: [{ value: 'x' }] }));
    expect(gone).toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION', effect: 'none' });
    const away = new Stratalog({ endpoint: 'http://127.0.0.1:9', retry: QUICK }).producer();
    const error = await failureOf(away.send({ topic: 't', messages: [{ value: 'x' }] }));
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED', effect: 'none' });
  });

  it('serves no transactions', async () => {
    await expect(over().producer().transaction()).rejects.toMatchObject({
      code: 'UNSUPPORTED_VERSION',
    });
  });
});

describe('an idempotent producer', () => {
  it.each<Mishap>(['lose-request', 'lose-answer', 429, 503])(
    'writes once and in order through: %s',
    async (mishap) => {
      const topic = await newTopic();
      await using producer = over(first(3, mishap)).producer();
      const values = ['a', 'b', 'c', 'd'];
      const sends: Promise<unknown>[] = [];
      for (const value of values) {
        sends.push(producer.send({ topic, messages: [{ value }] }));
        await systemRuntime.sleep(2);
      }
      await Promise.all(sends);
      expect(await valuesOf(topic)).toEqual(values);
    },
  );

  it('writes each message once, in order of its partition, whatever the network does', async () => {
    const random = seeded(7);
    const topic = await newTopic(5);
    const chaos = over((passing) => {
      if (!isProduce(passing)) return undefined;
      const draw = random();
      return draw < 0.2
        ? 'lose-answer'
        : draw < 0.3
          ? 'lose-request'
          : draw < 0.35
            ? 429
            : undefined;
    });
    await using producer = chaos.producer({ batchBytes: 600, lingerMs: 1 });
    const sends: Promise<unknown>[] = [];
    for (let i = 0; i < 600; i++) {
      const partition = Math.floor(random() * 5);
      const value = `${partition}:${String(i).padStart(5, '0')}:${'x'.repeat(random() * 100)}`;
      sends.push(producer.send({ topic, messages: [{ value, partition }] }));
      if (i % 20 === 0) await systemRuntime.sleep(1);
    }
    await Promise.all(sends);
    const found = await readAll(topic);
    expect(found).toHaveLength(600);
    for (let partition = 0; partition < 5; partition++) {
      const values = found
        .filter((each) => each.partition === partition)
        .map(({ value }) => value!);
      expect(values).toEqual([...new Set(values)].sort());
      expect(values.every((value) => value.startsWith(`${partition}:`))).toBe(true);
    }
  });

  it('goes on under a new identity when it had to give a batch up', async () => {
    const topic = await newTopic();
    let isDown = true;
    const log = over((passing) => (isProduce(passing) && isDown ? 'lose-answer' : undefined));
    await using producer = log.producer({ deliveryTimeoutMs: 30 });
    const error = await failureOf(producer.send({ topic, messages: [{ value: 'a' }] }));
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED', effect: 'unknown' });
    isDown = false;
    const [told] = await producer.send({ topic, messages: [{ value: 'b' }] });
    // What was given up is in the log all the same: that is what "unknown" says.
    expect(await valuesOf(topic)).toEqual(['a', 'b']);
    expect(told!.offset).toBe(1);
  });

  it('leaves no gap in its sequences when a batch is refused', async () => {
    const topic = await newTopic(1, { 'max.message.bytes': '2000' });
    let identities = 0;
    const log = over(({ path }) => {
      if (path === '/producers') identities += 1;
      return undefined;
    });
    await using producer = log.producer();
    for (const length of [10, 5_000, 20]) {
      await producer.send({ topic, messages: [{ value: 'x'.repeat(length) }] }).catch(() => {});
    }
    expect((await valuesOf(topic)).map((value) => value!.length)).toEqual([10, 20]);
    expect(identities).toBe(1);
  });

  it('becomes somebody new when the service has forgotten it', async () => {
    const topic = await newTopic();
    await using producer = over().producer();
    await producer.send({ topic, messages: [{ value: 'a' }] });
    const admin = over().admin();
    await admin.deleteTopic(topic);
    expect((await admin.createTopic({ name: topic })).partitions).toHaveLength(1);
    const [told] = await producer.send({ topic, messages: [{ value: 'b' }] });
    expect(told!.offset).toBe(0);
    expect(await valuesOf(topic)).toEqual(['b']);
  });
});

describe('a producer that is not idempotent', () => {
  it('sends again what certainly had no effect, and nothing else', async () => {
    const topic = await newTopic();
    const refused = over(first(3, 429)).producer({ idempotent: false });
    await refused.send({ topic, messages: [{ value: 'a' }] });
    const lossy = over(first(1, 'lose-answer')).producer({ idempotent: false });
    const error = await failureOf(lossy.send({ topic, messages: [{ value: 'b' }] }));
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED', effect: 'unknown' });
    expect(await valuesOf(topic)).toEqual(['a', 'b']);
  });
});
