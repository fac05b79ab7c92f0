import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Compressor, loadCompressor } from '../../lib/record/compression/compressor.ts';
import { controlType, decodeBatch } from '../../lib/record/decode.ts';
import { batchBuilder, encodeBatch } from '../../lib/record/encode.ts';
import type { LogRecord, RecordInput } from '../../lib/record/record.ts';
import { validateBatch, validateDeep } from '../../lib/record/validate.ts';
import { anyProducer, anyRecords } from './record-arbitrary.ts';

const compressors: readonly (Compressor | undefined)[] = [
  undefined,
  await loadCompressor('gzip'),
  await loadCompressor('snappy'),
  await loadCompressor('lz4'),
  await loadCompressor('zstd'),
];

/** What must be read of a record that was written. */
const asRead = (input: RecordInput, offset: number, timestamp = input.timestamp): LogRecord => ({
  offset,
  timestamp,
  key: input.key == null ? null : Uint8Array.from(input.key),
  value: input.value === null ? null : Uint8Array.from(input.value),
  headers: (input.headers ?? []).map(({ key, value }) => ({
    key,
    value: value === null ? null : Uint8Array.from(value),
  })),
});

const plain = (records: readonly LogRecord[]): readonly LogRecord[] =>
  records.map((record) => asRead(record, record.offset));

describe('a batch', () => {
  it('gives back the records it was made of, with every codec', () => {
    fc.assert(
      fc.property(anyRecords, fc.constantFrom(...compressors), (records, compressor) => {
        const batch = encodeBatch(records, compressor === undefined ? {} : { compressor });
        const decoded = decodeBatch(batch);
        expect(plain(decoded.records)).toEqual(records.map((record, i) => asRead(record, i)));
        expect(decoded.header.compression).toBe(compressor?.compression ?? 'none');
        expect(decoded.header.sizeBytes).toBe(batch.length);
        expect(decoded.header.recordCount).toBe(records.length);
        const timestamps = records.map((record) => record.timestamp);
        expect(decoded.header.baseTimestamp).toBe(timestamps[0]);
        expect(decoded.header.maxTimestamp).toBe(Math.max(...timestamps));
        expect(validateDeep(batch)).toEqual(validateBatch(batch));
      }),
      { numRuns: 150 },
    );
  });

  it('gives back its header', () => {
    fc.assert(
      fc.property(
        anyRecords,
        fc.maxSafeInteger().map(Math.abs),
        fc.option(anyProducer, { nil: undefined }),
        fc.boolean(),
        fc.boolean(),
        fc.option(fc.nat(), { nil: undefined }),
        fc.integer({ min: -1, max: 2 ** 31 - 1 }),
        (records, base, producer, isTransactional, isControl, logAppendTime, epoch) => {
          const baseOffset = Math.min(base, Number.MAX_SAFE_INTEGER - records.length);
          const batch = encodeBatch(records, {
            baseOffset,
            partitionLeaderEpoch: epoch,
            isTransactional,
            isControl,
            ...(producer === undefined ? {} : { producer }),
            ...(logAppendTime === undefined ? {} : { logAppendTime }),
          });
          const decoded = decodeBatch(batch);
          expect(decoded.header).toMatchObject({
            baseOffset,
            partitionLeaderEpoch: epoch,
            isTransactional,
            isControl,
            timestampType: logAppendTime === undefined ? 'CreateTime' : 'LogAppendTime',
            lastOffsetDelta: records.length - 1,
            ...(producer ?? { producerId: -1, producerEpoch: -1, baseSequence: -1 }),
          });
          expect(plain(decoded.records)).toEqual(
            records.map((record, i) =>
              asRead(record, baseOffset + i, logAppendTime ?? record.timestamp),
            ),
          );
        },
      ),
      { numRuns: 100 },
    );
  });

  it('knows its size while it grows', () => {
    fc.assert(
      fc.property(anyRecords, (records) => {
        const builder = batchBuilder(16);
        expect(builder.sizeBytes).toBe(61);
        for (const record of records) {
          const foretold = builder.sizeWith(record);
          builder.append(record);
          expect(builder.sizeBytes).toBe(foretold);
        }
        expect(builder.recordCount).toBe(records.length);
        const size = builder.sizeBytes;
        expect(builder.build().length).toBe(size);
      }),
      { numRuns: 50 },
    );
  });

  it('carries control records (KIP-98)', () => {
    const marker = (version: number, type: number): RecordInput => {
      const key = Buffer.alloc(4);
      key.writeInt16BE(version, 0);
      key.writeInt16BE(type, 2);
      return { key, value: Buffer.alloc(6), timestamp: 5 };
    };
    const batch = encodeBatch([marker(0, 0), marker(0, 1), marker(0, 7)], { isControl: true });
    const { header, records } = decodeBatch(batch);
    expect(header.isControl).toBe(true);
    expect(records.map(controlType)).toEqual(['abort', 'commit', undefined]);
    expect(controlType({ ...records[0]!, key: null })).toBe(undefined);
  });
});

describe('the builder refuses', () => {
  const record = { value: null, timestamp: 1 };

  it.each([Number.NaN, 1.5, 2 ** 52 - 0.5, -2, 2 ** 53])('the timestamp %d', (timestamp) => {
    const builder = batchBuilder();
    expect(() => builder.append({ ...record, timestamp })).toThrow(
      expect.objectContaining({ code: 'INVALID_TIMESTAMP' }),
    );
    expect(builder.recordCount).toBe(0);
  });

  it('a timestamp too far from one that is none to be told by its delta', () => {
    const builder = batchBuilder();
    builder.append({ ...record, timestamp: -1 });
    const [latest, later] = [Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER];
    expect(() => builder.append({ ...record, timestamp: later })).toThrow(
      expect.objectContaining({ code: 'INVALID_TIMESTAMP' }),
    );
    builder.append({ ...record, timestamp: latest });
    const { records } = decodeBatch(builder.build());
    expect(records.map(({ timestamp }) => timestamp)).toEqual([-1, latest]);
  });

  it('more headers than a record may have', () => {
    const headers = Array.from({ length: 1001 }, () => ({ key: '', value: null }));
    expect(() => batchBuilder().append({ ...record, headers })).toThrow(
      expect.objectContaining({ code: 'INVALID_RECORD' }),
    );
  });

  it('to build nothing', () => {
    expect(() => encodeBatch([])).toThrow(/at least one record/);
  });
});
