/**
 * CRC32C (Castagnoli), the checksum of record batches: RFC 3720 appendix B.4, polynomial 0x1EDC6F41.
 *
 * Two implementations behind one function. The portable one, slicing-by-16 (after Kounavis and Berry,
 * Intel 2005: sixteen independent table look-ups for sixteen bytes at a time), runs anywhere; a native one is several times
 * faster, but an addon must not go into a Lambda bundle, so only the entry points of long-lived
 * processes load and install it.
 */
import { invariant } from '../model/assert.ts';

/**
 * The CRC of `bytes`, 0 to 2³²−1. `seed` is the CRC of what came before them (0: nothing), so that
 * `crc(b, crc(a))` is the CRC of a and b joined.
 */
export type Crc32c = (bytes: Uint8Array, seed?: number) => number;

/** The polynomial with its bits reversed, as CRCs of this family are computed. */
const REVERSED_POLYNOMIAL = 0x82f6_3b78;

/** Sixteen tables of 256 in one array: table k, from 256·k on, takes a byte that is followed by k more. */
const makeTables = (): Int32Array => {
  const tables = new Int32Array(16 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? REVERSED_POLYNOMIAL : 0);
    tables[byte] = crc;
  }
  for (let i = 256; i < tables.length; i++) {
    const previous = tables[i - 256]!;
    tables[i] = (previous >>> 8) ^ tables[previous & 0xff]!;
  }
  return tables;
};

const TABLES = makeTables();
const IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** The portable implementation: no addon, no SIMD. */
export const portableCrc32c: Crc32c = (bytes, seed = 0) => {
  const tables = TABLES;
  const length = bytes.length;
  let crc = ~seed;
  let at = 0;
  if (IS_LITTLE_ENDIAN && length >= 32) {
    for (; (bytes.byteOffset + at) & 3; at++) {
      crc = tables[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8);
    }
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, ((length - at) >> 4) * 4);
    for (let i = 0; i < words.length; i += 4) {
      const a = crc ^ words[i]!;
      const b = words[i + 1]!;
      const c = words[i + 2]!;
      const d = words[i + 3]!;
      crc =
        tables[3840 + (a & 0xff)]! ^
        tables[3584 + ((a >>> 8) & 0xff)]! ^
        tables[3328 + ((a >>> 16) & 0xff)]! ^
        tables[3072 + (a >>> 24)]! ^
        tables[2816 + (b & 0xff)]! ^
        tables[2560 + ((b >>> 8) & 0xff)]! ^
        tables[2304 + ((b >>> 16) & 0xff)]! ^
        tables[2048 + (b >>> 24)]! ^
        tables[1792 + (c & 0xff)]! ^
        tables[1536 + ((c >>> 8) & 0xff)]! ^
        tables[1280 + ((c >>> 16) & 0xff)]! ^
        tables[1024 + (c >>> 24)]! ^
        tables[768 + (d & 0xff)]! ^
        tables[512 + ((d >>> 8) & 0xff)]! ^
        tables[256 + ((d >>> 16) & 0xff)]! ^
        tables[d >>> 24]!;
    }
    at += words.length * 4;
  }
  for (; at < length; at++) crc = tables[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
};

let installed: Crc32c = portableCrc32c;

/** CRC32C by the implementation that is installed; the portable one unless `useCrc32c` said otherwise. */
export const crc32c: Crc32c = (bytes, seed) => installed(bytes, seed);

/**
 * Installs an implementation for the whole process, e.g. `useCrc32c(native.crc32c)` of `@node-rs/crc32`.
 * It is tried on the check value first: a wrong one would refuse every batch.
 */
export const useCrc32c = (implementation: Crc32c): void => {
  const digits = Uint8Array.from('123456789', (digit) => digit.charCodeAt(0));
  invariant(
    implementation(digits.subarray(4), implementation(digits.subarray(0, 4))) === 0xe306_9283,
    'a CRC32C implementation gives 0xE3069283 for "123456789", in two steps',
  );
  installed = implementation;
};
