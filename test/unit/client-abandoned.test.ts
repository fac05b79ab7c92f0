/** What a producer does for messages that nobody waits for any more, and for programs that throw. */
import { expect, it } from 'vitest';
import { messagesOf } from '../../lib/client/reader/message.ts';
import { string } from '../../lib/client/serde.ts';
import { failureOf } from '../support/sdk-service.ts';
import { toldService } from '../support/told-service.ts';

it('does not try again for a send that was given up', async () => {
  const { runtime, arrivals, producer } = toldService(({ values }) =>
    values.includes('a') ? 'lost' : 0,
  );
  await runtime.drive(async () => {
    const cancelling = new AbortController();
    const one = producer();
    const { signal } = cancelling;
    const sending = failureOf(
      one.send({ topic: 't', messages: [{ partition: 0, value: 'a' }], signal }),
    );
    await runtime.sleep(1_000);
    cancelling.abort();
    expect(await sending).toMatchObject({ code: 'CANCELLED', effect: 'unknown' });
    const before = arrivals.length;
    await one.send({ topic: 't', messages: [{ partition: 0, value: 'b' }] });
    const [next, ...more] = arrivals.slice(before);
    expect(more).toEqual([]);
    expect(next).toMatchObject({ values: ['b'], sequence: 0 });
    expect(next!.producerId).not.toBe(arrivals[0]!.producerId);
  });
});

it.each([
  ['a serializer', 'INVALID_RECORD', { value: { serialize: () => fail() } }],
  [
    'a serializer that takes its time',
    'INVALID_RECORD',
    { value: { serialize: async () => fail() } },
  ],
  ['a partitioner', 'INVALID_REQUEST', { partitioner: () => fail() }],
])('knows that nothing was sent when %s throws', async (_name, code, options) => {
  const { runtime, arrivals, producer } = toldService(() => 0);
  const error = await runtime.drive(() =>
    failureOf(producer(options).send({ topic: 't', messages: [{ value: 'a' }] })),
  );
  expect(error).toMatchObject({ code, effect: 'none' });
  expect(error.message).toContain('oops');
  expect(error.cause).toBeInstanceOf(TypeError);
  expect(arrivals).toEqual([]);
});

it('names the message that a deserializer cannot read', async () => {
  const record = { offset: 7, timestamp: 0, key: null, value: Buffer.from('a'), headers: [] };
  const reading = { topic: 't', key: string, value: { deserialize: () => fail() } };
  const { messages, failure } = await messagesOf(3, [record], reading);
  expect(messages).toEqual([]);
  expect(failure).toMatchObject({
    code: 'INVALID_RECORD',
    effect: 'none',
    message: expect.stringMatching(/offset 7 of partition 3 of t cannot be read.*oops/),
  });
});

const fail = (): never => {
  throw new TypeError('oops');
};
