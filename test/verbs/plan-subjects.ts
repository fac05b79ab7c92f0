/** What calls are about: topics, partitions, offsets, records; of what there is, mostly, and of what there is not. */
import fc from 'fast-check';
import type { BatchRecord, Bytes, Call, RecordSpec } from './calls.ts';
import { type ModelPartition, newPartition } from './model-partition.ts';
import type { Model } from './model-state.ts';

/** A call, once the state is known. */
export type Plan = (model: Model) => Call;

/** When time begins in a sequence, ms since the epoch. */
export const FIRST_MS = 1_750_000_000_000;

export const NAMES = ['orders', 'payments', 'a.b_c-D', '__proto__'];
const ILLEGAL_NAMES = ['a:b', '.', '..', 'x'.repeat(250)];

/** A topic there is, mostly. */
export const someTopic = fc.nat(39).map((drawn) => ({ topics }: Model): string => {
  const there = [...topics.keys()];
  if (drawn === 39) return ILLEGAL_NAMES[there.length % ILLEGAL_NAMES.length]!;
  if (drawn >= 36 || there.length === 0) return NAMES[drawn % NAMES.length]!;
  return there[drawn % there.length]!;
});

/** A partition that the topic has, mostly. */
export const somePartition = fc
  .nat(19)
  .map((drawn) => ({ topics }: Model, topic: string): number => {
    const count = topics.get(topic)?.partitions.length ?? 1;
    return drawn === 19 ? count : drawn % count;
  });

export const logOf = ({ topics }: Model, topic: string, partition: number): ModelPartition =>
  topics.get(topic)?.partitions[partition] ?? newPartition();

export const someOffset = fc
  .record({ where: fc.nat(11), within: fc.nat(999) })
  .map(({ where, within }) => (log: ModelPartition): number | 'earliest' | 'latest' => {
    if (where === 0) return 'earliest';
    if (where === 1) return 'latest';
    if (where === 2) return log.end + 1 + (within % 3);
    if (where === 3) return Math.max(0, log.start - 1);
    return log.start + (within % (log.end - log.start + 1));
  });

export const someBytes = fc.constantFrom<Bytes[]>(
  null,
  '',
  'a',
  'b',
  'order-17',
  '\xff\x00',
  'k\xc3\xbc',
  'x'.repeat(60),
);

export const someHeaders = fc.constantFrom<RecordSpec['headers'][]>(
  [],
  [],
  [],
  [['trace', '1']],
  [
    ['trace', '1'],
    ['trace', null],
  ],
  [
    ['2', 'second'],
    ['1', 'first'],
  ],
  [['__proto__', '\xfe']],
);

export const someTime = fc.integer({ min: -20, max: 20 }).map((steps) => FIRST_MS + steps * 500);

export const someRecord = fc.record(
  {
    key: someBytes,
    value: someBytes,
    headers: someHeaders,
    timestamp: someTime,
    partition: somePartition,
  },
  { requiredKeys: ['key', 'value', 'headers'] },
);

const batchRecord: fc.Arbitrary<BatchRecord> = fc.record({
  key: someBytes,
  value: someBytes,
  headers: someHeaders,
  timestamp: fc.oneof(
    { weight: 9, arbitrary: someTime },
    { weight: 1, arbitrary: fc.constant(-1) },
  ),
});

export const someBatch = fc.array(batchRecord, { minLength: 1, maxLength: 4 });
