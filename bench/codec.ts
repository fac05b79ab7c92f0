/**
 * What the record codec costs, alone in a process: checksums, batches, compression.
 *
 * `node bench/codec.ts` prints the figures as JSON. MB are 10⁶ bytes; each figure is the best of
 * several rounds, because everything that disturbs a round makes it slower.
 */
import { crc32c as nativeCrc32c } from '@node-rs/crc32';
import { type Crc32c, portableCrc32c, useCrc32c } from '../lib/bytes/crc32c.ts';
import { DEFAULT_MAX_BATCH_BYTES, MAX_DECOMPRESSED_BATCH_BYTES } from '../lib/model/limits.ts';
import { systemRuntime } from '../lib/model/runtime.ts';
import { loadCompressor } from '../lib/record/compression/compressor.ts';
import { decompress } from '../lib/record/compression/decompress.ts';
import { decodeBatch } from '../lib/record/decode.ts';
import { batchBuilder, encodeBatch } from '../lib/record/encode.ts';
import type { RecordInput } from '../lib/record/record.ts';
import { validateBatch } from '../lib/record/validate.ts';

const ROUNDS = 8;
const ROUND_MS = 60;
const KiB = 1024;

/** Calls a second, in the best round. */
const perSecond = (task: () => unknown): number => {
  let best = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const start = systemRuntime.monotonicMs();
    let calls = 0;
    let elapsedMs = 0;
    do {
      task();
      calls++;
      elapsedMs = systemRuntime.monotonicMs() - start;
    } while (elapsedMs < ROUND_MS);
    best = Math.max(best, (calls * 1000) / elapsedMs);
  }
  return best;
};

const megabytesPerSecond = (sizeBytes: number, task: () => unknown): number =>
  Math.round((perSecond(task) * sizeBytes) / 1e6);

/** Numbers that repeat from run to run (xorshift32). */
const numbers = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
};

/** JSON events of `valueBytes` bytes each, as many as fit a batch of `sizeBytes`. */
const events = (valueBytes: number, sizeBytes: number): readonly RecordInput[] => {
  const next = numbers(42);
  const builder = batchBuilder(sizeBytes);
  const records: RecordInput[] = [];
  for (;;) {
    const text = JSON.stringify({
      id: next(),
      user: `user-${next() % 5000}`,
      kind: ['click', 'view', 'order'][next() % 3],
      note: Array.from({ length: valueBytes / 12 }, () => (next() % 4096).toString(36)).join(' '),
    });
    const record = {
      key: Buffer.from(`user-${next() % 5000}`),
      value: Buffer.from(text.padEnd(valueBytes, '.').slice(0, valueBytes)),
      timestamp: 1_700_000_000_000 + records.length,
    };
    if (builder.sizeWith(record) > sizeBytes) return records;
    builder.append(record);
    records.push(record);
  }
};

const benchCrc = (crc32c: Crc32c): object => {
  const bytes = Buffer.alloc(1024 * KiB, 'some bytes to be summed');
  return {
    at64KiB: megabytesPerSecond(64 * KiB, () => crc32c(bytes.subarray(0, 64 * KiB))),
    at1MiB: megabytesPerSecond(bytes.length, () => crc32c(bytes)),
  };
};

const benchRecords = (valueBytes: number): object => {
  const records = events(valueBytes, DEFAULT_MAX_BATCH_BYTES);
  const batch = encodeBatch(records);
  const measured = (task: () => unknown): object => {
    const times = perSecond(task);
    return {
      megabytesPerSecond: Math.round((times * batch.length) / 1e6),
      recordsPerSecond: Math.round(times * records.length),
    };
  };
  return {
    encode: measured(() => encodeBatch(records)),
    decode: measured(() => decodeBatch(batch)),
  };
};

const benchCompression = async (bytes: Uint8Array): Promise<object> => {
  const figures: Record<string, object> = {};
  for (const codec of ['gzip', 'snappy', 'lz4', 'zstd'] as const) {
    const { compress } = await loadCompressor(codec);
    const compressed = compress(bytes);
    figures[codec] = {
      ratio: Number((bytes.length / compressed.length).toFixed(2)),
      compress: megabytesPerSecond(bytes.length, () => compress(bytes)),
      decompress: megabytesPerSecond(bytes.length, () =>
        decompress(codec, compressed, MAX_DECOMPRESSED_BATCH_BYTES),
      ),
    };
  }
  return figures;
};

/** Figures in MB/s unless they say otherwise; sizes of compressed data are those before compression. */
export const benchCodec = async (): Promise<object> => {
  const batch = encodeBatch(events(1000, DEFAULT_MAX_BATCH_BYTES));
  const validate = (crc32c: Crc32c): number => {
    useCrc32c(crc32c);
    try {
      return megabytesPerSecond(batch.length, () => validateBatch(batch));
    } finally {
      useCrc32c(portableCrc32c);
    }
  };
  return {
    crc32c: { portable: benchCrc(portableCrc32c), native: benchCrc(nativeCrc32c) },
    validate1MiB: { portable: validate(portableCrc32c), native: validate(nativeCrc32c) },
    records100B: benchRecords(100),
    records1KB: benchRecords(1000),
    compression: await benchCompression(batch.subarray(61)),
  };
};

if (import.meta.main) console.log(JSON.stringify(await benchCodec(), null, 2));
