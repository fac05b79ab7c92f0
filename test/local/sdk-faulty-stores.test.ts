/** The SDK on a service whose stores throttle, fail, and lose their answers, over a network that does too. */
import { expect, it } from 'vitest';
import { provideBroker } from '../../functions/runtime.ts';
import { createBroker } from '../../lib/broker/broker.ts';
import { Stratalog } from '../../lib/index.ts';
import { serveHttp } from '../../lib/local/http-server.ts';
import { topicName } from '../../lib/model/ids.ts';
import { systemRuntime as runtime } from '../../lib/model/runtime.ts';
import { faultyBlobs } from '../../lib/storage/faulty/blobs.ts';
import type { FaultPlan } from '../../lib/storage/faulty/fault.ts';
import { faultyItems } from '../../lib/storage/faulty/items.ts';
import { randomFaults } from '../../lib/storage/faulty/plans.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import { flakyFetch, isProduce } from '../support/flaky-fetch.ts';
import { QUICK } from '../support/sdk-service.ts';
import { seeded } from '../support/virtual-runtime.ts';

const PARTITIONS = 4;
const MESSAGES = 400;
const RATES = { refuse: 0.08, fail: 0.03, loseAnswer: 0.06, delay: 0.05 };

it.each([1, 2, 3])('writes and reads each message once, in order: seed %i', async (seed) => {
  const random = seeded(seed);
  let areFaulty = false;
  const faults = randomFaults(random, RATES, { slowMs: 3 });
  const plan: FaultPlan = (call) => (areFaulty ? faults(call) : undefined);
  const broker = createBroker({
    items: faultyItems(memoryItems(), plan, runtime),
    blobs: faultyBlobs(memoryBlobs(), plan, runtime),
    runtime,
  });
  const takeBack = provideBroker({ broker, runtime, maxFetchWaitMs: 100 });
  const http = await serveHttp({ port: 0, host: '127.0.0.1', runtime });
  try {
    await broker.createTopic({ name: topicName('t'), partitions: PARTITIONS });
    areFaulty = true;
    const log = new Stratalog({
      endpoint: `http://127.0.0.1:${http.port}`,
      retry: { ...QUICK, maxAttempts: 20 },
      fetch: flakyFetch((passing) =>
        isProduce(passing) && random() < 0.1 ? 'lose-answer' : undefined,
      ),
    });
    await using producer = log.producer({ batchBytes: 3_000 });
    const sent = Array.from({ length: MESSAGES }, async (_, i) => {
      const partition = Math.floor(random() * PARTITIONS);
      const value = `${String(i).padStart(4, '0')} ${'x'.repeat(random() * 400)}`;
      const [told] = await producer.send({ topic: 't', partition, messages: [{ value }] });
      return { place: `${partition}@${told!.offset}`, value };
    });
    const told = new Map((await Promise.all(sent)).map(({ place, value }) => [place, value]));
    const found = new Map<string, string | null>();
    const last = new Map<number, string>();
    for await (const { partition, offset, value } of log.reader({ topic: 't', until: 'end' })) {
      expect(value! > (last.get(partition) ?? '')).toBe(true);
      last.set(partition, value!);
      found.set(`${partition}@${offset}`, value);
    }
    expect(told.size).toBe(MESSAGES);
    expect(new Map([...found].sort())).toEqual(new Map([...told].sort()));
  } finally {
    areFaulty = false;
    await http.close();
    takeBack();
    await broker.close();
  }
});
