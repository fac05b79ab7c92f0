/** Appends that may come next: records, batches, and batches of idempotent producers. */
import fc from 'fast-check';
import type { ProducerSpec } from './calls.ts';
import type { ModelPartition } from './model-partition.ts';
import type { Model } from './model-state.ts';
import {
  logOf,
  type Plan,
  someBatch,
  somePartition,
  someRecord,
  someTopic,
} from './plan-subjects.ts';

interface Place {
  readonly topic: string;
  readonly partition: number;
}

/** A producer with the sequence it sends next; `count`: exactly so many records. */
interface Sequence {
  readonly producer: ProducerSpec;
  readonly count?: number;
}

const KINDS = ['next', 'next', 'again', 'part', 'gap', 'old-epoch', 'new-epoch'] as const;

/** Of one of two producers: what comes next, what came before, or what must not come. */
const someSequence = fc
  .record({ producer: fc.nat(1), kind: fc.constantFrom(...KINDS), pick: fc.nat(99) })
  .map(({ producer, kind, pick }) => (model: Model, place: Place): Sequence => {
    const producerId = model.producerIds[producer] ?? 7_000_000 + producer;
    const known = logOf(model, place.topic, place.partition).producers.get(producerId);
    const { epoch, next, written } = known ?? { epoch: 0, next: 0, written: [] };
    const past = written[pick % Math.max(1, written.length)];
    const at = (producerEpoch: number, baseSequence: number, count?: number): Sequence => ({
      producer: { producerId, producerEpoch, baseSequence },
      ...(count === undefined ? {} : { count }),
    });
    if (kind === 'again' && past !== undefined) return at(epoch, past.first, past.count);
    if (kind === 'part' && past !== undefined) return at(epoch, past.first + past.count - 1, 1);
    if (kind === 'gap') return at(epoch, next + 1 + (pick % 3));
    if (kind === 'old-epoch' && epoch > 0) return at(epoch - 1, pick % (next + 1));
    return kind === 'new-epoch' ? at(epoch + 1, 0) : at(epoch, next);
  });

/** Where a partition ends, mostly. */
const someEnd = fc.nat(7).map((drawn) => (log: ModelPartition): number => {
  if (drawn === 0) return log.end + 1;
  return drawn === 1 ? Math.max(0, log.end - 1) : log.end;
});

export const produceRecords = fc
  .record({
    topic: someTopic,
    as: fc.constantFrom('json' as const, 'lines' as const),
    encoding: fc.constantFrom(undefined, undefined, 'gzip' as const, 'zstd' as const),
    records: fc.array(someRecord, { minLength: 1, maxLength: 4 }),
  })
  .map(
    ({ topic, as, encoding, records }): Plan =>
      (model) => {
        const name = topic(model);
        return {
          verb: 'produceRecords',
          topic: name,
          as,
          ...(encoding === undefined ? {} : { encoding }),
          records: records.map(({ partition, ...record }) =>
            partition === undefined ? record : { ...record, partition: partition(model, name) },
          ),
        };
      },
  );

/** Records for one partition, which is to end where it does, or which a producer counts. */
export const produceWhole = fc
  .record({
    topic: someTopic,
    partition: somePartition,
    as: fc.constantFrom('json' as const, 'lines' as const),
    records: fc.array(someRecord, { minLength: 1, maxLength: 4 }),
    end: fc.option(someEnd, { nil: undefined }),
    sequence: fc.option(someSequence, { nil: undefined }),
  })
  .map(
    ({ topic, partition, as, records, end, sequence }): Plan =>
      (model) => {
        const name = topic(model);
        const number = partition(model, name);
        const place = { topic: name, partition: number };
        const { producer, count } = sequence?.(model, place) ?? {};
        return {
          verb: 'produceRecords',
          topic: name,
          as,
          partition: number,
          records: Array.from({ length: count ?? records.length }, (_, index) => {
            const { partition: _partition, ...record } = records[index % records.length]!;
            return record;
          }),
          ...(producer === undefined ? {} : { producer }),
          ...(end === undefined ? {} : { expectedEnd: end(logOf(model, name, number)) }),
        };
      },
  );

export const produceShares = fc
  .record({
    topic: someTopic,
    shares: fc.array(fc.array(someBatch, { minLength: 1, maxLength: 3 }), {
      minLength: 1,
      maxLength: 3,
    }),
    partition: somePartition,
    end: fc.option(someEnd, { nil: undefined, freq: 3 }),
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
    ({ topic, shares, partition, end, damage }): Plan =>
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
            ...(end === undefined ? {} : { expectedEnd: end(logOf(model, name, first + index)) }),
            ...(damage !== 'nothing' && index === 0 && batches.length === 1 ? { damage } : {}),
          })),
        };
      },
  );

export const produceIllegal = fc
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

export const produceIdempotent = fc
  .record({
    topic: someTopic,
    partition: somePartition,
    sequence: someSequence,
    stayWithin: fc.boolean(),
    batches: fc.array(someBatch, { minLength: 1, maxLength: 2 }),
    as: fc.constantFrom('bare' as const, 'frames' as const),
    end: fc.option(someEnd, { nil: undefined, freq: 2 }),
    /** The second batch leaves a sequence out. */
    skips: fc.constantFrom(0, 0, 0, 1),
  })
  .map(
    ({ topic, partition, sequence, stayWithin, batches, as, end, skips }): Plan =>
      (model) => {
        const name = topic(model);
        const drawn = { topic: name, partition: partition(model, name) };
        const place = stayWithin ? (placeOfProducers(model) ?? drawn) : drawn;
        const { producer, count } = sequence(model, place);
        let { baseSequence } = producer;
        const shapes =
          count === undefined
            ? batches
            : [Array.from({ length: count }, (_, n) => batches[0]![n % batches[0]!.length]!)];
        const share = {
          partition: place.partition,
          batches: shapes.map((records) => {
            const batch = { records, producer: { ...producer, baseSequence } };
            baseSequence += records.length + (end === undefined ? skips : 0);
            return batch;
          }),
          ...(end === undefined
            ? {}
            : { expectedEnd: end(logOf(model, place.topic, place.partition)) }),
        };
        return { verb: 'produceBatches', topic: place.topic, as, shares: [share] };
      },
  );

/** Where some producer has written. */
const placeOfProducers = ({ topics }: Model): Place | undefined => {
  for (const [topic, { partitions }] of topics) {
    const partition = partitions.findIndex(({ producers }) => producers.size > 0);
    if (partition >= 0) return { topic, partition };
  }
  return undefined;
};
