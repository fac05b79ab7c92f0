/** The two ways in which compressed bytes are refused. */
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
