import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { portableCrc32c } from '../../lib/bytes/crc32c.ts';
import { type ErrorCode, StratalogError } from '../../lib/model/errors.ts';
import { type Compressor, loadCompressor } from '../../lib/record/compression/compressor.ts';
import { decodeBatch } from '../../lib/record/decode.ts';
import { encodeBatch } from '../../lib/record/encode.ts';
import type { RecordInput } from '../../lib/record/record.ts';
import { validateBatch, validateBatches, validateDeep } from '../../lib/record/validate.ts';

const records: readonly RecordInput[] = Array.from({ length: 3 }, (_, i) => ({
  key: Buffer.from(`key-${i}`),
  value: Buffer.from(`value-${i} `.repeat(20)),
  timestamp: 1_700_000_000_000 + i,
  headers: [{ key: 'h', value: Buffer.from('x') }],
}));
const producer = { producerId: 4, producerEpoch: 2, baseSequence: 9 };
const batch = Buffer.from(encodeBatch(records, { producer }));

/** A changed copy with a CRC that holds: what a faulty client would send. */
const sealed = (change: (copy: Buffer) => void, original: Uint8Array = batch): Buffer => {
  const copy = Buffer.from(original);
  change(copy);
  copy.writeUInt32BE(portableCrc32c(copy.subarray(21)), 17);
  return copy;
};

const errorOf = (act: () => unknown): StratalogError | undefined => {
  try {
    act();
    return undefined;
  } catch (error) {
    // Anything else, a RangeError say, is a bug of ours and fails the test.
    if (error instanceof StratalogError) return error;
    throw error;
  }
};

describe('validateBatch', () => {
  it('tells what the append path needs', () => {
    expect(validateBatch(batch)).toEqual({
      sizeBytes: batch.length,
      recordCount: 3,
      baseTimestamp: 1_700_000_000_000,
      maxTimestamp: 1_700_000_000_002,
      ...producer,
      isTransactional: false,
      isControl: false,
      compression: 'none',
      timestampType: 'CreateTime',
    });
  });

  it('tells of a transaction, and of a compression it does not open', async () => {
    const compressor = await loadCompressor('zstd');
    const sent = encodeBatch(records, { producer, isTransactional: true, compressor });
    expect(validateBatch(sent)).toMatchObject({ isTransactional: true, compression: 'zstd' });
    const opaque = sealed((copy) => copy.fill(0xee, 61), sent);
    expect(validateBatch(opaque).recordCount).toBe(3);
    expect(errorOf(() => validateDeep(opaque))?.code).toBe('INVALID_RECORD');
  });

  const refused: readonly [what: string, code: ErrorCode, says: RegExp, bytes: Uint8Array][] = [
    ['a byte too few', 'CORRUPT_MESSAGE', /claims \d+ bytes .* has/, batch.subarray(0, -1)],
    ['a byte too many', 'CORRUPT_MESSAGE', /claims/, Buffer.concat([batch, Buffer.alloc(1)])],
    ['half a header', 'CORRUPT_MESSAGE', /header alone takes 61/, batch.subarray(0, 40)],
    ['nothing', 'CORRUPT_MESSAGE', /has 0 bytes/, Buffer.alloc(0)],
    ['magic 1', 'UNSUPPORTED_FOR_MESSAGE_FORMAT', /format 1/, sealed((b) => b.writeInt8(1, 16))],
    ['magic 3', 'CORRUPT_MESSAGE', /magic 3/, sealed((b) => b.writeInt8(3, 16))],
    ['codec 5', 'UNSUPPORTED_COMPRESSION_TYPE', /zstd \(4\)/, sealed((b) => b.writeInt16BE(5, 21))],
    [
      'an unused attribute',
      'INVALID_RECORD',
      /bits 0 to 4/,
      sealed((b) => b.writeInt16BE(128, 21)),
    ],
    ['a delete horizon', 'INVALID_RECORD', /bits 0 to 4/, sealed((b) => b.writeInt16BE(64, 21))],
    ['a control batch', 'INVALID_RECORD', /Control batches/, sealed((b) => b.writeInt16BE(32, 21))],
    ['log append time', 'INVALID_TIMESTAMP', /broker to set/, sealed((b) => b.writeInt16BE(8, 21))],
    ['a base offset', 'INVALID_RECORD', /base offset 7/, sealed((b) => b.writeInt8(7, 7))],
    ['no record', 'INVALID_RECORD', /claims 0 records/, sealed((b) => b.writeInt32BE(0, 57))],
    ['-1 records', 'INVALID_RECORD', /claims -1/, sealed((b) => b.writeInt32BE(-1, 57))],
    ['a billion', 'INVALID_RECORD', /1 to 1000000/, sealed((b) => b.writeInt32BE(1e9, 57))],
    ['a gap', 'INVALID_RECORD', /must be 2/, sealed((b) => b.writeInt32BE(3, 23))],
    [
      'more records than bytes for them',
      'INVALID_RECORD',
      /at least 7000000/,
      sealed((b) => {
        b.writeInt32BE(1_000_000, 57);
        b.writeInt32BE(999_999, 23);
      }),
    ],
    [
      'a time in ns',
      'INVALID_TIMESTAMP',
      /milliseconds/,
      sealed((b) => b.writeBigInt64BE(10n ** 18n, 35)),
    ],
    ['a time before 1970', 'INVALID_TIMESTAMP', /-2/, sealed((b) => b.writeBigInt64BE(-2n, 27))],
    ['producer -2', 'INVALID_RECORD', /producer id -2/, sealed((b) => b.writeBigInt64BE(-2n, 43))],
    [
      'a producer id of 2^53',
      'INVALID_RECORD',
      /2\^53/,
      sealed((b) => b.writeBigInt64BE(2n ** 53n, 43)),
    ],
    ['epoch -1', 'INVALID_RECORD', /epoch -1/, sealed((b) => b.writeInt16BE(-1, 51))],
    ['sequence -1', 'INVALID_RECORD', /sequence -1/, sealed((b) => b.writeInt32BE(-1, 53))],
    [
      'a transaction of nobody',
      'INVALID_RECORD',
      /no producer id/,
      encodeBatch(records, { isTransactional: true }),
    ],
  ];

  it.each(refused)('refuses %s: %s', (_what, code, says, bytes) => {
    const error = errorOf(() => validateBatch(bytes));
    expect(error?.code).toBe(code);
    expect(error?.message).toMatch(says);
    expect(error?.effect).toBe('none');
  });

  it('refuses a batch that is larger than the topic takes, before it computes a CRC', () => {
    const damaged = Buffer.from(batch);
    damaged[100]! ^= 1;
    expect(validateBatch(batch, { maxBatchBytes: batch.length }).sizeBytes).toBe(batch.length);
    const error = errorOf(() => validateBatch(damaged, { maxBatchBytes: batch.length - 1 }));
    expect(error).toMatchObject({
      code: 'MESSAGE_TOO_LARGE',
      context: { sizeBytes: batch.length, maxBatchBytes: batch.length - 1 },
    });
  });

  it('takes epoch and sequence 0 of a client without a producer id for none', () => {
    const sent = encodeBatch(records, {
      producer: { producerId: -1, producerEpoch: 0, baseSequence: 0 },
    });
    expect(validateBatch(sent)).toMatchObject({
      producerId: -1,
      producerEpoch: -1,
      baseSequence: -1,
    });
  });
});

describe('validateBatches', () => {
  it('tells of each batch', () => {
    const other = encodeBatch(records.slice(0, 1));
    const infos = validateBatches(Buffer.concat([batch, other]));
    expect(infos.map((info) => [info.sizeBytes, info.recordCount])).toEqual([
      [batch.length, 3],
      [other.length, 1],
    ]);
  });

  it('refuses every beginning of a batch, and of a second one', () => {
    const two = Buffer.concat([batch, batch]);
    expect(errorOf(() => validateBatches(Buffer.alloc(0)))?.code).toBe('INVALID_RECORD');
    for (let length = 1; length < two.length; length++) {
      if (length === batch.length) continue;
      expect(errorOf(() => validateBatches(two.subarray(0, length)))?.code).toBe('CORRUPT_MESSAGE');
    }
  });

  it('tells an old message format as what it is', () => {
    const messageSet = Buffer.alloc(34);
    messageSet.writeInt32BE(22, 8);
    expect(errorOf(() => validateBatches(messageSet))?.code).toBe('UNSUPPORTED_FOR_MESSAGE_FORMAT');
  });
});

describe('damage', () => {
  it('to any bit is noticed, but for the leader epoch, which means nothing here', () => {
    for (let bit = 0; bit < batch.length * 8; bit++) {
      const at = bit >> 3;
      const damaged = Buffer.from(batch);
      damaged[at]! ^= 1 << (bit & 7);
      const error = errorOf(() => validateBatch(damaged));
      if (at >= 12 && at < 16) expect(error).toBe(undefined);
      else if (error === undefined) expect.fail(`bit ${bit} flipped and nobody noticed`);
    }
  });

  it('that the CRC covers never does more than make an error, with any codec', async () => {
    const compressors: (Compressor | undefined)[] = [undefined];
    for (const codec of ['gzip', 'snappy', 'lz4', 'zstd'] as const) {
      compressors.push(await loadCompressor(codec));
    }
    const originals = compressors.map((compressor) =>
      encodeBatch(records, compressor === undefined ? {} : { compressor }),
    );
    const codes = new Set<ErrorCode>();
    fc.assert(
      fc.property(
        fc.constantFrom(...originals),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        (original, changes, inHeader) => {
          const bytes = sealed((copy) => {
            for (const [position, value] of changes) {
              const from = inHeader ? 21 : 61;
              const to = inHeader ? 61 : copy.length;
              copy[from + (position % (to - from))] = value;
            }
          }, original);
          for (const act of [validateBatch, validateDeep, decodeBatch]) {
            const error = errorOf(() => act(bytes, { maxDecompressedBytes: 100_000 }));
            if (error !== undefined) codes.add(error.code);
          }
        },
      ),
      { numRuns: 3000 },
    );
    const allowed: readonly ErrorCode[] = [
      'INVALID_RECORD',
      'INVALID_TIMESTAMP',
      'MESSAGE_TOO_LARGE',
      'UNSUPPORTED_COMPRESSION_TYPE',
    ];
    expect(allowed).toEqual(expect.arrayContaining([...codes]));
  });
});

describe('validateDeep', () => {
  it('refuses a batch with one record more, or fewer, than it counts', () => {
    for (const count of [2, 4]) {
      const lying = sealed((copy) => {
        copy.writeInt32BE(count, 57);
        copy.writeInt32BE(count - 1, 23);
      });
      expect(validateBatch(lying).recordCount).toBe(count);
      expect(errorOf(() => validateDeep(lying))?.code).toBe('INVALID_RECORD');
    }
  });

  it('refuses a max timestamp that a record is newer than', () => {
    const lying = sealed((copy) => copy.writeBigInt64BE(1_700_000_000_001n, 35));
    expect(errorOf(() => validateDeep(lying))).toMatchObject({
      code: 'INVALID_TIMESTAMP',
      context: { record: 2 },
    });
  });

  it('refuses offsets that do not follow one another', () => {
    const one = encodeBatch([{ value: null, timestamp: 1 }]);
    // Two records of 7 bytes with the offset deltas 1 and 0.
    const body = Buffer.from('0c000002010100' + '0c000000010100', 'hex');
    const lying = sealed(
      (copy) => {
        copy.writeInt32BE(copy.length - 12, 8);
        copy.writeInt32BE(1, 23);
        copy.writeInt32BE(2, 57);
      },
      Buffer.concat([one.subarray(0, 61), body]),
    );
    expect(decodeBatch(lying).records.map((record) => record.offset)).toEqual([1, 0]);
    expect(errorOf(() => validateDeep(lying))).toMatchObject({
      code: 'INVALID_RECORD',
      context: { record: 0 },
    });
  });
});
