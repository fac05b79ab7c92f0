/** Records that are appended whole or not at all, where they are more than one object of the log takes. */
import { expect, it } from 'vitest';
import { createBroker } from '../../lib/broker/broker.ts';
import { appendRecords } from '../../lib/http/append-records.ts';
import { topicName } from '../../lib/model/ids.ts';
import { decodeBatch } from '../../lib/record/decode.ts';
import { faultyBlobs } from '../../lib/storage/faulty/blobs.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import { virtualRuntime } from '../support/virtual-runtime.ts';

const topic = topicName('t');
/** 10 MB: each its own batch, and some of them a flush. */
const records = Array.from({ length: 15 }, (_, i) => ({
  key: null,
  value: Buffer.alloc(700_000, i),
  headers: [],
  timestamp: 1,
  partition: undefined,
}));

it.each([
  [
    'of a producer',
    { expectedEnd: undefined, producer: { producerId: 7, producerEpoch: 0, baseSequence: 0 } },
  ],
  ['at an expected end', { expectedEnd: 0, producer: undefined }],
])('%s', async (_name, placement) => {
  const runtime = virtualRuntime(1);
  let isFull = true;
  let puts = 0;
  const blobs = faultyBlobs(
    memoryBlobs(),
    ({ verb }) => {
      if (verb !== 'put' || !isFull) return undefined;
      puts += 1;
      return puts > 1 ? { kind: 'refuse', reason: 'denied' } : undefined;
    },
    runtime,
  );
  const broker = createBroker({ items: memoryItems(), blobs, runtime });
  await runtime.drive(async () => {
    await broker.createTopic({ name: topic, partitions: 1 });
    const append = () =>
      appendRecords(broker, runtime, topic, records, { partition: 0, ...placement });
    const outcomes = await append();
    const written = outcomes.filter(({ error }) => error === undefined).length;
    const { partitions } = await broker.describeTopic(topic);
    expect(partitions[0]!.logEndOffset).toBe(written);
    expect([0, records.length]).toContain(written);

    isFull = false;
    const again = await append();
    if (placement.producer !== undefined) {
      expect(again.map(({ offset, error }) => [offset, error])).toEqual(
        records.map((_, i) => [i, undefined]),
      );
    }
    let next = 0;
    while (next < records.length) {
      const asked = { topic, partition: 0, offset: next };
      const [read] = await broker.fetch({ partitions: [asked] });
      for (const batch of read!.batches) {
        for (const { value } of decodeBatch(batch).records) {
          expect(value![0]).toBe(next);
          next += 1;
        }
      }
    }
  });
});
