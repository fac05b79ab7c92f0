/** The ways in which compressed bytes, and codecs, are refused. */
import { StratalogError } from '../../model/errors.ts';
import type { Compression } from '../layout.ts';

/** INVALID_RECORD: the CRC holds, so it was written so. `problem` completes “… is malformed: …”. */
export const malformed = (
  compression: Compression,
  problem: string,
  cause?: unknown,
): StratalogError =>
  new StratalogError(
    'INVALID_RECORD',
    `The batch's ${compression} data is malformed: ${problem}.`,
    {
      context: { compression },
      cause,
    },
  );

/** MESSAGE_TOO_LARGE: it would take more than `maxBytes`. */
export const tooLarge = (compression: Compression, maxBytes: number): StratalogError =>
  new StratalogError(
    'MESSAGE_TOO_LARGE',
    `The batch's ${compression} data decompresses to more than ${maxBytes} bytes, which is the most that is allowed. Read it as bytes, or raise the limit.`,
    { context: { compression, maxBytes } },
  );

/** Where each codec is that is not everywhere. */
const COMPRESSING: Readonly<Partial<Record<Compression, string>>> = {
  zstd: 'Node 22.15 and newer',
  snappy: 'Node',
  lz4: 'Node',
};

/** UNSUPPORTED_COMPRESSION_TYPE: not on this platform. */
export const unavailable = (
  compression: Compression,
  what: 'compress' | 'decompress',
): StratalogError =>
  new StratalogError(
    'UNSUPPORTED_COMPRESSION_TYPE',
    what === 'compress'
      ? `This platform cannot compress ${compression}; it is there in ${COMPRESSING[compression] ?? 'Node'}. gzip is everywhere.`
      : `The codec that reads ${compression} was not loaded (loadDecompressor).`,
    { context: { compression } },
  );
