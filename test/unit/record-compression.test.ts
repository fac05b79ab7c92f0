import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StratalogError } from '../../lib/model/errors.ts';
import { loadCompressor } from '../../lib/record/compression/compressor.ts';
import { decompress } from '../../lib/record/compression/decompress.ts';

const MiB = 1024 * 1024;
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const error = (code: string) => expect.objectContaining({ name: 'StratalogError', code });
const codecs = ['gzip', 'snappy', 'lz4', 'zstd'] as const;

/** Text with matches near and far. */
const text = Buffer.from(
  Array.from({ length: 60_000 }, (_, i) => `{"id":${i},"user":"u${(i * 7919) % 1000}"}`).join('\n'),
);

describe.each(codecs)('%s', (codec) => {
  it.each([0, 1, 100, 32 * 1024, 32 * 1024 + 1, 200_000, text.length])(
    'gives back %i bytes, at exactly the bound',
    async (length) => {
      const { compress } = await loadCompressor(codec);
      const original = text.subarray(0, length);
      const back = decompress(codec, compress(original), Math.max(length, 1));
      expect(Buffer.compare(back, original)).toBe(0);
    },
  );

  it('gives back any bytes', async () => {
    const { compress } = await loadCompressor(codec);
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 50 }),
        fc.integer({ min: 1, max: 50 }),
        fc.uint8Array({ maxLength: 500 }),
        (pattern, times, rest) => {
          const original = Buffer.concat([...Array(times).fill(pattern), rest, pattern]);
          const back = decompress(codec, compress(original), MiB);
          expect(Buffer.compare(back, original)).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('refuses one byte more than the bound', async () => {
    const { compress } = await loadCompressor(codec);
    const compressed = compress(text.subarray(0, 100_000));
    expect(() => decompress(codec, compressed, 99_999)).toThrow(error('MESSAGE_TOO_LARGE'));
  });

  it('does not unpack a bomb', async () => {
    const { compress } = await loadCompressor(codec);
    const bomb = compress(Buffer.alloc(32 * MiB));
    expect(bomb.length).toBeLessThan(2 * MiB);
    const before = process.memoryUsage().arrayBuffers;
    expect(() => decompress(codec, bomb, MiB)).toThrow(error('MESSAGE_TOO_LARGE'));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * MiB);
  });

  it('refuses what is cut off anywhere', async () => {
    const { compress } = await loadCompressor(codec);
    const compressed = compress(text.subarray(0, 5000));
    for (let length = 0; length < compressed.length; length++) {
      let back: Uint8Array | undefined;
      try {
        back = decompress(codec, compressed.subarray(0, length), MiB);
      } catch (thrown) {
        if (!(thrown instanceof StratalogError)) throw thrown;
      }
      // Only the framing of snappy has an end that looks like one too early: that of its header.
      if (back !== undefined && !(codec === 'snappy' && back.length === 0)) {
        expect.fail(`${length} of ${compressed.length} bytes were taken for all`);
      }
    }
  });
});

it('hands out uncompressed bytes as they are', () => {
  expect(decompress('none', text, 1)).toBe(text);
});

describe('zstd', () => {
  it('does not reserve a window that its frame asks for', () => {
    // Magic, no content size, window descriptor 0xa8: 2^31 bytes; then one empty raw block.
    const frame = hex('28b52ffd 00 a8 010000');
    expect(() => decompress('zstd', frame, MiB)).toThrow(error('INVALID_RECORD'));
    expect(decompress('zstd', hex('28b52ffd 00 68 010000'), MiB).length).toBe(0);
  });

  it('is read frame after frame, as Kafka does, and to the last byte', () => {
    const skippable = hex('502a4d18 03000000 aabbcc');
    const [one, other] = ['hello ', 'kafka'].map((part) => zstdCompressSync(Buffer.from(part)));
    const frames = Buffer.concat([skippable, one!, skippable, other!]);
    expect(Buffer.from(decompress('zstd', frames, 11)).toString()).toBe('hello kafka');
    expect(() => decompress('zstd', frames, 10)).toThrow(error('MESSAGE_TOO_LARGE'));
    expect(() => decompress('zstd', Buffer.concat([one!, hex('00')]), MiB)).toThrow(
      error('INVALID_RECORD'),
    );
  });

  it('is not read frame after frame without end', () => {
    const empty = Buffer.concat(Array(100_000).fill(zstdCompressSync(Buffer.alloc(0))));
    expect(() => decompress('zstd', empty, MiB)).toThrow(/more than 1000 frames/);
  });
});

describe('snappy', () => {
  it('is read raw and in the framing of snappy-java', () => {
    const raw = hex('0b 28 68656c6c6f206b61666b61');
    expect(Buffer.from(decompress('snappy', raw, 100)).toString()).toBe('hello kafka');
    const framed = Buffer.concat([hex('82534e4150505900 00000001 00000001 0000000d'), raw]);
    expect(Buffer.from(decompress('snappy', framed, 100)).toString()).toBe('hello kafka');
    const twice = Buffer.concat([framed, framed.subarray(16)]);
    expect(Buffer.from(decompress('snappy', twice, 100)).toString()).toBe('hello kafka'.repeat(2));
  });

  it.each([
    ['copy 1', '08 0c 61626364 01 04', 'abcdabcd'],
    ['copy 2', '0a 0c 61626364 16 0400', 'abcdabcdab'],
    ['copy 4', '0a 0c 61626364 17 04000000', 'abcdabcdab'],
    ['a copy that overlaps itself', '41 00 61 fe 0100', 'a'.repeat(65)],
    ['a literal with its length in one byte', '04 f0 03 61626364', 'abcd'],
    ['a literal with its length in four bytes', '04 fc 03000000 61626364', 'abcd'],
  ])('knows %s', (_, bytes, plain) => {
    expect(Buffer.from(decompress('snappy', hex(bytes), 100)).toString()).toBe(plain);
  });

  it.each([
    ['no length', ''],
    ['a length that does not end', 'ffffffffffff'],
    ['a length that the bytes cannot hold', 'ffffff7f 0061'],
    ['a copy from before the beginning', '05 00 61 01 02'],
    ['a copy from nowhere', '05 00 61 01 00'],
    ['more than it claims', '02 0c 61626364'],
    ['a copy of more than it claims', '06 0c 61626364 01 04'],
    ['less than it claims', '05 0c 61626364'],
    ['a literal that is cut off', '05 28 6162'],
    ['a literal of 4 GiB', '05 fc ffffffff 61'],
    ['a literal length that is cut off', '05 f4 03'],
    ['a copy that is cut off', '05 00 61 02 01'],
    ['a chunk that is longer than the rest', '82534e4150505900 00000001 00000001 00000010 0100'],
    ['a chunk of negative length', '82534e4150505900 00000001 00000001 ffffffff 0100'],
    ['a chunk without a length', '82534e4150505900 00000001 00000001 0000'],
  ])('refuses %s', (_, bytes) => {
    expect(() => decompress('snappy', hex(bytes), 1000)).toThrow(error('INVALID_RECORD'));
  });

  it('adds up what its chunks claim before it allocates', () => {
    const chunk = Buffer.concat([hex('00000006 8080e001'), Buffer.alloc(2)]);
    const small = Buffer.concat([hex('82534e4150505900 00000001 00000001'), chunk]);
    expect(() => decompress('snappy', small, 100 * MiB)).toThrow(error('INVALID_RECORD'));
  });
});

describe('lz4', () => {
  const MAGIC = '04224d18';
  /** Literals "abcd", a match of 8 from 4 back, the literal "X". */
  const BLOCK = '44 61626364 0400 10 58';
  const PLAIN = 'abcdabcdabcdX';

  it.each([
    ['independent blocks', `${MAGIC} 60 40 00 09000000 ${BLOCK} 00000000`, PLAIN],
    ['a stored block', `${MAGIC} 60 40 00 04000080 61626364 00000000`, 'abcd'],
    ['block checksums', `${MAGIC} 70 40 00 09000000 ${BLOCK} deadbeef 00000000`, PLAIN],
    ['a content checksum', `${MAGIC} 64 40 00 09000000 ${BLOCK} 00000000 deadbeef`, PLAIN],
    ['a content size', `${MAGIC} 68 40 0d00000000000000 00 09000000 ${BLOCK} 00000000`, PLAIN],
    [
      'blocks that refer to earlier ones',
      `${MAGIC} 40 40 00 09000000 ${BLOCK} 05000000 04 0d00 10 59 00000000`,
      `${PLAIN}abcdabcdY`,
    ],
    [
      'long literals',
      `${MAGIC} 60 40 00 14000000 f003 ${'61'.repeat(18)} 00000000`,
      'a'.repeat(18),
    ],
    [
      'a long match',
      `${MAGIC} 60 40 00 08000000 1f 61 0100 ff05 10 58 00000000`,
      `${'a'.repeat(1 + 19 + 260)}X`,
    ],
    ['nothing', `${MAGIC} 60 40 00 00000000`, ''],
  ])('reads %s', (_, bytes, plain) => {
    expect(Buffer.from(decompress('lz4', hex(bytes), 1000)).toString()).toBe(plain);
  });

  it.each([
    ['nothing at all', ''],
    ['another magic', '04224d19 60 40 00 00000000'],
    ['a version to come', `${MAGIC} a0 40 00 00000000`],
    ['a dictionary', `${MAGIC} 61 40 00 00000000`],
    ['an unknown block size', `${MAGIC} 60 30 00 00000000`],
    ['a header that is cut off', `${MAGIC} 68 40 0d00`],
    ['a missing end mark', `${MAGIC} 60 40 00 09000000 ${BLOCK}`],
    ['a block that is longer than the rest', `${MAGIC} 60 40 00 ffffff7f 00`],
    ['a stored block that is longer than the rest', `${MAGIC} 60 40 00 ffffffff 00`],
    ['bytes after the end', `${MAGIC} 60 40 00 00000000 00`],
    ['a missing content checksum', `${MAGIC} 64 40 00 00000000`],
    ['a match from before the beginning', `${MAGIC} 60 40 00 06000000 10 61 0200 10 58 00000000`],
    ['a match from nowhere', `${MAGIC} 60 40 00 06000000 10 61 0000 10 58 00000000`],
    [
      'an independent block that refers to an earlier one',
      `${MAGIC} 60 40 00 09000000 ${BLOCK} 05000000 04 0d00 10 59 00000000`,
    ],
    ['literals beyond the block', `${MAGIC} 60 40 00 02000000 50 61 00000000`],
    ['a literal length that is cut off', `${MAGIC} 60 40 00 02000000 f0 ff 00000000`],
    ['a match length that is cut off', `${MAGIC} 60 40 00 05000000 1f 61 0100 ff 00000000`],
    ['an offset that is cut off', `${MAGIC} 60 40 00 03000000 10 61 01 00000000`],
    ['a block that ends in a match', `${MAGIC} 60 40 00 04000000 10 61 0100 00000000`],
  ])('refuses %s', (_, bytes) => {
    expect(() => decompress('lz4', hex(bytes), 1000)).toThrow(error('INVALID_RECORD'));
  });

  it('refuses a block that unpacks to more than the frame allows', () => {
    const block = Buffer.concat([hex('1f 61 0100'), Buffer.alloc(300, 0xff), hex('00 10 58')]);
    const size = Buffer.alloc(4);
    size.writeUInt32LE(block.length);
    const frame = Buffer.concat([hex(`${MAGIC} 60 40 00`), size, block, Buffer.alloc(4)]);
    expect(() => decompress('lz4', frame, 10 * MiB)).toThrow(error('INVALID_RECORD'));
    expect(() => decompress('lz4', frame, 1000)).toThrow(error('MESSAGE_TOO_LARGE'));
  });

  it('refuses a content size beyond the bound at once', () => {
    const frame = hex(`${MAGIC} 68 40 ffffffffffffff00 00 00000000`);
    expect(() => decompress('lz4', frame, 1000)).toThrow(error('MESSAGE_TOO_LARGE'));
  });
});

describe('gzip', () => {
  it('is bounded over several members', () => {
    const two = Buffer.concat([gzipSync(Buffer.alloc(600)), gzipSync(Buffer.alloc(600))]);
    expect(decompress('gzip', two, 1200).length).toBe(1200);
    expect(() => decompress('gzip', two, 1199)).toThrow(error('MESSAGE_TOO_LARGE'));
  });

  it('says what was wrong', () => {
    expect(() => decompress('gzip', zstdCompressSync(text), MiB)).toThrow(
      /gzip data is malformed: incorrect header check/,
    );
  });
});
