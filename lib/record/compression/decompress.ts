/**
 * The decompressing half: synchronous, without anything to load, and bounded. 64 MiB of zeros are 2 KB
 * of zstd, so the bound is checked before or while bytes come out, never after.
 *
 * gzip and zstd are Node's own; snappy and LZ4 are read by `snappy.ts` and `lz4.ts`.
 */
import { constants, gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { Compression } from '../layout.ts';
import { malformed, tooLarge } from './failure.ts';
import { decompressLz4 } from './lz4.ts';
import { decompressSnappy } from './snappy.ts';

/**
 * The records of a batch, decompressed; with `none` the very bytes that came in.
 * @throws MESSAGE_TOO_LARGE beyond `maxBytes`, INVALID_RECORD for malformed data
 */
export const decompress = (
  compression: Compression,
  bytes: Uint8Array,
  maxBytes: number,
): Uint8Array => {
  switch (compression) {
    case 'none':
      return bytes;
    case 'gzip':
      return byZlib(compression, maxBytes, () => gunzipSync(bytes, { maxOutputLength: maxBytes }));
    case 'snappy':
      return decompressSnappy(bytes, maxBytes);
    case 'lz4':
      return decompressLz4(bytes, maxBytes);
    case 'zstd':
      return byZlib(compression, maxBytes, () =>
        zstdDecompressSync(bytes, {
          maxOutputLength: maxBytes,
          params: { [constants.ZSTD_d_windowLogMax]: windowLogMax(maxBytes) },
        }),
      );
  }
};

/** The largest window that zstd's levels up to 19 use: 8 MiB. */
const USUAL_WINDOW_LOG = 23;

/** A frame may ask for a window of gigabytes before it says anything: no more than may come out of it. */
const windowLogMax = (maxBytes: number): number =>
  Math.max(USUAL_WINDOW_LOG, Math.floor(Math.log2(maxBytes)));

const byZlib = (compression: Compression, maxBytes: number, run: () => Uint8Array): Uint8Array => {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(compression, maxBytes);
    throw malformed(compression, error.message, error);
  }
};
