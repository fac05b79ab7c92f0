/**
 * What may come next in a sequence: plans drawn at random, which become calls when the state of the model
 * is known ("the next batch of this producer", "an offset in the middle of that partition").
 */
import fc from 'fast-check';
import type { BatchRecord, Bytes, Call, FetchSpec, RecordSpec } from './calls.ts';
import { MALFORMED } from './malformed.ts';
import { type ModelPartition, newPartition } from './model-partition.ts';
import type { Model } from './model-state.ts';

/** A call, once the state is known. */
export type Plan = (model: Model) => Call;

/** When time begins in a sequence, ms since the epoch. */
export const FIRST_MS = 1_750_000_000_000;

// ── what calls are about ─────────────────────────────────────────────────────────────────────────

const NAMES = ['orders', 'payments', 'a.b_c-D', '__proto__'];
const ILLEGAL_NAMES = ['a:b', '.', '..', 'x'.repeat(250)];

/** A topic there is, mostly. */
const someTopic = fc.nat(39).map((drawn) => ({ topics }: Model): string => {
  const there = [...topics.keys()];
  if (drawn === 39) return ILLEGAL_NAMES[there.length % ILLEGAL_NAMES.length]!;
  if (drawn >= 36 || there.length === 0) return NAMES[drawn % NAMES.length]!;
  return there[drawn % there.length]!;
});

/** A partition that the topic has, mostly. */
const somePartition = fc.nat(19).map((drawn) => ({ topics }: Model, topic: string): number => {
  const count = topics.get(topic)?.partitions.length ?? 1;
  return drawn === 19 ? count : drawn % count;
});

const logOf = ({ topics }: Model, topic: string, partition: number): ModelPartition =>
  topics.get(topic)?.partitions[partition] ?? newPartition();

const someOffset = fc
  .record({ where: fc.nat(11), within: fc.nat(999) })
  .map(({ where, within }) => (log: ModelPartition): number | 'earliest' | 'latest' => {
    if (where === 0) return 'earliest';
    if (where === 1) return 'latest';
    if (where === 2) return log.end + 1 + (within % 3);
    if (where === 3) return Math.max(0, log.start - 1);
    return log.start + (within % (log.end - log.start + 1));
  });

const someBytes = fc.constantFrom<Bytes[]>(
  null,
  '',
  'a',
  'b',
  'order-17',
  '\xff\x00',
  'k\xc3\xbc',
  'x'.repeat(60),
);

const someHeaders = fc.constantFrom<RecordSpec['headers'][]>(
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

const someTime = fc.integer({ min: -20, max: 20 }).map((steps) => FIRST_MS + steps * 500);

const someRecord = fc.record(
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

const someBatch = fc.array(batchRecord, { minLength: 1, maxLength: 4 });

const someConfigs = fc
  .record(
    {
      'max.message.bytes': fc.constantFrom('100', '200', '300', '1000', '2000000', '99', 'many'),
      'message.timestamp.after.max.ms': fc.constantFrom('0', '2000', '2000', '-1'),
      'message.timestamp.type': fc.constantFrom(
        'CreateTime',
        'LogAppendTime',
        'LogAppendTime',
        'x',
      ),
      'retention.ms': fc.constant('1'),
    },
    { requiredKeys: [] },
  )
  .map(({ 'retention.ms': unknown, ...configs }) =>
    // Seldom, so that most topics come to be.
    unknown === undefined || Object.keys(configs).length < 2
      ? configs
      : { ...configs, 'no.such.config': unknown },
  );

// ── topics ───────────────────────────────────────────────────────────────────────────────────────

const createTopic = fc
  .record({
    topic: fc.constantFrom(...NAMES, ...NAMES, ...NAMES, 'a:b', '..', ''),
    partitions: fc.constantFrom(1, 1, 2, 3, 4, 0, 10_001),
    configs: fc.oneof(
      { weight: 2, arbitrary: fc.constant({}) },
      { weight: 1, arbitrary: someConfigs },
    ),
  })
  .map(
    (call): Plan =>
      () => ({ verb: 'createTopic', ...call }),
  );

const listTopics = fc
  .record(
    { after: fc.constantFrom(...NAMES, 'b', 'zz'), limit: fc.integer({ min: 1, max: 3 }) },
    { requiredKeys: [] },
  )
  .map(
    (call): Plan =>
      () => ({ verb: 'listTopics', ...call }),
  );

const ofTopic = (verb: 'describeTopic' | 'deleteTopic') =>
  someTopic.map(
    (topic): Plan =>
      (model) => ({ verb, topic: topic(model) }),
  );

// ── produce ──────────────────────────────────────────────────────────────────────────────────────

const produceRecords = fc
  .record({
    topic: someTopic,
    as: fc.constantFrom('json' as const, 'lines' as const),
    records: fc.array(someRecord, { minLength: 1, maxLength: 4 }),
  })
  .map(
    ({ topic, as, records }): Plan =>
      (model) => {
        const name = topic(model);
        return {
          verb: 'produceRecords',
          topic: name,
          as,
          records: records.map(({ partition, ...record }) =>
            partition === undefined ? record : { ...record, partition: partition(model, name) },
          ),
        };
      },
  );

const produceShares = fc
  .record({
    topic: someTopic,
    shares: fc.array(fc.array(someBatch, { minLength: 1, maxLength: 3 }), {
      minLength: 1,
      maxLength: 3,
    }),
    partition: somePartition,
    damage: fc.constantFrom(
      'nothing',
      'nothing',
      'nothing',
      'nothing',
      'crc',
      'cut',
      'magic',
    ) as fc.Arbitrary<'nothing' | 'crc' | 'cut' | 'magic'>,
  })
  .map(
    ({ topic, shares, partition, damage }): Plan =>
      (model) => {
        const name = topic(model);
        const first = partition(model, name);
        return {
          verb: 'produceBatches',
          topic: name,
          as: shares.length === 1 ? 'bare' : 'frames',
          shares: shares.map((batches, index) => ({
            partition: first + index,
            batches: batches.map((records) => ({ records })),
            ...(damage !== 'nothing' && index === 0 && batches.length === 1 ? { damage } : {}),
          })),
        };
      },
  );

const illegalBatches = fc
  .record({
    topic: someTopic,
    partition: somePartition,
    records: someBatch,
    damage: fc.constantFrom('transactional' as const, 'control' as const),
  })
  .map(
    ({ topic, partition, records, damage }): Plan =>
      (model) => {
        const name = topic(model);
        const share = { partition: partition(model, name), batches: [{ records }], damage };
        return { verb: 'produceBatches', topic: name, as: 'bare', shares: [share] };
      },
  );

const sequences = [
  'next',
  'next',
  'next',
  'again',
  'part',
  'gap',
  'old-epoch',
  'new-epoch',
] as const;

const idempotent = fc
  .record({
    topic: someTopic,
    partition: somePartition,
    producer: fc.nat(2),
    sequence: fc.constantFrom(...sequences),
    pick: fc.nat(99),
    batches: fc.array(someBatch, { minLength: 1, maxLength: 2 }),
    as: fc.constantFrom('bare' as const, 'frames' as const),
  })
  .map(
    ({ topic, partition, producer, sequence, pick, batches, as }): Plan =>
      (model) => {
        const name = topic(model);
        const number = partition(model, name);
        const producerId = 7_000_000 + producer;
        const known = logOf(model, name, number).producers.get(producerId);
        const { epoch, next, written } = known ?? { epoch: 0, next: 0, written: [] };
        const past = written[pick % Math.max(1, written.length)];
        const resend = (at: number, count: number, length: number) => ({
          producerEpoch: epoch,
          baseSequence: at,
          shapes: [Array.from({ length: count }, (_, n) => batches[0]![n % length]!)],
        });
        const inEpoch = (producerEpoch: number, baseSequence: number) => ({
          producerEpoch,
          baseSequence,
          shapes: batches,
        });
        const { producerEpoch, baseSequence, shapes } =
          past !== undefined && sequence === 'again'
            ? resend(past.first, past.count, batches[0]!.length)
            : past !== undefined && sequence === 'part'
              ? resend(past.first + past.count - 1, 1, 1)
              : sequence === 'gap'
                ? inEpoch(epoch, next + 1 + (pick % 3))
                : sequence === 'old-epoch' && epoch > 0
                  ? inEpoch(epoch - 1, pick % (next + 1))
                  : sequence === 'new-epoch'
                    ? inEpoch(epoch + 1, 0)
                    : inEpoch(epoch, next);
        let at = baseSequence;
        return {
          verb: 'produceBatches',
          topic: name,
          as,
          shares: [
            {
              partition: number,
              batches: shapes.map((records) => {
                const batch = {
                  records,
                  producer: { producerId, producerEpoch, baseSequence: at },
                };
                at += records.length;
                return batch;
              }),
            },
          ],
        };
      },
  );

// ── fetch ────────────────────────────────────────────────────────────────────────────────────────

const someBytesLimit = fc.constantFrom(undefined, undefined, undefined, 0, 1, 100, 200, 500);

const someFetch = fc.record({
  partition: somePartition,
  offset: someOffset,
  maxBytes: someBytesLimit,
});

const fetchSpec =
  ({ partition, offset, maxBytes }: FetchPlan) =>
  (model: Model, topic: string): FetchSpec => {
    const number = partition(model, topic);
    return {
      partition: number,
      offset: offset(logOf(model, topic, number)),
      ...(maxBytes === undefined ? {} : { maxBytes }),
    };
  };

type FetchPlan = typeof someFetch extends fc.Arbitrary<infer T> ? T : never;

const someAs = fc.constantFrom('json' as const, 'batches' as const);

const fetchMany = fc
  .record({
    topic: someTopic,
    as: someAs,
    partitions: fc.array(someFetch, { minLength: 1, maxLength: 3 }),
    maxBytes: someBytesLimit,
    maxWaitMs: fc.constantFrom(undefined, undefined, 40),
  })
  .map(
    ({ topic, as, partitions, maxBytes, maxWaitMs }): Plan =>
      (model) => {
        const name = topic(model);
        return {
          verb: 'fetch',
          topic: name,
          as,
          partitions: partitions.map((spec) => fetchSpec(spec)(model, name)),
          ...(maxBytes === undefined ? {} : { maxBytes }),
          ...(maxWaitMs === undefined ? {} : { maxWaitMs }),
        };
      },
  );

const fetchPartition = fc.record({ topic: someTopic, as: someAs, from: someFetch }).map(
  ({ topic, as, from }): Plan =>
    (model) => {
      const name = topic(model);
      return { verb: 'fetchPartition', topic: name, as, from: fetchSpec(from)(model, name) };
    },
);

// ── all ──────────────────────────────────────────────────────────────────────────────────────────

const checkHealth = fc.constant<Plan>(() => ({ verb: 'checkHealth' }));

const malformed = fc.constantFrom(...MALFORMED).map(
  (request): Plan =>
    () => ({ verb: 'malformed', request }),
);

/** Any plan, those about records more often. */
export const somePlan: fc.Arbitrary<Plan> = fc.oneof(
  { weight: 8, arbitrary: createTopic },
  { weight: 2, arbitrary: listTopics },
  { weight: 4, arbitrary: ofTopic('describeTopic') },
  { weight: 2, arbitrary: ofTopic('deleteTopic') },
  { weight: 8, arbitrary: produceRecords },
  { weight: 8, arbitrary: produceShares },
  { weight: 8, arbitrary: idempotent },
  { weight: 1, arbitrary: illegalBatches },
  { weight: 8, arbitrary: fetchMany },
  { weight: 6, arbitrary: fetchPartition },
  { weight: 1, arbitrary: checkHealth },
  { weight: 2, arbitrary: malformed },
);
