/** Reads that may come next: records and offsets. */
import fc from 'fast-check';
import type { FetchSpec } from './calls.ts';
import type { Model } from './model-state.ts';
import {
  FIRST_MS,
  logOf,
  type Plan,
  someOffset,
  somePartition,
  someTime,
  someTopic,
} from './plan-subjects.ts';

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

export const fetchMany = fc
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

export const fetchPartition = fc.record({ topic: someTopic, as: someAs, from: someFetch }).map(
  ({ topic, as, from }): Plan =>
    (model) => {
      const name = topic(model);
      return { verb: 'fetchPartition', topic: name, as, from: fetchSpec(from)(model, name) };
    },
);

export const listOffsets = fc
  .record({
    topic: someTopic,
    at: fc.oneof(
      fc.constantFrom('earliest' as const, 'latest' as const, 'max-timestamp' as const),
      someTime.map((timestamp) => ({ timestamp })),
      fc.constantFrom({ timestamp: 0 }, { timestamp: FIRST_MS + 10_000_000 }),
    ),
    partitions: fc.option(fc.uniqueArray(fc.nat(3), { minLength: 1, maxLength: 3 }), {
      nil: undefined,
    }),
  })
  .map(
    ({ topic, at, partitions }): Plan =>
      (model) => ({
        verb: 'listOffsets',
        topic: topic(model),
        at,
        ...(partitions === undefined ? {} : { partitions }),
      }),
  );

/** Not a read, but about offsets as they are. */
export const deleteRecords = fc
  .record({ topic: someTopic, partition: somePartition, before: someOffset })
  .map(
    ({ topic, partition, before }): Plan =>
      (model) => {
        const name = topic(model);
        const number = partition(model, name);
        const offset = before(logOf(model, name, number));
        return {
          verb: 'deleteRecords',
          topic: name,
          partition: number,
          before: offset === 'earliest' ? 0 : offset,
        };
      },
  );
