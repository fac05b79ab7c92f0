/**
 * Snappy, read: raw (https://github.com/google/snappy/blob/main/format_description.txt), and in the
 * framing of snappy-java, which Kafka's Java client and librdkafka's consumers use:
 *
 *    82 53 4E 41 50 50 59 00 │ int32 version 1 │ int32 compatible 1 │ chunks …    (big-endian)
 *    chunk:  int32 size │ raw snappy of up to 32 KiB
 *    raw:    varint uncompressed length │ elements: a literal, or a copy of what came before
 *
 * Own code for the reason told in `lz4.ts`: strict, and bounded before anything is allocated, since the
 * length comes first.
 */
import { concatBytes } from '../../bytes/concat.ts';
import { getInt32, setInt32 } from '../../bytes/integers.ts';
import { BadBytes, Reader } from '../../bytes/reader.ts';
import { unsetBytes } from '../../bytes/unset.ts';
import { malformed, tooLarge } from './failure.ts';
import { copyLiterals, copyMatch } from './match.ts';

const XERIAL_HEADER = Uint8Array.of(
  ...[0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0],
  ...[0, 0, 0, 1],
  ...[0, 0, 0, 1],
);
const XERIAL_MAGIC_BYTES = 8;
const CHUNK_LENGTH_BYTES = 4;
/** What snappy-java puts into one chunk. */
const CHUNK_BYTES = 32 * 1024;
/** Three bytes stand for at most 64. */
const MAX_EXPANSION = 22;

/** @throws INVALID_RECORD, MESSAGE_TOO_LARGE beyond `maxBytes` */
export const decompressSnappy = (bytes: Uint8Array, maxBytes: number): Uint8Array => {
  const blocks = (isXerial(bytes) ? xerialChunks(bytes) : [bytes]).map(readBlockHeader);
  const sizeBytes = blocks.reduce((sum, block) => sum + block.uncompressedBytes, 0);
  if (sizeBytes > maxBytes) throw tooLarge('snappy', maxBytes);
  const out = unsetBytes(sizeBytes);
  let written = 0;
  for (const block of blocks) {
    decodeBlock(block.elements, out, written, written + block.uncompressedBytes);
    written += block.uncompressedBytes;
  }
  return out;
};

/** Frames what `compressRaw` makes of each chunk of `bytes`. */
export const frameXerial = (
  bytes: Uint8Array,
  compressRaw: (chunk: Uint8Array) => Uint8Array,
): Uint8Array => {
  const pieces: Uint8Array[] = [XERIAL_HEADER];
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    const chunk = compressRaw(bytes.subarray(at, at + CHUNK_BYTES));
    const length = new Uint8Array(CHUNK_LENGTH_BYTES);
    setInt32(length, 0, chunk.length);
    pieces.push(length, chunk);
  }
  return concatBytes(pieces);
};

const isXerial = (bytes: Uint8Array): boolean =>
  bytes.length >= XERIAL_HEADER.length &&
  XERIAL_HEADER.subarray(0, XERIAL_MAGIC_BYTES).every((byte, i) => byte === bytes[i]);

const xerialChunks = (bytes: Uint8Array): readonly Uint8Array[] => {
  const chunks: Uint8Array[] = [];
  let at = XERIAL_HEADER.length;
  while (at < bytes.length) {
    const left = bytes.length - at - CHUNK_LENGTH_BYTES;
    const length = left < 0 ? -1 : getInt32(bytes, at);
    if (length <= 0 || length > left) {
      throw malformed('snappy', `chunk ${chunks.length} at byte ${at} does not fit`);
    }
    at += CHUNK_LENGTH_BYTES;
    chunks.push(bytes.subarray(at, at + length));
    at += length;
  }
  return chunks;
};

interface Block {
  readonly uncompressedBytes: number;
  readonly elements: Uint8Array;
}

const readBlockHeader = (block: Uint8Array): Block => {
  try {
    const reader = new Reader(block);
    const uncompressedBytes = reader.unsignedVarint();
    const elements = reader.bytes(reader.remaining);
    if (uncompressedBytes > elements.length * MAX_EXPANSION) {
      throw malformed('snappy', `${elements.length} bytes cannot hold ${uncompressedBytes}`);
    }
    return { uncompressedBytes, elements };
  } catch (error) {
    throw error instanceof BadBytes ? malformed('snappy', 'it has no length', error) : error;
  }
};

/** Fills [from, end) of `out` exactly. */
const decodeBlock = (source: Uint8Array, out: Uint8Array, from: number, end: number): void => {
  const sourceEnd = source.length;
  let at = 0;
  let written = from;
  while (at < sourceEnd) {
    const tag = source[at++]!;
    const kind = tag & 3;
    let length = (tag >> 2) + 1;
    if (kind === 0) {
      if (length > 60) {
        // 61 to 64: the length minus 1 follows in 1 to 4 little-endian bytes.
        const lengthBytes = length - 60;
        if (lengthBytes > sourceEnd - at) throw malformed('snappy', 'a literal length is cut off');
        length = littleEndian(source, at, lengthBytes) + 1;
        at += lengthBytes;
      }
      if (length > sourceEnd - at) throw malformed('snappy', 'a literal is cut off');
      if (length > end - written) throw malformed('snappy', 'it is longer than it claims');
      copyLiterals(out, written, source, at, at + length);
      at += length;
    } else {
      const offsetBytes = kind === 3 ? 4 : kind;
      if (offsetBytes > sourceEnd - at) throw malformed('snappy', 'a copy is cut off');
      let offset = littleEndian(source, at, offsetBytes);
      at += offsetBytes;
      if (kind === 1) {
        offset += (tag >> 5) << 8;
        length = ((tag >> 2) & 7) + 4;
      }
      if (offset === 0 || offset > written - from) {
        throw malformed('snappy', `a copy lies ${offset} bytes back, where there is nothing`);
      }
      if (length > end - written) throw malformed('snappy', 'it is longer than it claims');
      copyMatch(out, written, offset, length);
    }
    written += length;
  }
  if (written !== end) {
    throw malformed('snappy', `it claims ${end - from} bytes and has ${written - from}`);
  }
};

/** 1 to 4 bytes as an unsigned number. */
const littleEndian = (source: Uint8Array, at: number, length: number): number => {
  let value = 0;
  for (let i = length - 1; i >= 0; i--) value = (value << 8) | source[at + i]!;
  return value >>> 0;
};
