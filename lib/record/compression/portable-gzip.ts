/** gzip by fflate, where there is no node:zlib. */
import { Gunzip, gzipSync } from 'fflate';
import { collected } from './collected.ts';

export { gzipSync };

/** All that comes of what is pushed comes at once, up to a thousand times as much: pushed in pieces, it is bounded. */
const PIECE_BYTES = 4 * 1024;

/** @throws MESSAGE_TOO_LARGE beyond `maxBytes`, INVALID_RECORD for malformed data */
export const gunzip = (bytes: Uint8Array, maxBytes: number): Uint8Array =>
  collected('gzip', maxBytes, (take) => {
    let isWhole = false;
    const stream = new Gunzip((chunk, isLast) => {
      take(chunk);
      isWhole ||= isLast;
    });
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      stream.push(bytes.subarray(at, at + PIECE_BYTES), at + PIECE_BYTES >= bytes.length);
    }
    if (!isWhole) throw new Error('unexpected end of file');
  });
