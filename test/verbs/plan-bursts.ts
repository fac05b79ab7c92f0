/** Appends to one partition that come at once: all of them, one of them, or the same one many times. */
import fc from 'fast-check';
import type { CallOf } from './calls.ts';
import type { Model } from './model-state.ts';
import { logOf, somePartition, someTopic } from './plan-subjects.ts';

/** Calls that are made without waiting for one another's answers. */
export type Burst = (model: Model) => readonly CallOf<'produceRecords'>[];

export const someBurst: fc.Arbitrary<Burst> = fc
  .record({
    topic: someTopic,
    partition: somePartition,
    count: fc.integer({ min: 2, max: 6 }),
    kind: fc.constantFrom('all', 'first', 'once'),
    producer: fc.nat(1),
    sizeBytes: fc.constantFrom(1, 40, 2_000),
  })
  .map(
    ({ topic, partition, count, kind, producer, sizeBytes }): Burst =>
      (model) => {
        const name = topic(model);
        const number = partition(model, name);
        const log = logOf(model, name, number);
        const producerId = 8_000_000 + producer;
        const { epoch = 0, next = 0 } = log.producers.get(producerId) ?? {};
        return Array.from({ length: count }, (_, index) => ({
          verb: 'produceRecords',
          topic: name,
          as: 'json',
          partition: number,
          records: [
            { key: null, value: `${kind === 'once' ? 0 : index}`.repeat(sizeBytes), headers: [] },
          ],
          ...(kind === 'first' ? { expectedEnd: log.end } : {}),
          ...(kind === 'once'
            ? { producer: { producerId, producerEpoch: epoch, baseSequence: next } }
            : {}),
        }));
      },
  );
