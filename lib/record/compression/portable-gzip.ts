/** gzip by fflate, where there is no node:zlib. */
import { Gunzip, gzipSync } from 'fflate';
import { collected } from './collected.ts';

export { gzipSync };

/** @throws MESSAGE_TOO_LARGE beyond `maxBytes`, INVALID_RECORD for malformed data */
export const gunzip = (bytes: Uint8Array, maxBytes: number): Uint8Array =>
  collected('gzip', maxBytes, (take) => {
    let isWhole = false;
    const stream = new Gunzip((chunk, isLast) => {
      take(chunk);
      isWhole ||= isLast;
    });
    stream.push(bytes, true);
    if (!isWhole) throw new Error('unexpected end of file');
  });
