/** zstd, read by fzstd where there is no node:zlib with it. */
import { Decompress } from 'fzstd';
import { collected } from './collected.ts';

/** @throws MESSAGE_TOO_LARGE beyond `maxBytes`, INVALID_RECORD for malformed data */
export const unzstd = (bytes: Uint8Array, maxBytes: number): Uint8Array =>
  collected('zstd', maxBytes, (take) => {
    refuseHugeWindow(bytes, maxBytes);
    new Decompress(take).push(bytes, true);
  });

/** The largest window that zstd's levels up to 19 use: 8 MiB. */
const USUAL_WINDOW_BYTES = 2 ** 23;

/**
 * A frame may ask for a window of gigabytes before it says anything.
 *
 *   28 B5 2F FD │ descriptor: bit 5 set: no window byte │ window: 5 bits exponent, 3 bits mantissa
 */
const refuseHugeWindow = (bytes: Uint8Array, maxBytes: number): void => {
  const [, , , , descriptor = 0, window = 0] = bytes;
  if (descriptor & 0x20) return;
  const base = 2 ** (10 + (window >> 3));
  const windowBytes = base + (base / 8) * (window & 7);
  if (windowBytes > Math.max(USUAL_WINDOW_BYTES, maxBytes)) {
    throw new Error(`the frame asks for a window of ${windowBytes} bytes`);
  }
};
