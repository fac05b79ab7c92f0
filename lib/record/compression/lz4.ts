/**
 * LZ4 frames, read (https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md, lz4_Block_format.md).
 *
 *    magic 04 22 4D 18 │ FLG │ BD │ [content size, 8] │ HC │ blocks … │ 00 00 00 00 │ [content checksum, 4]
 *
 *    block:     uint32 LE size (high bit: stored as it is) │ bytes │ [checksum, 4]
 *    sequence:  token (literals, match) │ more literal length │ literals │ uint16 LE offset │ more match length
 *
 * xxHash checksums are skipped: the CRC32C of the batch covers the same bytes.
 *
 * Own code, because the bytes come from strangers: it stops at the caller's bound to the byte, allocates
 * no more than that, and refuses every malformed input, where the libraries at hand either grow their
 * output as they go or abort their WebAssembly instance.
 */
import { unsetBytes } from '../../bytes/unset.ts';
import { malformed, tooLarge } from './failure.ts';
import { copyLiterals, copyMatch } from './match.ts';

const MAGIC = 0x184d_2204;
const STORED_FLAG = 0x8000_0000;
const MIN_MATCH = 4;
/** One byte of match length stands for at most this many bytes. */
const MAX_EXPANSION = 255;

interface FrameHeader {
  readonly isLinked: boolean;
  readonly blockChecksumBytes: number;
  readonly contentChecksumBytes: number;
  readonly maxBlockBytes: number;
  readonly blocksAt: number;
}

/** @throws INVALID_RECORD, MESSAGE_TOO_LARGE beyond `maxBytes` */
export const decompressLz4 = (frame: Uint8Array, maxBytes: number): Uint8Array => {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const header = readFrameHeader(view, maxBytes);
  const out = unsetBytes(Math.min(maxBytes, upperBound(view, header)));
  let at = header.blocksAt;
  let written = 0;
  for (;;) {
    const block = blockAt(view, at);
    at += 4;
    if (block.size === 0) break;
    const end = at + block.size;
    const room = Math.min(out.length - written, header.maxBlockBytes);
    const before = written;
    if (block.isStored) {
      written = block.size > room ? -1 : written + block.size;
      if (written >= 0) copyLiterals(out, before, frame, at, end);
    } else {
      const historyFrom = header.isLinked ? 0 : written;
      written = decodeBlock(frame, at, end, out, written, written + room, historyFrom);
    }
    if (written < 0) {
      if (before + header.maxBlockBytes > maxBytes) throw tooLarge('lz4', maxBytes);
      throw malformed('lz4', `the block at byte ${at} is larger than the frame allows`);
    }
    at = end + header.blockChecksumBytes;
  }
  at += header.contentChecksumBytes;
  if (at !== frame.length) {
    throw malformed('lz4', `the frame takes ${at} bytes and there are ${frame.length}`);
  }
  return out.subarray(0, written);
};

const readFrameHeader = (view: DataView, maxBytes: number): FrameHeader => {
  if (view.byteLength < 7 || view.getUint32(0, true) !== MAGIC) {
    throw malformed('lz4', 'it does not begin as an LZ4 frame (04 22 4d 18)');
  }
  const flags = view.getUint8(4);
  const blockSizeId = (view.getUint8(5) >> 4) & 7;
  const hasContentSize = (flags & 0x08) !== 0;
  if (flags >> 6 !== 1) throw malformed('lz4', `frame version ${flags >> 6} is not 1`);
  if (flags & 0x01) throw malformed('lz4', 'the frame needs a dictionary');
  if (blockSizeId < 4) throw malformed('lz4', `block size ${blockSizeId} is not 4 to 7`);
  const blocksAt = hasContentSize ? 15 : 7;
  if (view.byteLength < blocksAt) throw malformed('lz4', 'the frame header is cut off');
  if (hasContentSize && view.getBigUint64(6, true) > maxBytes) throw tooLarge('lz4', maxBytes);
  return {
    isLinked: (flags & 0x20) === 0,
    blockChecksumBytes: flags & 0x10 ? 4 : 0,
    contentChecksumBytes: flags & 0x04 ? 4 : 0,
    maxBlockBytes: 1 << (8 + 2 * blockSizeId),
    blocksAt,
  };
};

/** The block header at `at`, whose bytes are then all there. */
const blockAt = (view: DataView, at: number): { size: number; isStored: boolean } => {
  if (at + 4 > view.byteLength) throw malformed('lz4', 'the frame has no end mark');
  const word = view.getUint32(at, true);
  const size = word & ~STORED_FLAG;
  if (size > view.byteLength - at - 4) {
    throw malformed('lz4', `the block at byte ${at} claims ${size} bytes, more than there are`);
  }
  return { size, isStored: (word & STORED_FLAG) !== 0 };
};

/** What the blocks can produce at most, by their sizes alone. */
const upperBound = (view: DataView, header: FrameHeader): number => {
  let bytes = 0;
  let at = header.blocksAt;
  for (;;) {
    const { size, isStored } = blockAt(view, at);
    if (size === 0) return bytes;
    bytes += Math.min(header.maxBlockBytes, isStored ? size : size * MAX_EXPANSION);
    at += 4 + size + header.blockChecksumBytes;
  }
};

/**
 * Decodes bytes [at, end) of `source` to `out` from `written` on, not beyond `limit`.
 * @returns where the output ends, −1 when it would go beyond `limit`
 */
const decodeBlock = (
  source: Uint8Array,
  at: number,
  end: number,
  out: Uint8Array,
  written: number,
  limit: number,
  historyFrom: number,
): number => {
  for (;;) {
    if (at >= end) throw malformed('lz4', 'a block ends where a sequence must begin');
    const token = source[at++]!;

    let literals = token >> 4;
    if (literals === 15) {
      let more = 255;
      while (more === 255 && at < end) {
        more = source[at++]!;
        literals += more;
      }
      if (more === 255) throw malformed('lz4', 'a literal length is cut off');
    }
    if (literals > end - at) throw malformed('lz4', 'literals run beyond their block');
    if (literals > limit - written) return -1;
    copyLiterals(out, written, source, at, at + literals);
    at += literals;
    written += literals;
    if (at === end) return written;

    if (end - at < 2) throw malformed('lz4', 'a match offset is cut off');
    const offset = source[at]! | (source[at + 1]! << 8);
    at += 2;
    if (offset === 0 || offset > written - historyFrom) {
      throw malformed('lz4', `a match lies ${offset} bytes back, where there is nothing`);
    }
    let length = (token & 15) + MIN_MATCH;
    if (length === 15 + MIN_MATCH) {
      let more = 255;
      while (more === 255 && at < end) {
        more = source[at++]!;
        length += more;
      }
      if (more === 255) throw malformed('lz4', 'a match length is cut off');
    }
    if (length > limit - written) return -1;
    copyMatch(out, written, offset, length);
    written += length;
  }
};
