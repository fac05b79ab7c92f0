/**
 * Batches that other implementations wrote, and what is in them.
 *
 * The bytes were captured by other projects; each names the file it was found in. They are laid out by
 * the header's fields (`lib/record/layout.ts`), then records.
 */
import type { Compression, TimestampType } from '../../lib/record/layout.ts';

/** A record with its bytes as text. */
export interface GoldenRecord {
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly (readonly [key: string, value: string])[];
}

export interface GoldenBatch {
  readonly name: string;
  /** Repository and file. */
  readonly source: string;
  readonly bytes: Uint8Array;
  readonly compression: Compression;
  readonly timestampType: TimestampType;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  /** Epoch and sequence beside producer id −1: kafkajs writes 0. */
  readonly withoutProducer: 0 | -1;
  readonly records: readonly GoldenRecord[];
}

const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

export const GOLDEN_BATCHES: readonly GoldenBatch[] = [
  {
    name: 'librdkafka, not compressed',
    source: 'influxdata/rskafka, src/protocol/record.rs, test_decode_fixture_nocompression',
    bytes: hex(`
      0000000000000000 0000004b 00000000 02 2724fecd 0000 00000000 0000000061d59b77 0000000061d59b77 ffffffffffffffff ffff ffffffff 00000001
      32000000001668656c6c6f206b61666b610206666f6f06626172
    `),
    compression: 'none',
    timestampType: 'CreateTime',
    baseTimestamp: 1641388919,
    maxTimestamp: 1641388919,
    withoutProducer: -1,
    records: [{ offset: 0, key: '', value: 'hello kafka', headers: [['foo', 'bar']] }],
  },
  {
    name: 'librdkafka, gzip',
    source: 'influxdata/rskafka, src/protocol/record.rs, test_decode_fixture_gzip',
    bytes: hex(`
      0000000000000000 00000064 00000000 02 ba414665 0001 00000000 0000017e90b33467 0000017e90b33467 ffffffffffffffff ffff ffffffff 00000001
      1f8b0800000000000003fbc3c8c0c07082b1820e402c233527275f213b312d3b91892d2d3f9f2d29
      b10800e4cdba1f80000000
    `),
    compression: 'gzip',
    timestampType: 'CreateTime',
    baseTimestamp: 1643105170535,
    maxTimestamp: 1643105170535,
    withoutProducer: -1,
    records: [{ offset: 0, key: 'x'.repeat(100), value: 'hello kafka', headers: [['foo', 'bar']] }],
  },
  {
    name: 'librdkafka, lz4',
    source: 'influxdata/rskafka, src/protocol/record.rs, test_decode_fixture_lz4',
    bytes: hex(`
      0000000000000000 00000063 00000000 02 1ba59235 0003 00000000 0000017eb11fc724 0000017eb11fc724 ffffffffffffffff ffff ffffffff 00000001
      04224d18604082230000008ffc01000000c80178010050f0061668656c6c6f206b61666b61020666
      6f6f0662617200000000
    `),
    compression: 'lz4',
    timestampType: 'CreateTime',
    baseTimestamp: 1643649156900,
    maxTimestamp: 1643649156900,
    withoutProducer: -1,
    records: [{ offset: 0, key: 'x'.repeat(100), value: 'hello kafka', headers: [['foo', 'bar']] }],
  },
  {
    name: 'librdkafka, raw snappy',
    source: 'influxdata/rskafka, src/protocol/record.rs, test_decode_fixture_snappy',
    bytes: hex(`
      0000000000000000 00000058 00000000 02 ad86f4f4 0002 00000000 0000017eb6450e52 0000017eb6450e52 ffffffffffffffff ffff ffffffff 00000001
      80011cfc01000000c80178fe01008a0100501668656c6c6f206b61666b610206666f6f06626172
    `),
    compression: 'snappy',
    timestampType: 'CreateTime',
    baseTimestamp: 1643735486034,
    maxTimestamp: 1643735486034,
    withoutProducer: -1,
    records: [{ offset: 0, key: 'x'.repeat(100), value: 'hello kafka', headers: [['foo', 'bar']] }],
  },
  {
    name: 'the Java client, snappy in xerial framing',
    source: 'influxdata/rskafka, src/protocol/record.rs, test_decode_fixture_snappy_java',
    bytes: hex(`
      0000000000000000 0000008c 00000000 02 791e2dce 0002 00000001 0000017f07257ab1 0000017f07257ab1 ffffffffffffffff ffff ffffffff 00000002
      82534e4150505900000000010000000100000047ff011cfc01000000c80178fe01008a0100641668
      656c6c6f206b61666b610206666f6f06626172fa01000002fe80009680004c14736f6d652076616c
      75650206666f6f06626172
    `),
    compression: 'snappy',
    timestampType: 'CreateTime',
    baseTimestamp: 1645092371121,
    maxTimestamp: 1645092371121,
    withoutProducer: -1,
    records: [
      { offset: 0, key: 'x'.repeat(100), value: 'hello kafka', headers: [['foo', 'bar']] },
      { offset: 1, key: 'x'.repeat(100), value: 'some value', headers: [['foo', 'bar']] },
    ],
  },
  {
    name: 'librdkafka, zstd',
    source: 'influxdata/rskafka, src/protocol/record.rs, test_decode_fixture_zstd',
    bytes: hex(`
      0000000000000000 0000005d 00000000 02 a16e4e95 0004 00000000 0000017ebf78f3ad 0000017ebf78f3ad ffffffffffffffff ffff ffffffff 00000001
      28b52ffd00581d0100e8fc01000000c801781668656c6c6f206b61666b610206666f6f0662617201
      0020055c
    `),
    compression: 'zstd',
    timestampType: 'CreateTime',
    baseTimestamp: 1643889882029,
    maxTimestamp: 1643889882029,
    withoutProducer: -1,
    records: [{ offset: 0, key: 'x'.repeat(100), value: 'hello kafka', headers: [['foo', 'bar']] }],
  },
  {
    name: 'a Scala producer, as Kafka served it',
    source:
      'tulios/kafkajs, src/protocol/requests/fetch/fixtures/v4_from_scala_producer_response.json',
    bytes: hex(`
      0000000000000001 0000005f 00000000 02 71b60f25 0000 00000000 0000016679fa3322 0000016679fa3322 ffffffffffffffff ffff ffffffff 00000001
      5a0000000a4b45592d324456414c55452d4c6f72656d20697073756d20646f6c6f72207369742061
      6d65742d3200
    `),
    compression: 'none',
    timestampType: 'CreateTime',
    baseTimestamp: 1539644732194,
    maxTimestamp: 1539644732194,
    withoutProducer: -1,
    records: [
      { offset: 1, key: 'KEY-2', value: 'VALUE-Lorem ipsum dolor sit amet-2', headers: [] },
    ],
  },
  {
    name: 'kafkajs, as Kafka served it',
    source: 'tulios/kafkajs, src/protocol/requests/fetch/fixtures/v4_response.json',
    bytes: hex(`
      0000000000000000 000000cd 00000000 02 d6545568 0000 00000002 0000015f88c172a9 0000015f88c172a9 ffffffffffffffff 0000 00000000 00000003
      660000000a6b65792d3018736f6d652d76616c75652d3002186865616465722d6b65792d301c6865
      616465722d76616c75652d30660000020a6b65792d3118736f6d652d76616c75652d310218686561
      6465722d6b65792d311c6865616465722d76616c75652d31660000040a6b65792d3218736f6d652d
      76616c75652d3202186865616465722d6b65792d321c6865616465722d76616c75652d32
    `),
    compression: 'none',
    timestampType: 'CreateTime',
    baseTimestamp: 1509827900073,
    maxTimestamp: 1509827900073,
    withoutProducer: 0,
    records: [0, 1, 2].map((i) => ({
      offset: i,
      key: `key-${i}`,
      value: `some-value-${i}`,
      headers: [[`header-key-${i}`, `header-value-${i}`]],
    })),
  },
  {
    name: 'kafkajs, gzip, with log append time by Kafka',
    source: 'tulios/kafkajs, src/protocol/recordBatch/fixtures/v0_recordbatch.json',
    bytes: hex(`
      0000000000000000 00000071 00000000 02 e4c324a5 0009 00000000 00000173edf5ffa7 00000173edf5ffc9 ffffffffffffffff 0000 00000000 00000001
      1f8b08000000000000130b636060e0ca4eadd43570284bcc294dd535d035323032d035b0d0353409
      3134b73234b632b0d033b3308a620000b5e3f1a72c000000
    `),
    compression: 'gzip',
    timestampType: 'LogAppendTime',
    baseTimestamp: 1597425188775,
    maxTimestamp: 1597425188809,
    withoutProducer: 0,
    records: [{ offset: 0, key: 'key-0', value: 'value-0-2020-08-14T17:13:08.682Z', headers: [] }],
  },
];
