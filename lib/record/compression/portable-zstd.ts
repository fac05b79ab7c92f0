/** zstd, read by fzstd where there is no node:zlib with it. */
import { Decompress } from 'fzstd';
import { collected } from './collected.ts';

/** @throws MESSAGE_TOO_LARGE beyond `maxBytes`, INVALID_RECORD for malformed data */
export const unzstd = (bytes: Uint8Array, maxBytes: number): Uint8Array =>
  collected('zstd', maxBytes, (take) => {
    refuseHugeWindows(bytes, maxBytes);
    new Decompress(take).push(bytes, true);
  });

/** The largest window that zstd's levels up to 19 use. */
const USUAL_WINDOW_BYTES = 2 ** 23;

const SKIPPABLE_MAGIC = 0x184d2a5;
const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const;

/** Whole numbers are little endian; past the end there are zeros. */
const numberAt = (bytes: Uint8Array, at: number, sizeBytes: number): number => {
  let value = 0;
  for (let i = sizeBytes - 1; i >= 0; i -= 1) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
};

/** What a frame's header says, and where its blocks begin (RFC 8878, 3.1.1.1). */
const frameAt = (bytes: Uint8Array, at: number) => {
  const descriptor = bytes[at + 4] ?? 0;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const windowAt = at + 5;
  const sizeAt = windowAt + (isSingleSegment ? 0 : 1) + (DICTIONARY_ID_BYTES[descriptor & 3] ?? 0);
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? (isSingleSegment ? 1 : 0) : 2 ** sizeFlag;
  const exponentAndMantissa = bytes[windowAt] ?? 0;
  const base = 2 ** (10 + (exponentAndMantissa >> 3));
  return {
    windowBytes: isSingleSegment
      ? numberAt(bytes, sizeAt, sizeBytes)
      : base + (base / 8) * (exponentAndMantissa & 7),
    blocksAt: sizeAt + sizeBytes,
    checksumBytes: descriptor & 4,
  };
};

/** Behind the last block of a frame. */
const endOfBlocks = (bytes: Uint8Array, blocksAt: number): number => {
  for (let at = blocksAt; ; ) {
    const header = numberAt(bytes, at, 3);
    const isRunOfOneByte = ((header >> 1) & 3) === 1;
    at += 3 + (isRunOfOneByte ? 1 : header >> 3);
    if ((header & 1) === 1 || at >= bytes.length) return at;
  }
};

/**
 * A frame may ask for a window of gigabytes before it says anything, and so may each that follows it.
 * Without a window it names its content's size, and that is what is reserved.
 */
const refuseHugeWindows = (bytes: Uint8Array, maxBytes: number): void => {
  for (let at = 0; at < bytes.length; ) {
    if (Math.floor(numberAt(bytes, at, 4) / 16) === SKIPPABLE_MAGIC) {
      at += 8 + numberAt(bytes, at + 4, 4);
      continue;
    }
    const { windowBytes, blocksAt, checksumBytes } = frameAt(bytes, at);
    if (windowBytes > Math.max(USUAL_WINDOW_BYTES, maxBytes)) {
      throw new Error(`a frame asks for a window of ${windowBytes} bytes`);
    }
    at = endOfBlocks(bytes, blocksAt) + checksumBytes;
  }
};
