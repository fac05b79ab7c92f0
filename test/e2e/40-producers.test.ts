/** Producers of the SDK against the deployed API: many at once, and the same sequence twice. */
import { expect, it } from 'vitest';
import { encodeBatch } from '../../lib/record/encode.ts';
import { BATCHES_MEDIA_TYPE } from '../../lib/record/frames.ts';
import { deployed } from './deployed.ts';

const { as, request, newTopic, readAll } = await deployed();

const PRODUCERS = 8;
const SENDS = 25;

it('keeps what many producers write at once: each in its order, nothing lost, nothing twice', async () => {
  const topic = await newTopic(2);
  const sent = await Promise.all(
    Array.from({ length: PRODUCERS }, async (_, id) => {
      await using producer = as().producer();
      const told: string[] = [];
      for (let i = 0; i < SENDS; i++) {
        const value = `${id}:${i}`;
        const messages = [{ value, partition: i % 2 }];
        const [place] = await producer.send({ topic, messages });
        told.push(`${value} at ${place!.partition}/${place!.offset}`);
      }
      return told;
    }),
  );

  const found = await readAll(topic);
  const places = found.map(({ partition, offset, value }) => `${value} at ${partition}/${offset}`);
  expect(places.toSorted()).toEqual(sent.flat().toSorted());
  for (let id = 0; id < PRODUCERS; id++) {
    for (const partition of [0, 1]) {
      const mine = found.filter(
        (one) => one.partition === partition && one.value?.startsWith(`${id}:`),
      );
      const numbers = mine.map(({ value }) => Number(value?.split(':')[1]));
      expect(numbers).toEqual(numbers.toSorted((one, other) => one - other));
    }
  }
});

it('fills batches with what is sent while a request is under way', async () => {
  const topic = await newTopic();
  await using producer = as().producer({ compression: 'gzip' });
  const values = Array.from({ length: 2_000 }, (_, i) => `${i} ${'x'.repeat(200)}`);
  await Promise.all(values.map((value) => producer.send({ topic, messages: [{ value }] })));
  expect((await readAll(topic)).map(({ value }) => value)).toEqual(values);
});

it('takes a sequence once, and tells its place again', async () => {
  const topic = await newTopic();
  const { json: identity } = await request({ method: 'POST', path: '/producers' });
  const { producerId, producerEpoch } = identity;
  const send = (baseSequence: number, text: string) =>
    request({
      method: 'POST',
      path: `/topics/${topic}/records`,
      query: 'partition=0',
      headers: { 'content-type': BATCHES_MEDIA_TYPE },
      body: encodeBatch([{ key: null, value: Buffer.from(text), headers: [], timestamp: 1 }], {
        producer: { producerId, producerEpoch, baseSequence },
      }),
    });
  const placeOf = async (answer: ReturnType<typeof send>) => (await answer).json.partitions[0];

  expect(await placeOf(send(0, 'first'))).toMatchObject({ baseOffsets: [0] });
  expect(await placeOf(send(1, 'second'))).toMatchObject({ baseOffsets: [1] });
  expect(await placeOf(send(1, 'second'))).toMatchObject({ baseOffsets: [1] });
  expect(await placeOf(send(0, 'first'))).toMatchObject({ baseOffsets: [0] });
  const ahead = await send(5, 'too early');
  expect(ahead.json).toMatchObject({ code: 'OUT_OF_ORDER_SEQUENCE_NUMBER', expectedSequence: 2 });
  expect((await readAll(topic)).map(({ value }) => value)).toEqual(['first', 'second']);
});
