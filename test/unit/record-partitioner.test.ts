import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { murmur2, partitionForKey, stickyPartitioner } from '../../lib/record/partitioner.ts';

/** Kafka, clients/src/test/java/org/apache/kafka/common/utils/UtilsTest.java, testMurmur2. */
const KAFKA_UTILS_TEST: readonly [key: string, hash: number][] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
];

describe('murmur2', () => {
  it.each(KAFKA_UTILS_TEST)('of %s', (key, hash) => {
    expect(murmur2(Buffer.from(key))).toBe(hash);
  });

  it('chooses a partition, by the positive part of the hash as Kafka does', () => {
    expect(partitionForKey(Buffer.from('21'), 1000)).toBe((-973932308 & 0x7fffffff) % 1000);
    fc.assert(
      fc.property(fc.uint8Array(), fc.integer({ min: 1, max: 10_000 }), (key, partitions) => {
        const partition = partitionForKey(key, partitions);
        expect(partition >= 0 && partition < partitions).toBe(true);
      }),
    );
  });
});

describe('the sticky partitioner', () => {
  const drawing = (...values: number[]) => ({
    randomBytes: () => Uint8Array.from([0, 0, 0, values.shift()!]),
  });

  it('stays until it is told to move on', () => {
    const partitioner = stickyPartitioner(drawing(7, 1));
    expect([partitioner.current(5), partitioner.current(5)]).toEqual([2, 2]);
    partitioner.moveOn(5);
    expect(partitioner.current(5)).toBe(4);
  });

  it('moves to another partition, where there is one', () => {
    const partitioner = stickyPartitioner(systemRuntime);
    for (const partitions of [1, 2, 3, 10]) {
      for (let i = 0; i < 50; i++) {
        const before = partitioner.current(partitions);
        partitioner.moveOn(partitions);
        const after = partitioner.current(partitions);
        expect(after >= 0 && after < partitions).toBe(true);
        if (partitions > 1) expect(after).not.toBe(before);
      }
    }
  });

  it('may be told to move on before it was asked', () => {
    const partitioner = stickyPartitioner(drawing(3));
    partitioner.moveOn(4);
    expect(partitioner.current(4)).toBe(3);
  });
});
