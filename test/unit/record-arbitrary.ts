/** Records of every shape, for the round trips. */
import fc from 'fast-check';
import type { BatchProducer } from '../../lib/record/encode.ts';
import type { RecordInput } from '../../lib/record/record.ts';

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.uint8Array({ minLength: 40, maxLength: 300 }),
  // Something that compresses, with matches longer than a block's history would need.
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 9 }), fc.integer({ min: 1, max: 400 }))
    .map(([pattern, times]) => Buffer.concat(Array.from({ length: times }, () => pattern))),
);
const nullable = fc.option(bytes, { freq: 5 });

const timestamp = fc.oneof(
  fc.integer({ min: 1_700_000_000_000, max: 1_700_000_100_000 }),
  fc.constantFrom(-1, 0, Number.MAX_SAFE_INTEGER - 1),
);

export const anyRecord: fc.Arbitrary<RecordInput> = fc.record({
  key: nullable,
  value: nullable,
  timestamp,
  headers: fc.array(fc.record({ key: fc.string({ unit: 'binary' }), value: nullable }), {
    maxLength: 4,
  }),
});

export const anyRecords = fc.array(anyRecord, { minLength: 1, maxLength: 30 });

export const anyProducer: fc.Arbitrary<BatchProducer> = fc.record({
  producerId: fc.oneof(fc.nat(), fc.constant(Number.MAX_SAFE_INTEGER)),
  producerEpoch: fc.nat(32767),
  baseSequence: fc.nat(),
});
