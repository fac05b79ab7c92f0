/**
 * Many processes append to one partition at once: nobody is to be refused for that, nor to be slower.
 *
 *   queue     one call after the other, as an emulator on one machine serves them
 *   service   calls take some milliseconds and overlap; writes of one item come after each other
 */
import { describe, expect, it } from 'vitest';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import type { ItemStore } from '../../lib/storage/ports.ts';
import { appending, batchOf, newPartition } from '../support/log.ts';
import { meteredItems, newMeter } from '../support/meter.ts';
import { type VirtualRuntime, virtualRuntime } from '../support/virtual-runtime.ts';

type Delay = (
  runtime: VirtualRuntime,
) => <T>(key: string, evaluate: () => Promise<T>) => Promise<T>;

/** One call after the other. */
const newLine = (runtime: VirtualRuntime) => {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(evaluate: () => Promise<T>): Promise<T> => {
    const turn = last.then(() => runtime.sleep(1)).then(evaluate);
    last = turn.catch(() => undefined);
    return turn;
  };
};

const queue: Delay = (runtime) => {
  const line = newLine(runtime);
  return (_, evaluate) => line(evaluate);
};

const service: Delay = (runtime) => {
  const lines = new Map<string, ReturnType<typeof newLine>>();
  return async (key, evaluate) => {
    const way = () => runtime.sleep(1 + runtime.random() * 3);
    const line = key === '' ? undefined : (lines.get(key) ?? newLine(runtime));
    if (line !== undefined) lines.set(key, line);
    await way();
    try {
      return await (line === undefined ? evaluate() : line(evaluate));
    } finally {
      await way();
    }
  };
};

const slowly = (store: ItemStore, wait: ReturnType<Delay>): ItemStore => ({
  get: (...call) => wait('', () => store.get(...call)),
  getMany: (...call) => wait('', () => store.getMany(...call)),
  query: (...call) => wait('', () => store.query(...call)),
  due: (...call) => wait('', () => store.due(...call)),
  put: (...call) => wait(call[0].sk, () => store.put(...call)),
  update: (...call) => wait(call[0].sk, () => store.update(...call)),
  delete: (...call) => wait(call[0].sk, () => store.delete(...call)),
});

interface Load {
  readonly writers: number;
  readonly sizeBytes: number;
  readonly idempotent?: boolean;
}

const APPENDS = 4_096;

/** What `APPENDS` by so many processes cost, each appending one batch after the other. */
const run = async (delay: Delay, { writers, sizeBytes, idempotent = false }: Load) => {
  const runtime = virtualRuntime(5);
  const meter = newMeter();
  const plain = memoryItems();
  const wait = delay(runtime);
  const items = slowly(
    meteredItems(plain, () => meter),
    wait,
  );
  return runtime.drive(async () => {
    const ref = await newPartition(plain, runtime);
    const offsets = new Set<number>();
    const begunMs = runtime.monotonicMs();
    const each = APPENDS / writers;
    await Promise.all(
      Array.from({ length: writers }, async (_, writer) => {
        const { append, appender } = appending({ items, blobs: memoryBlobs() }, runtime);
        for (let n = 0; n < each; n++) {
          const producer = { producerId: 1_000 + writer, producerEpoch: 0, baseSequence: n };
          const batch = batchOf(['x'.repeat(sizeBytes)], idempotent ? producer : undefined);
          const outcome = await append(ref, batch);
          if ('error' in outcome) throw outcome.error;
          offsets.add(outcome.baseOffset);
        }
        await appender.settled();
      }),
    );
    expect(offsets.size).toBe(each * writers);
    const seconds = (runtime.monotonicMs() - begunMs) / 1_000;
    return {
      refusedShare: meter.refused / APPENDS,
      perSecond: APPENDS / seconds,
      unitsEach: meter.writeUnits / APPENDS,
    };
  }, 3_600_000);
};

describe.each([
  ['queue', queue],
  ['service', service],
] as const)('%s', (_, delay) => {
  it.each([
    { sizeBytes: 2_000, mostUnits: 7 },
    { sizeBytes: 100, mostUnits: 8 },
    { sizeBytes: 2_000, idempotent: true, mostUnits: 8 },
  ])('$sizeBytes bytes, idempotent: $idempotent', async ({ mostUnits, ...load }) => {
    const [one, few, many] = [
      await run(delay, { ...load, writers: 1 }),
      await run(delay, { ...load, writers: 8 }),
      await run(delay, { ...load, writers: 64 }),
    ];
    for (const crowd of [few, many]) {
      expect(crowd.refusedShare).toBeLessThanOrEqual(0.01);
      expect(crowd.perSecond).toBeGreaterThanOrEqual(one.perSecond * 0.99);
      expect(crowd.unitsEach).toBeLessThanOrEqual(mostUnits);
    }
    expect(one.refusedShare).toBe(0);
  });
});
