/**
 * Many producers on one partition at once, over HTTP: nothing fails, nothing is doubled, nothing is
 * missing, and the head updates do not get in each other's way.
 */
import { expect, it } from 'vitest';
import { provideBroker } from '../../functions/runtime.ts';
import { createBroker } from '../../lib/broker/broker.ts';
import { serveHttp } from '../../lib/local/http-server.ts';
import { topicName } from '../../lib/model/ids.ts';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { decodeBatch } from '../../lib/record/decode.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import { meteredItems, newMeter } from '../support/meter.ts';

const PRODUCERS = 64;
const REQUESTS_EACH = 25;

interface Told {
  readonly records: readonly { readonly partition: number; readonly offset: number }[];
}

it('64 producers: no failure, no duplicate, no gap, at most 2 % of updates refused', async () => {
  const runtime = systemRuntime;
  const meter = newMeter();
  const broker = createBroker({
    items: meteredItems(memoryItems(), () => meter),
    blobs: memoryBlobs(),
    runtime,
  });
  const takeBack = provideBroker({ broker, runtime, maxFetchWaitMs: 0 });
  const http = await serveHttp({ port: 0, host: '127.0.0.1', runtime });
  try {
    const topic = topicName('orders');
    await broker.createTopic({ name: topic, partitions: 1 });
    const told = new Map<string, number>();

    const produce = async (value: string): Promise<void> => {
      const response = await fetch(`http://127.0.0.1:${http.port}/topics/orders/records`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ records: [{ value, partition: 0 }] }),
      });
      expect(response.status).toBe(200);
      const { records } = (await response.json()) as Told;
      told.set(value, records[0]!.offset);
    };
    await Promise.all(
      Array.from({ length: PRODUCERS }, async (_, producer) => {
        for (let n = 0; n < REQUESTS_EACH; n++) {
          await produce(`${producer}/${n}${n % 2 === 0 ? '' : 'x'.repeat(3_000)}`);
        }
      }),
    );

    const appends = PRODUCERS * REQUESTS_EACH;
    expect(meter.refused).toBeLessThanOrEqual(appends * 0.02);
    const read: string[] = [];
    while (read.length < appends) {
      const [result] = await broker.fetch({
        partitions: [{ topic, partition: 0, offset: read.length }],
      });
      const values = result!.batches.flatMap((batch) => decodeBatch(batch).records);
      expect(values.length).toBeGreaterThan(0);
      for (const { offset, value } of values) {
        expect(offset).toBe(read.length);
        read.push(Buffer.from(value!).toString());
      }
    }
    expect(new Set(read).size).toBe(appends);
    for (const [value, offset] of told) expect(read[offset]).toBe(value);
    const [end] = await broker.fetch({ partitions: [{ topic, partition: 0, offset: 'latest' }] });
    expect(end!.highWatermark).toBe(appends);
  } finally {
    await http.close();
    takeBack();
    await broker.close();
  }
});
