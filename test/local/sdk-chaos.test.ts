/**
 * The producer with everything against it at once: a network that loses, hangs and refuses, messages
 * that are too large, callers that give up, deadlines that pass. What each caller was told must be so.
 */
import { expect, it } from 'vitest';
import { Stratalog, type StratalogError } from '../../lib/index.ts';
import { systemRuntime as runtime } from '../../lib/model/runtime.ts';
import { flakyFetch, isProduce, type Mishap } from '../support/flaky-fetch.ts';
import { QUICK, sdkService } from '../support/sdk-service.ts';
import { type Random, seeded } from '../support/virtual-runtime.ts';

const service = sdkService();

const MESSAGES = 250;
/** Beyond what the topic takes in a batch, compressed too. */
const LARGE_CHARACTERS = 8_000;

const MISHAPS: readonly (readonly [number, Mishap])[] = [
  [0.15, 'lose-answer'],
  [0.05, 'lose-request'],
  [0.05, 429],
  [0.02, 503],
  [0.02, 'hang'],
];

const draw = (random: Random): Mishap | undefined => {
  let drawn = random();
  for (const [rate, mishap] of MISHAPS) {
    if (drawn < rate) return mishap;
    drawn -= rate;
  }
  return undefined;
};

const textOf = (random: Random, length: number): string =>
  Array.from({ length }, () => String.fromCharCode(33 + random() * 90)).join('');

it.each([1, 2, 3, 4, 5, 6])('what a caller is told is so: seed %i', async (seed) => {
  const random = seeded(seed);
  const partitions = 1 + (seed % 4);
  const givesUp = seed % 3 === 0;
  const topic = await service.newTopic(partitions, { 'max.message.bytes': '3000' });
  const log = new Stratalog({
    endpoint: service.url(),
    retry: QUICK,
    requestTimeoutMs: 60,
    fetch: flakyFetch((passing) => (isProduce(passing) ? draw(random) : undefined)),
  });
  await using producer = log.producer({
    batchBytes: 500 + seed * 200,
    lingerMs: seed % 2,
    maxBufferBytes: 20_000,
    deliveryTimeoutMs: givesUp ? 60 : 25_000,
    compression: (['none', 'gzip', 'lz4'] as const)[seed % 3]!,
  });

  /** Where it is, or else the effect of the error. */
  const fates = new Map<string, string>();
  const sends: Promise<unknown>[] = [];
  for (let i = 0; i < MESSAGES; i++) {
    const length = random() < 0.02 ? LARGE_CHARACTERS : Math.floor(random() * 100);
    const value = `${String(i).padStart(4, '0')} ${textOf(random, length)}`;
    const partition = Math.floor(random() * partitions);
    const leaving = new AbortController();
    const sending = producer.send({
      topic,
      partition,
      messages: [{ value }],
      ...(random() < 0.05 ? { signal: leaving.signal } : {}),
    });
    sends.push(
      sending.then(
        ([told]) => fates.set(value, `${partition}@${told!.offset}`),
        (error: StratalogError) => fates.set(value, error.effect),
      ),
      runtime.sleep(random() * 5).then(() => leaving.abort()),
    );
    if (i % 10 === 0) await runtime.sleep(random() * 3);
  }
  await producer.flush();
  await Promise.all(sends);
  expect(fates.size).toBe(MESSAGES);

  const places = new Map<string, string[]>();
  const last = new Map<number, string>();
  for (const { partition, offset, value } of await service.readAll(topic)) {
    places.set(value!, [...(places.get(value!) ?? []), `${partition}@${offset}`]);
    // What was given up may still arrive, after what came later.
    if (!givesUp) expect(value! > (last.get(partition) ?? '')).toBe(true);
    last.set(partition, value!);
  }
  for (const [value, fate] of fates) {
    const found = places.get(value) ?? [];
    const what = `${value.slice(0, 4)}, told ${fate}, is at [${found}]`;
    if (fate === 'none') expect(found, what).toEqual([]);
    else if (fate === 'unknown') expect(found.length, what).toBeLessThanOrEqual(1);
    else if (fate.endsWith('@-1')) expect(found, what).toHaveLength(1);
    else expect(found, what).toEqual([fate]);
  }
});
