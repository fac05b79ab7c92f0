/**
 * Batches made by the real encoder, and their fields spoilt without the checksum telling.
 */
import { crc32c } from '../../lib/bytes/crc32c.ts';
import { setInt32 } from '../../lib/bytes/integers.ts';
import { encodeBatch } from '../../lib/record/encode.ts';
import {
  ATTRIBUTES_AT,
  BASE_OFFSET_AT,
  BASE_SEQUENCE_AT,
  BASE_TIMESTAMP_AT,
  BATCH_LENGTH_AT,
  CRC_AT,
  LAST_OFFSET_DELTA_AT,
  LEADER_EPOCH_AT,
  LENGTH_OVERHEAD_BYTES,
  MAX_TIMESTAMP_AT,
  PRODUCER_EPOCH_AT,
  PRODUCER_ID_AT,
  RECORD_COUNT_AT,
  RECORDS_AT,
} from '../../lib/record/layout.ts';
import type { RecordInput } from '../../lib/record/record.ts';
import type { Chance } from './chance.ts';
import { joined, spoilt } from './spoil.ts';

const bytesOrNull = (chance: Chance): Uint8Array | null =>
  chance.flip(0.2) ? null : chance.bytes(chance.pick([0, 1, 5, 30, 63, 64, 130]));

const timestampNear = (base: number, chance: Chance): number =>
  chance.pick([
    base,
    base + chance.below(1_000),
    base + 2 ** 27,
    -1,
    0,
    Number.MAX_SAFE_INTEGER - 1,
  ]);

/** A record of any shape. */
export const anyRecord = (chance: Chance): RecordInput => ({
  key: bytesOrNull(chance),
  value: bytesOrNull(chance),
  timestamp: timestampNear(1_700_000_000_000, chance),
  headers: Array.from({ length: chance.pick([0, 0, 0, 1, 3]) }, () => ({
    key: chance.pick(['', 'k', 'ключ', '\u{1f511}']),
    value: bytesOrNull(chance),
  })),
});

/** A batch that is as it should be. */
export const anyBatch = (chance: Chance): Uint8Array =>
  encodeBatch(
    Array.from({ length: chance.pick([1, 1, 2, 3, 8]) }, () => anyRecord(chance)),
    {
      ...(chance.flip(0.3)
        ? {
            producer: {
              producerId: chance.pick([0, 7, Number.MAX_SAFE_INTEGER]),
              producerEpoch: chance.pick([0, 32_767]),
              baseSequence: chance.pick([0, 5, 0x7fffffff]),
            },
          }
        : {}),
      ...(chance.flip(0.1) ? { baseOffset: chance.pick([1, 1_000, 2 ** 52]) } : {}),
      ...(chance.flip(0.1) ? { logAppendTime: 1_700_000_000_000 } : {}),
      ...(chance.flip(0.1) ? { isTransactional: true } : {}),
      ...(chance.flip(0.05) ? { isControl: true } : {}),
    },
  );

/** The header's fields: where, and how many bytes. */
const FIELDS = [
  [BASE_OFFSET_AT, 8],
  [LEADER_EPOCH_AT, 4],
  [ATTRIBUTES_AT, 2],
  [LAST_OFFSET_DELTA_AT, 4],
  [BASE_TIMESTAMP_AT, 8],
  [MAX_TIMESTAMP_AT, 8],
  [PRODUCER_ID_AT, 8],
  [PRODUCER_EPOCH_AT, 2],
  [BASE_SEQUENCE_AT, 4],
  [RECORD_COUNT_AT, 4],
] as const;

const EDGES = [0n, 1n, 2n, 7n, 1_000_000n, 1_000_001n, 2n ** 53n, 2n ** 53n - 1n] as const;

/** `batch` with a field of the header set to a number at an edge. */
export const withField = (batch: Uint8Array, chance: Chance): Uint8Array => {
  const changed = new Uint8Array(batch);
  if (changed.length < RECORDS_AT) return changed;
  const [at, size] = chance.pick(FIELDS);
  const top = 1n << BigInt(size * 8 - 1);
  const value = chance.pick([...EDGES, -1n, -2n, top - 1n, -top, BigInt(chance.below(2 ** 31))]);
  const view = new DataView(changed.buffer);
  const low = BigInt.asUintN(size * 8, value);
  for (let i = 0; i < size; i++) {
    view.setUint8(at + size - 1 - i, Number((low >> BigInt(8 * i)) & 0xffn));
  }
  return changed;
};

/** `batch` with its records section spoilt. */
export const withRecords = (batch: Uint8Array, chance: Chance): Uint8Array =>
  joined(batch.subarray(0, RECORDS_AT), spoilt(batch.subarray(RECORDS_AT), chance));

/** `batch` with the length and the CRC32C that its bytes have: decoders get to see the rest. */
export const repaired = (batch: Uint8Array): Uint8Array => {
  const mended = new Uint8Array(batch);
  if (mended.length < RECORDS_AT) return mended;
  setInt32(mended, BATCH_LENGTH_AT, mended.length - LENGTH_OVERHEAD_BYTES);
  setInt32(mended, CRC_AT, crc32c(mended.subarray(ATTRIBUTES_AT)));
  return mended;
};
