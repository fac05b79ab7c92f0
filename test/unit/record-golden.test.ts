import { expect, it } from 'vitest';
import { decodeBatch } from '../../lib/record/decode.ts';
import { encodeBatch } from '../../lib/record/encode.ts';
import { writeBaseOffset } from '../../lib/record/patch.ts';
import type { LogRecord } from '../../lib/record/record.ts';
import { validateBatch, validateDeep } from '../../lib/record/validate.ts';
import { GOLDEN_BATCHES, type GoldenRecord } from '../golden/batches.ts';

const text = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes).toString();

const asGolden = (record: LogRecord): GoldenRecord => ({
  offset: record.offset,
  key: text(record.key),
  value: text(record.value),
  headers: record.headers.map(({ key, value }) => [key, text(value) ?? ''] as const),
});

it.each(GOLDEN_BATCHES)('a batch of $name is decoded ($source)', (golden) => {
  const { header, records } = decodeBatch(golden.bytes);
  expect(header).toMatchObject({
    sizeBytes: golden.bytes.length,
    partitionLeaderEpoch: 0,
    compression: golden.compression,
    timestampType: golden.timestampType,
    baseTimestamp: golden.baseTimestamp,
    maxTimestamp: golden.maxTimestamp,
    producerId: -1,
    producerEpoch: golden.withoutProducer,
    baseSequence: golden.withoutProducer,
    recordCount: golden.records.length,
    isTransactional: false,
    isControl: false,
  });
  expect(records.map(asGolden)).toEqual(golden.records);
  for (const record of records) expect(record.timestamp).toBe(golden.maxTimestamp);
});

const appendable = GOLDEN_BATCHES.filter(({ timestampType }) => timestampType === 'CreateTime');

it.each(appendable)('a batch of $name may be appended, at base offset 0', (golden) => {
  const batch = Uint8Array.from(golden.bytes);
  writeBaseOffset(batch, 0);
  const info = validateBatch(batch);
  expect(info).toEqual({
    sizeBytes: batch.length,
    recordCount: golden.records.length,
    maxTimestamp: golden.maxTimestamp,
    baseTimestamp: golden.baseTimestamp,
    producerId: -1,
    producerEpoch: -1,
    baseSequence: -1,
    isTransactional: false,
    isControl: false,
    compression: golden.compression,
    timestampType: 'CreateTime',
  });
  expect(validateDeep(batch)).toEqual(info);
});

const reproducible = GOLDEN_BATCHES.filter(
  ({ compression, withoutProducer }) => compression === 'none' && withoutProducer === -1,
);

it.each(reproducible)('a batch of $name comes out of the encoder, byte for byte', (golden) => {
  const { header, records } = decodeBatch(golden.bytes);
  const again = encodeBatch(records, { baseOffset: header.baseOffset });
  expect(Buffer.from(again).toString('hex')).toBe(Buffer.from(golden.bytes).toString('hex'));
});
