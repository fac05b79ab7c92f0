import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEntry, encodeEntry, entryRecordCount, recordsIn } from '../../lib/log/entry.ts';
import { newWalId, walKey, walTime } from '../../lib/log/wal.ts';
import { sameValue } from '../../lib/storage/interpret.ts';
import { virtualRuntime } from '../support/virtual-runtime.ts';

const objectId = Uint8Array.from({ length: 14 }, (_, index) => index + 1);

describe('entry', () => {
  it('is these bytes', () => {
    const place = { objectId, position: 300 };
    const facts = { sizeBytes: 1000, recordCount: 5, maxTimestamp: 1_700_000_000_000, place };
    const plain = encodeEntry({ ...facts, producer: undefined });
    expect(Buffer.from(plain).toString('hex')).toBe(
      `40${'e807'}${'05'}${'80a0abfef962'}${'0102030405060708090a0b0c0d0e'}${'ac02'}`,
    );
    const producer = { id: 4711, epoch: 2, firstSequence: 130 };
    expect(Buffer.from(encodeEntry({ ...facts, producer })).toString('hex')).toBe(
      `60${'e807'}${'05'}${'80a0abfef962'}${'ce49'}${'02'}${'8201'}${'0102030405060708090a0b0c0d0e'}${'ac02'}`,
    );
  });

  it('says the same when read', () => {
    const bytes = (min: number, max: number) => fc.uint8Array({ minLength: min, maxLength: max });
    const producer = fc.option(
      fc.record({
        id: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
        epoch: fc.integer({ min: 0, max: 32_767 }),
        firstSequence: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
      }),
      { nil: undefined },
    );
    const common = {
      recordCount: fc.integer({ min: 1, max: 1_000_000 }),
      maxTimestamp: fc.integer({ min: -1, max: 2 ** 52 }),
      producer,
    };
    fc.assert(
      fc.property(
        fc.record({
          ...common,
          sizeBytes: fc.integer({ min: 61, max: 2 ** 31 }),
          place: fc.record({ objectId: bytes(14, 14), position: fc.nat() }),
        }),
        (facts) => {
          expect(decodeEntry(Uint8Array.from(encodeEntry(facts)))).toEqual(facts);
          expect(entryRecordCount(encodeEntry(facts))).toBe(facts.recordCount);
        },
      ),
    );
    fc.assert(
      fc.property(
        fc.record(common),
        bytes(8, 8),
        fc.array(bytes(1, 400)),
        (facts, nonce, batches) => {
          const whole = Buffer.concat(batches);
          const entry = decodeEntry(
            encodeEntry({ ...facts, sizeBytes: whole.length, place: { nonce, batches } }),
          );
          expect(entry).toMatchObject({ ...facts, sizeBytes: whole.length });
          expect(Buffer.from((entry.place as { inline: Uint8Array }).inline).equals(whole)).toBe(
            true,
          );
        },
      ),
    );
  });

  it('skips an extension that it does not know', () => {
    const entry = encodeEntry({
      sizeBytes: 1000,
      recordCount: 5,
      maxTimestamp: -1,
      producer: undefined,
      place: { objectId, position: 0 },
    });
    const extended = Buffer.concat([Buffer.from([entry[0]! | 1, 3, 9, 9, 9]), entry.subarray(1)]);
    expect(sameValue(decodeEntry(extended) as never, decodeEntry(entry) as never)).toBe(true);
    expect(recordsIn([entry, extended])).toBe(10);
  });

  it('names what it cannot read', () => {
    expect(() => decodeEntry(Uint8Array.of(0x80, 1, 1))).toThrow(/entry version 2, not 1/);
    expect(() => decodeEntry(Uint8Array.of(0x40, 1))).toThrow(/cannot be read/);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        try {
          decodeEntry(bytes);
        } catch (error) {
          expect(error).toHaveProperty('code', 'CORRUPT_STORE');
        }
      }),
    );
  });
});

describe('WAL object ids', () => {
  it('carry their time, and sort by it within a shard', () => {
    const runtime = virtualRuntime(3);
    const ids = Array.from({ length: 500 }, (_, n) => newWalId(runtime, 1_700_000_000_000 + n * 7));
    expect(ids.map(walTime)).toEqual(ids.map((_, n) => 1_700_000_000_000 + n * 7));
    const byShard = Map.groupBy(ids.map(walKey), (key) => key.slice(0, 6));
    expect([...byShard.keys()].sort()).toEqual(
      [...'0123456789abcdef'].map((shard) => `wal/${shard}/`),
    );
    for (const keys of byShard.values()) expect(keys).toEqual(keys.toSorted());
  });
});
