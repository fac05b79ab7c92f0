/** What a decompressor gives piece by piece, bounded while it comes. */
import { concatBytes } from '../../bytes/concat.ts';
import { StratalogError } from '../../model/errors.ts';
import type { Compression } from '../layout.ts';
import { malformed, tooLarge } from './failure.ts';

/**
 * @param run takes every piece to `take`
 * @throws MESSAGE_TOO_LARGE beyond `maxBytes`, INVALID_RECORD for whatever else `run` throws
 */
export const collected = (
  compression: Compression,
  maxBytes: number,
  run: (take: (piece: Uint8Array) => void) => void,
): Uint8Array => {
  const pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  try {
    run((piece) => {
      sizeBytes += piece.length;
      if (sizeBytes > maxBytes) throw tooLarge(compression, maxBytes);
      pieces.push(piece);
    });
  } catch (caught) {
    if (caught instanceof StratalogError) throw caught;
    throw malformed(compression, caught instanceof Error ? caught.message : String(caught), caught);
  }
  return concatBytes(pieces);
};
