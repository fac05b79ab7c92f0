import { describe, expect, it } from 'vitest';
import { splitBatches } from '../../lib/record/batches.ts';
import { decodeBatch } from '../../lib/record/decode.ts';
import { encodeBatch } from '../../lib/record/encode.ts';
import { offsetSpan } from '../../lib/record/layout.ts';
import {
  writeBaseOffset,
  writeLogAppendTime,
  writePartitionLeaderEpoch,
} from '../../lib/record/patch.ts';

const record = (n: number) => ({ value: Buffer.from(`value ${n}`), timestamp: 1000 + n });
const first = encodeBatch([record(1), record(2)]);
const second = encodeBatch([record(3)]);

describe('splitBatches', () => {
  it('finds the batches as views', () => {
    const bytes = Buffer.concat([first, second]);
    const { batches, truncatedBytes } = splitBatches(bytes);
    expect(batches.map((batch) => batch.length)).toEqual([first.length, second.length]);
    expect(batches[1]!.buffer).toBe(bytes.buffer);
    expect(truncatedBytes).toBe(0);
  });

  it('reports a truncated last batch wherever it was cut', () => {
    const bytes = Buffer.concat([first, second]);
    for (let length = 0; length <= bytes.length; length++) {
      const { batches, truncatedBytes } = splitBatches(bytes.subarray(0, length));
      const whole = length < first.length ? 0 : length < bytes.length ? 1 : 2;
      expect(batches.length).toBe(whole);
      expect(truncatedBytes).toBe(length - batches.reduce((sum, batch) => sum + batch.length, 0));
    }
  });

  it.each([-2147483648, -13, -1, 0, 48])('refuses the length %i', (length) => {
    const bytes = Buffer.concat([first, second]);
    bytes.writeInt32BE(length, first.length + 8);
    expect(() => splitBatches(bytes)).toThrow(
      expect.objectContaining({
        code: 'CORRUPT_MESSAGE',
        context: { position: first.length, sizeBytes: length + 12 },
      }),
    );
  });
});

describe('patching', () => {
  it('gives batches their offsets and epoch without touching the CRC', () => {
    const bytes = Buffer.concat([first, second]);
    let at = 0;
    let offset = Number.MAX_SAFE_INTEGER - 3;
    for (const batch of splitBatches(bytes).batches) {
      writeBaseOffset(bytes, offset, at);
      writePartitionLeaderEpoch(bytes, 5, at);
      offset += offsetSpan(bytes, at);
      at += batch.length;
    }
    const decoded = splitBatches(bytes).batches.map((batch) => decodeBatch(batch));
    expect(decoded.flatMap(({ records }) => records.map((r) => r.offset))).toEqual([
      Number.MAX_SAFE_INTEGER - 3,
      Number.MAX_SAFE_INTEGER - 2,
      Number.MAX_SAFE_INTEGER - 1,
    ]);
    expect(decoded.map(({ header }) => header.partitionLeaderEpoch)).toEqual([5, 5]);
  });

  it('turns a batch into one with log append time', () => {
    const batch = Uint8Array.from(first);
    writeLogAppendTime(batch, 1_700_000_000_000);
    const { header, records } = decodeBatch(batch);
    expect(header).toMatchObject({
      timestampType: 'LogAppendTime',
      baseTimestamp: 1001,
      maxTimestamp: 1_700_000_000_000,
    });
    expect(records.map((r) => r.timestamp)).toEqual([1_700_000_000_000, 1_700_000_000_000]);
    const encoded = encodeBatch([record(1), record(2)], { logAppendTime: 1_700_000_000_000 });
    expect(Buffer.compare(batch, encoded)).toBe(0);
  });
});

describe('what compaction leaves', () => {
  it('is read: gaps, and a batch without records', () => {
    const batch = Buffer.from(encodeBatch([record(1)], { baseOffset: 10 }));
    writeLogAppendTime(batch, 5);
    batch.writeInt32BE(9, 23);
    const empty = Buffer.from(batch.subarray(0, 61));
    empty.writeInt32BE(49, 8);
    empty.writeInt32BE(0, 57);
    for (const changed of [batch, empty]) writeLogAppendTime(changed, 5);
    expect(decodeBatch(batch).records.map((r) => r.offset)).toEqual([10]);
    expect(offsetSpan(batch)).toBe(10);
    expect(decodeBatch(empty).records).toEqual([]);
  });
});
