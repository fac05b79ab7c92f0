/**
 * Compression: what decompressors are given inside a batch whose CRC holds.
 *
 *   records ── real compressor, raw snappy, bombs ──► payload ── spoilt ──► batch ── decode, within a bound
 *
 * gzip and zstd are read twice, by Node's zlib and by what browsers have: of one payload both must make
 * the same, or one of them refuses it.
 */
import assert from 'node:assert/strict';
import { constants, deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { StratalogError } from '../../../lib/model/errors.ts';
import { loadCompressor } from '../../../lib/record/compression/compressor.ts';
import { decompress } from '../../../lib/record/compression/decompress.ts';
import { gunzip } from '../../../lib/record/compression/portable-gzip.ts';
import { unzstd } from '../../../lib/record/compression/portable-zstd.ts';
import { decodeBatch } from '../../../lib/record/decode.ts';
import { encodeBatch } from '../../../lib/record/encode.ts';
import { COMPRESSIONS, type Compression, RECORDS_AT } from '../../../lib/record/layout.ts';
import { validateBatches } from '../../../lib/record/validate.ts';
import { anyRecord, repaired } from '../batches.ts';
import { type Chance, chanceOf } from '../chance.ts';
import { smallerBytes } from '../smaller.ts';
import { joined, spliced, spoilt } from '../spoil.ts';
import type { Target } from '../target.ts';

type Codec = Exclude<Compression, 'none'>;

/** What decoding may produce here: small, so that a bomb of kilobytes goes beyond it. */
const BOUND_BYTES = 256 * 1024;

interface Payload {
  readonly codec: Codec;
  readonly bytes: Uint8Array;
}

const CODECS = ['gzip', 'snappy', 'lz4', 'zstd'] as const;
const RECORDS_PER_BATCH = 6;

/** Records sections: small, repetitive, larger than a block of snappy's or LZ4's, and zeros without end. */
const sectionsOf = (chance: Chance): readonly Uint8Array[] => {
  const small = (): Uint8Array =>
    encodeBatch(Array.from({ length: RECORDS_PER_BATCH }, () => anyRecord(chance))).subarray(
      RECORDS_AT,
    );
  const value = Buffer.from('{"id":12345,"user":"someone"}'.repeat(60));
  const repetitive = encodeBatch(
    Array.from({ length: RECORDS_PER_BATCH }, (_, timestamp) => ({ value, timestamp })),
  ).subarray(RECORDS_AT);
  const large = joined(...Array.from({ length: 9 }, () => repetitive));
  return [small(), small(), small(), repetitive, large, new Uint8Array(0)];
};

const bombs = (): readonly Payload[] => {
  const zeros = new Uint8Array(8 * 1024 * 1024);
  return [
    { codec: 'gzip', bytes: gzipSync(zeros) },
    { codec: 'zstd', bytes: zstdCompressSync(zeros) },
    // A window of 2 GiB, asked for by the header alone.
    { codec: 'zstd', bytes: Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x01, 0x00, 0x00) },
    // A literal that says it is 4 GiB, behind a length that says as much.
    {
      codec: 'snappy',
      bytes: Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f, 0xfc, 0xff, 0xff, 0xff, 0xff),
    },
  ];
};

const zstdWays = (section: Uint8Array): readonly Uint8Array[] => [
  zstdCompressSync(section, { params: { [constants.ZSTD_c_checksumFlag]: 1 } }),
  zstdCompressSync(section, { params: { [constants.ZSTD_c_compressionLevel]: 19 } }),
  joined(zstdCompressSync(section.subarray(0, 40)), zstdCompressSync(section.subarray(40))),
];

const gzipWays = (section: Uint8Array): readonly Uint8Array[] => [
  gzipSync(section, { level: 0 }),
  joined(gzipSync(section.subarray(0, 40)), gzipSync(section.subarray(40))),
  joined(Uint8Array.of(0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3, 0x61, 0), deflateRawSync(section)),
];

/** Each section by each codec, in the framings that Kafka's clients use: made once, the same every time. */
const pool: readonly Payload[] = await (async () => {
  const made: Payload[] = [...bombs()];
  const { snappyCompress } = await import('@platformatic/wasm-utils/bundled');
  // Honest, and larger than may be: the one kind that only the bound stops.
  const tooLarge = new Uint8Array(4 * BOUND_BYTES);
  for (const codec of CODECS) {
    made.push({ codec, bytes: (await loadCompressor(codec)).compress(tooLarge) });
  }
  for (const section of sectionsOf(chanceOf(1, 1))) {
    for (const codec of CODECS) {
      made.push({ codec, bytes: (await loadCompressor(codec)).compress(section) });
    }
    made.push({ codec: 'snappy', bytes: snappyCompress(Buffer.from(section)) });
    made.push(...zstdWays(section).map((bytes) => ({ codec: 'zstd' as const, bytes })));
    made.push(...gzipWays(section).map((bytes) => ({ codec: 'gzip' as const, bytes })));
  }
  return made;
})();

const payloadOf = (chance: Chance): Payload => {
  const { codec, bytes } = chance.pick(pool);
  switch (chance.below(8)) {
    case 0:
      return { codec, bytes };
    case 1: {
      const others = pool.filter((one) => one.codec === codec);
      return { codec, bytes: spliced(bytes, chance.pick(others).bytes, chance) };
    }
    case 2:
      return { codec: chance.pick(CODECS), bytes };
    case 3:
      return { codec, bytes: chance.bytes(chance.below(120)) };
    case 4:
      // Near the beginning, where headers and lengths are.
      return { codec, bytes: joined(spoilt(bytes.subarray(0, 24), chance), bytes.subarray(24)) };
    default: {
      let damaged = bytes;
      for (let times = chance.between(1, 4); times > 0; times--) damaged = spoilt(damaged, chance);
      return { codec, bytes: damaged };
    }
  }
};

const EMPTY = encodeBatch([{ value: null, timestamp: 0 }]).subarray(0, RECORDS_AT);

const batchOf = ({ codec, bytes }: Payload): Uint8Array => {
  const batch = joined(EMPTY, bytes);
  batch[22] = COMPRESSIONS.indexOf(codec);
  batch[26] = RECORDS_PER_BATCH - 1;
  batch[60] = RECORDS_PER_BATCH;
  // No record is newer: the batch can be validated.
  batch.fill(0x1f, 36, 43);
  batch[35] = 0;
  batch[36] = 0x0f;
  return repaired(batch);
};

const EXPECTED = ['INVALID_RECORD', 'MESSAGE_TOO_LARGE'];

const told = (run: () => Uint8Array): Uint8Array | string => {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof StratalogError && EXPECTED.includes(error.code))) throw error;
    return error.code;
  }
};

const PORTABLE = { gzip: gunzip, zstd: unzstd } as const;

/** @returns how the portable reader sees it */
const compare = ({ codec, bytes }: Payload, mine: Uint8Array | string): string => {
  if (codec !== 'gzip' && codec !== 'zstd') return '';
  const theirs = told(() => PORTABLE[codec](bytes, BOUND_BYTES));
  if (typeof theirs !== 'string') assert(theirs.length <= BOUND_BYTES);
  if (typeof mine === 'string') return typeof theirs === 'string' ? '' : ', read in a browser';
  if (typeof theirs === 'string') return `, in a browser ${theirs}`;
  assert(Buffer.compare(mine, theirs) === 0, `two readers of ${codec} make different bytes`);
  return '';
};

/** The four codecs, by what a batch carries. */
export const compression: Target<Payload> = {
  allowed: [],
  memoryBytes: 40 * 1024 * 1024,
  make: payloadOf,
  run: (payload) => {
    const { codec, bytes } = payload;
    const mine = told(() => decompress(codec, bytes, BOUND_BYTES));
    if (typeof mine !== 'string') assert(mine.length <= BOUND_BYTES);
    const inBrowsers = compare(payload, mine);
    const batch = batchOf(payload);
    let read = 'records';
    try {
      const { records } = decodeBatch(batch, { maxDecompressedBytes: BOUND_BYTES });
      assert.equal(records.length, RECORDS_PER_BATCH);
      assert(typeof mine !== 'string');
      for (const { value } of records) assert(value === null || value.length < mine.length);
    } catch (error) {
      if (!(error instanceof StratalogError && EXPECTED.includes(error.code))) throw error;
      read = error.code;
    }
    if (bytes.length > 0) validateBatches(batch);
    return `${codec}: ${typeof mine === 'string' ? mine : read === 'records' ? read : `no records, ${read}`}${inBrowsers}`;
  },
  *smaller({ codec, bytes }) {
    for (const fewer of smallerBytes(bytes)) yield { codec, bytes: fewer };
  },
};
