/**
 * Other implementations as judges: @platformatic/kafka for everything, kafkajs for what it can (gzip).
 */
import { createRequire } from 'node:module';
import {
  type CompressionAlgorithmValue,
  createRecordsBatch,
  type KafkaRecord,
  murmur2 as platformaticMurmur2,
  Reader,
  readRecordsBatches,
} from '@platformatic/kafka';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadCompressor } from '../../lib/record/compression/compressor.ts';
import { decodeBatch } from '../../lib/record/decode.ts';
import { encodeBatch } from '../../lib/record/encode.ts';
import { murmur2 } from '../../lib/record/partitioner.ts';
import { validateDeep } from '../../lib/record/validate.ts';
import { anyProducer, anyRecords } from './record-arbitrary.ts';

const require = createRequire(import.meta.url);

interface KafkajsRecord {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | Buffer[]>>;
}
interface KafkajsBatch {
  readonly firstOffset: string;
  readonly producerId: string;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly inTransaction: boolean;
  readonly isControlBatch: boolean;
  readonly records: readonly KafkajsRecord[];
}
const protocol = 'kafkajs/src/protocol';
const KafkajsDecoder = require(`${protocol}/decoder`) as new (bytes: Buffer) => object;
const kafkajsRead = require(`${protocol}/recordBatch/v0/decoder`) as (
  decoder: object,
) => Promise<KafkajsBatch>;
const { RecordBatch: kafkajsWrite } = require(`${protocol}/recordBatch/v0`) as {
  RecordBatch: (batch: object) => Promise<{ readonly buffer: Buffer }>;
};
const kafkajsRecord = require(`${protocol}/recordBatch/record/v0`) as (record: object) => object;

const plain = (bytes: Uint8Array | null | undefined): string | null =>
  bytes == null ? null : Buffer.from(bytes).toString('hex');

const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

describe('@platformatic/kafka', () => {
  it.each(codecs)('reads what we write, %s', async (codec) => {
    const options = codec === 'none' ? {} : { compressor: await loadCompressor(codec) };
    fc.assert(
      fc.property(anyRecords, anyProducer, (records, producer) => {
        const ours = encodeBatch(records, { ...options, producer, baseOffset: 1234 });
        const [batch] = readRecordsBatches(Reader.from(Buffer.from(ours)));
        expect(batch).toMatchObject({
          firstOffset: 1234n,
          firstTimestamp: BigInt(records[0]!.timestamp),
          lastOffsetDelta: records.length - 1,
          producerId: BigInt(producer.producerId),
          producerEpoch: producer.producerEpoch,
          firstSequence: producer.baseSequence,
        });
        const seen = batch!.records.map((record: KafkaRecord, i: number) => ({
          offset: record.offsetDelta - i,
          timestamp: Number(batch!.firstTimestamp + record.timestampDelta),
          key: plain(record.key),
          value: plain(record.value),
          headers: record.headers.map(([key, value]) => [plain(key), plain(value)]),
        }));
        expect(seen).toEqual(
          records.map((record) => ({
            offset: 0,
            timestamp: record.timestamp,
            key: plain(record.key),
            value: plain(record.value),
            headers: record.headers!.map(({ key, value }) => [
              plain(Buffer.from(key)),
              plain(value),
            ]),
          })),
        );
      }),
      { numRuns: 40 },
    );
  });

  it.each(codecs)('writes what we read, %s', (codec) => {
    fc.assert(
      fc.property(anyRecords, (input) => {
        // It writes timestamp deltas of more than 31 bits wrong.
        const records = input.map((record, i) => ({
          ...record,
          timestamp: 1_700_000_000_000 + (i % 3) * 1_000_000_000,
        }));
        const theirs = createRecordsBatch(
          records.map((record) => ({
            topic: 't',
            // It writes a record without a value as an empty one if it is undefined.
            value: record.value === null ? Buffer.alloc(0) : Buffer.from(record.value),
            ...(record.key == null ? {} : { key: Buffer.from(record.key) }),
            timestamp: BigInt(record.timestamp),
          })),
          { compression: codec as CompressionAlgorithmValue },
        ).buffer;
        validateDeep(theirs);
        const decoded = decodeBatch(theirs);
        expect(
          decoded.records.map(({ key, value, timestamp }) => [plain(key), plain(value), timestamp]),
        ).toEqual(
          records.map(({ key, value, timestamp }) => [plain(key), plain(value) ?? '', timestamp]),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('hashes keys as we do', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (key) => {
        expect(murmur2(key)).toBe(platformaticMurmur2(Buffer.from(key)));
      }),
    );
  });
});

describe('kafkajs', () => {
  it.each(['none', 'gzip'] as const)('reads what we write, %s', async (codec) => {
    const options = codec === 'none' ? {} : { compressor: await loadCompressor(codec) };
    await fc.assert(
      fc.asyncProperty(anyRecords, anyProducer, fc.boolean(), async (input, producer, flag) => {
        // It reads headers into an object: repeated keys are joined, inherited ones ("toString") too.
        const records = input.map((record) => ({
          ...record,
          headers: record.headers!.slice(0, 1).map(({ key, value }) => ({ key: `h${key}`, value })),
        }));
        const ours = encodeBatch(records, {
          ...options,
          producer,
          isTransactional: flag,
          isControl: !flag,
          baseOffset: 77,
        });
        const batch = await kafkajsRead(new KafkajsDecoder(Buffer.from(ours)));
        expect(batch).toMatchObject({
          firstOffset: '77',
          producerId: String(producer.producerId),
          producerEpoch: producer.producerEpoch,
          firstSequence: producer.baseSequence,
          inTransaction: flag,
          isControlBatch: !flag,
        });
        expect(
          batch.records.map((record) => [
            record.offset,
            record.timestamp,
            plain(record.key),
            plain(record.value),
            Object.entries(record.headers).map(([key, value]) => [key, plain(value as Buffer)]),
          ]),
        ).toEqual(
          records.map((record, i) => [
            String(77 + i),
            String(record.timestamp),
            plain(record.key),
            plain(record.value),
            record.headers.map(({ key, value }) => [key, plain(value)]),
          ]),
        );
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    ['none', 0],
    ['gzip', 1],
  ])('writes what we read, %s', async (_, compression) => {
    await fc.assert(
      fc.asyncProperty(anyRecords, async (records) => {
        const timestamps = records.map((record) => record.timestamp);
        const firstTimestamp = timestamps[0]!;
        const theirs = await kafkajsWrite({
          compression,
          firstTimestamp,
          maxTimestamp: Math.max(...timestamps),
          lastOffsetDelta: records.length - 1,
          records: records.map((record, i) =>
            kafkajsRecord({
              offsetDelta: i,
              timestampDelta: record.timestamp - firstTimestamp,
              key: record.key == null ? null : Buffer.from(record.key),
              value: record.value === null ? null : Buffer.from(record.value),
              headers: { header: 'größer' },
            }),
          ),
        });
        expect(validateDeep(theirs.buffer)).toMatchObject({ producerId: -1, baseSequence: -1 });
        expect(
          decodeBatch(theirs.buffer).records.map((record) => [
            plain(record.key),
            plain(record.value),
            record.timestamp,
            record.headers.map(({ key, value }) => [key, plain(value)]),
          ]),
        ).toEqual(
          records.map((record) => [
            plain(record.key),
            plain(record.value),
            record.timestamp,
            [['header', plain(Buffer.from('größer'))]],
          ]),
        );
      }),
      { numRuns: 40 },
    );
  });
});
