/**
 * The compressing half.
 *
 * A `Compressor` is a value that had to be loaded: batches are then built synchronously, and a process
 * that never compresses never loads a codec. Snappy and LZ4 come from a WebAssembly module (no addon,
 * so that it runs in any Lambda), and only from bytes of our own making.
 */
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { Compression } from '../layout.ts';
import { frameXerial } from './snappy.ts';

export interface Compressor {
  readonly compression: Exclude<Compression, 'none'>;
  /** The records of one batch, compressed and framed as Kafka's clients expect them. */
  readonly compress: (records: Uint8Array) => Uint8Array;
}

/** Loads what it takes to compress. Loading again costs nothing. */
export const loadCompressor = async (
  compression: Exclude<Compression, 'none'>,
): Promise<Compressor> => {
  switch (compression) {
    case 'gzip':
      return { compression, compress: (records) => gzipSync(records) };
    case 'zstd':
      return { compression, compress: (records) => zstdCompressSync(records) };
    case 'snappy': {
      const { snappyCompress } = await import('@platformatic/wasm-utils/bundled');
      return {
        compression,
        compress: (records) => frameXerial(records, (chunk) => snappyCompress(asBuffer(chunk))),
      };
    }
    case 'lz4': {
      const { lz4Compress } = await import('@platformatic/wasm-utils/bundled');
      return { compression, compress: (records) => lz4Compress(asBuffer(records)) };
    }
  }
};

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
