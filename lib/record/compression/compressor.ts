/**
 * The compressing half.
 *
 * A `Compressor` is a value that had to be loaded: batches are then built synchronously, and a process
 * that never compresses never loads a codec. gzip and zstd are Node's own where they are there; snappy
 * and LZ4 come from a WebAssembly module (no addon, so that it runs in any Lambda), and only from bytes
 * of our own making.
 *
 *            Node ≥ 22.15    Node 20    browser
 *   gzip     node:zlib       node:zlib  fflate
 *   zstd     node:zlib       -          -
 *   snappy   wasm-utils      wasm-utils -        (package.json's `browser` field keeps it out)
 *   lz4      wasm-utils      wasm-utils -
 */
import type { Compression } from '../layout.ts';
import { unavailable } from './failure.ts';
import { nodeZlib } from './node-zlib.ts';
import { frameXerial } from './snappy.ts';

export interface Compressor {
  readonly compression: Exclude<Compression, 'none'>;
  /** The records of one batch, compressed and framed as Kafka's clients expect them. */
  readonly compress: (records: Uint8Array) => Uint8Array;
}

type RawCompress = (bytes: Buffer) => Uint8Array;

/** Its functions work on Node's Buffers, and are not there in a browser's bundle. */
const loadWasm = async (
  compression: 'snappy' | 'lz4',
): Promise<(bytes: Uint8Array) => Uint8Array> => {
  if (globalThis.Buffer === undefined) throw unavailable(compression, 'compress');
  const wasm = await import('@platformatic/wasm-utils/bundled');
  const raw: RawCompress | undefined =
    compression === 'snappy' ? wasm.snappyCompress : wasm.lz4Compress;
  if (raw === undefined) throw unavailable(compression, 'compress');
  const { Buffer: NodeBuffer } = globalThis;
  return (bytes) => raw(NodeBuffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
};

const loadCompress = async (compression: Compressor['compression']) => {
  switch (compression) {
    case 'gzip': {
      const { gzipSync } = nodeZlib ?? (await import('./portable-gzip.ts'));
      return (records: Uint8Array) => gzipSync(records);
    }
    case 'zstd': {
      const { zstdCompressSync } = nodeZlib ?? {};
      if (zstdCompressSync === undefined) throw unavailable(compression, 'compress');
      return (records: Uint8Array) => zstdCompressSync(records);
    }
    case 'snappy': {
      const compressRaw = await loadWasm(compression);
      return (records: Uint8Array) => frameXerial(records, compressRaw);
    }
    case 'lz4':
      return loadWasm(compression);
  }
};

/**
 * Loads what it takes to compress. Loading again costs nothing.
 * @throws UNSUPPORTED_COMPRESSION_TYPE where this platform cannot
 */
export const loadCompressor = async (
  compression: Compressor['compression'],
): Promise<Compressor> => ({ compression, compress: await loadCompress(compression) });
