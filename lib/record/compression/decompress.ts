/**
 * The decompressing half: synchronous, and bounded. 64 MiB of zeros are 2 KB of zstd, so the bound is
 * checked before or while bytes come out, never after.
 *
 * gzip and zstd are Node's own; where it has none, `loadDecompressor` brings fflate and fzstd. snappy and
 * LZ4 are read by `snappy.ts` and `lz4.ts` everywhere.
 */
import { concatBytes } from '../../bytes/concat.ts';
import { MAX_ZSTD_FRAMES_PER_BATCH } from '../../model/limits.ts';
import type { Compression } from '../layout.ts';
import { malformed, tooLarge, unavailable } from './failure.ts';
import { decompressLz4 } from './lz4.ts';
import { nodeZlib } from './node-zlib.ts';
import { decompressSnappy } from './snappy.ts';

type Decompress = (bytes: Uint8Array, maxBytes: number) => Uint8Array;

/** The largest window that zstd's levels up to 19 use: 8 MiB. */
const USUAL_WINDOW_LOG = 23;

/** A frame may ask for a window of gigabytes before it says anything: no more than may come out of it. */
const windowLogMax = (maxBytes: number): number =>
  Math.max(USUAL_WINDOW_LOG, Math.floor(Math.log2(maxBytes)));

const byZlib = <T>(compression: Compression, maxBytes: number, run: () => T): T => {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { code } = error as { readonly code?: string };
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(compression, maxBytes);
    throw malformed(compression, error.message, error);
  }
};

const nodeGunzip = (): Decompress | undefined => {
  const { gunzipSync } = nodeZlib ?? {};
  return (
    gunzipSync &&
    ((bytes, maxBytes) =>
      byZlib('gzip', maxBytes, () => gunzipSync(bytes, { maxOutputLength: maxBytes })))
  );
};

/** What zlib's functions answer with `info`; `engine` knows how far they read. */
interface Decoded {
  readonly buffer: Uint8Array;
  readonly engine: { readonly bytesWritten: number };
}

/** Node stops after one frame without a word, and begins the next as slowly as the first: they are counted. */
const nodeUnzstd = (): Decompress | undefined => {
  const { zstdDecompressSync, constants } = nodeZlib ?? {};
  if (zstdDecompressSync === undefined) return undefined;
  return (bytes, maxBytes) => {
    const params = { [constants!.ZSTD_d_windowLogMax]: windowLogMax(maxBytes) };
    const frames: Uint8Array[] = [];
    let sizeBytes = 0;
    for (let at = 0; at < bytes.length || frames.length === 0; ) {
      if (frames.length === MAX_ZSTD_FRAMES_PER_BATCH) {
        throw malformed('zstd', `it has more than ${MAX_ZSTD_FRAMES_PER_BATCH} frames`);
      }
      const options = { info: true, maxOutputLength: Math.max(1, maxBytes - sizeBytes), params };
      const { buffer, engine } = byZlib(
        'zstd',
        maxBytes,
        () => zstdDecompressSync(bytes.subarray(at), options) as unknown as Decoded,
      );
      frames.push(buffer);
      sizeBytes += buffer.length;
      if (sizeBytes > maxBytes) throw tooLarge('zstd', maxBytes);
      at += engine.bytesWritten;
    }
    return frames.length === 1 ? frames[0]! : concatBytes(frames);
  };
};

let gunzip = nodeGunzip();
let unzstd = nodeUnzstd();

/**
 * Loads what it takes to read this codec; undefined where nothing must be.
 * @throws what the import throws
 */
export const loadDecompressor = (compression: Compression): Promise<void> | undefined => {
  if (compression === 'gzip' && gunzip === undefined) {
    return import('./portable-gzip.ts').then((loaded) => {
      gunzip = loaded.gunzip;
    });
  }
  if (compression === 'zstd' && unzstd === undefined) {
    return import('./portable-zstd.ts').then((loaded) => {
      unzstd = loaded.unzstd;
    });
  }
  return undefined;
};

/**
 * The records of a batch, decompressed; with `none` the very bytes that came in.
 * @throws MESSAGE_TOO_LARGE beyond `maxBytes`, INVALID_RECORD for malformed data,
 *   UNSUPPORTED_COMPRESSION_TYPE where it had to be loaded and was not
 */
export const decompress = (
  compression: Compression,
  bytes: Uint8Array,
  maxBytes: number,
): Uint8Array => {
  switch (compression) {
    case 'none':
      return bytes;
    case 'snappy':
      return decompressSnappy(bytes, maxBytes);
    case 'lz4':
      return decompressLz4(bytes, maxBytes);
    case 'gzip':
      if (gunzip === undefined) throw unavailable(compression, 'decompress');
      return gunzip(bytes, maxBytes);
    case 'zstd':
      if (unzstd === undefined) throw unavailable(compression, 'decompress');
      return unzstd(bytes, maxBytes);
  }
};
