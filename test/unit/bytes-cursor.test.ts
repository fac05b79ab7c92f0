import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { getInt64, getUint32, setInt32, setInt64 } from '../../lib/bytes/integers.ts';
import { BadBytes, Reader } from '../../lib/bytes/reader.ts';
import { sizeOfUnsignedVarint, sizeOfVarint, sizeOfVarlong } from '../../lib/bytes/varint.ts';
import { Writer } from '../../lib/bytes/writer.ts';

const written = (write: (writer: Writer) => void): Buffer => {
  const writer = new Writer(1);
  write(writer);
  return Buffer.from(writer.finish());
};

const int32 = fc.oneof(
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.constantFrom(0, -1, 63, -64, 64, -65, 8191, 8192, 2 ** 31 - 1, -(2 ** 31)),
);
const safeInteger = fc.oneof(
  int32,
  fc.maxSafeInteger(),
  fc.constantFrom(2 ** 31, -(2 ** 31) - 1, 2 ** 53 - 1, 1 - 2 ** 53),
);

describe('varints', () => {
  /** The examples of https://protobuf.dev/programming-guides/encoding/, whose encoding Kafka took over. */
  it.each([
    [0, '00'],
    [-1, '01'],
    [1, '02'],
    [-2, '03'],
    [63, '7e'],
    [-64, '7f'],
    [64, '8001'],
    [2147483647, 'feffffff0f'],
    [-2147483648, 'ffffffff0f'],
  ])('%i is %s', (value, hex) => {
    expect(written((w) => w.varint(value)).toString('hex')).toBe(hex);
    expect(written((w) => w.varlong(value)).toString('hex')).toBe(hex);
    expect(sizeOfVarint(value)).toBe(hex.length / 2);
  });

  it.each([
    [1, '01'],
    [150, '9601'],
    [300, 'ac02'],
    [2 ** 32 - 1, 'ffffffff0f'],
  ])('unsigned, %i is %s', (value, hex) => {
    expect(written((w) => w.unsignedVarint(value)).toString('hex')).toBe(hex);
    expect(new Reader(Buffer.from(hex, 'hex')).unsignedVarint()).toBe(value);
  });

  it('come back as they were written, in as many bytes as foretold', () => {
    fc.assert(
      fc.property(int32, safeInteger, fc.nat(), (small, large, unsigned) => {
        const bytes = written((w) => {
          w.varint(small);
          w.varlong(large);
          w.unsignedVarint(unsigned);
        });
        expect(bytes.length).toBe(
          sizeOfVarint(small) + sizeOfVarlong(large) + sizeOfUnsignedVarint(unsigned),
        );
        const reader = new Reader(bytes);
        expect([reader.varint(), reader.varlong(), reader.unsignedVarint()]).toEqual([
          small,
          large,
          unsigned,
        ]);
        expect(reader.remaining).toBe(0);
      }),
    );
  });

  it.each([
    ['that ends too early', '80'],
    ['of six bytes', '808080808001'],
    ['of 33 bits', '8080808010'],
  ])('refuse one %s', (_, hex) => {
    expect(() => new Reader(Buffer.from(hex, 'hex')).unsignedVarint()).toThrow(BadBytes);
  });

  it.each([
    ['that ends too early', '8080808080'],
    ['of eleven bytes', '8080808080808080808001'],
    ['of 65 bits', '80808080808080808002'],
    ['beyond 2^53', 'ffffffffffffffffff01'],
  ])('refuse a long one %s', (_, hex) => {
    expect(() => new Reader(Buffer.from(hex, 'hex')).varlong()).toThrow(BadBytes);
  });
});

describe('fixed integers', () => {
  it('come back as they were written', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -128, max: 127 }),
        fc.integer({ min: -32768, max: 32767 }),
        int32,
        safeInteger,
        (a, b, c, d) => {
          const bytes = written((w) => {
            w.int8(a);
            w.int16(b);
            w.int32(c);
            w.int64(d);
          });
          expect(bytes.readInt16BE(1)).toBe(b);
          expect(bytes.readBigInt64BE(7)).toBe(BigInt(d));
          const reader = new Reader(bytes);
          expect([reader.int8(), reader.int16(), reader.int32(), reader.int64()]).toEqual([
            a,
            b,
            c,
            d,
          ]);
        },
      ),
    );
  });

  it('tell an int64 that no number can hold', () => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(2n ** 53n);
    expect(Number.isSafeInteger(getInt64(bytes, 0))).toBe(false);
    expect(() => new Reader(bytes).int64()).toThrow(/beyond/);
    bytes.writeBigInt64BE(-(2n ** 63n));
    expect(Number.isSafeInteger(getInt64(bytes, 0))).toBe(false);
    setInt64(bytes, 0, -2);
    expect(bytes.readBigInt64BE()).toBe(-2n);
    setInt32(bytes, 0, 0xffff_fffe);
    expect(getUint32(bytes, 0)).toBe(0xffff_fffe);
  });
});

describe('Reader and Writer', () => {
  it('carry bytes and text, and grow', () => {
    const text = 'größer als gedacht '.repeat(40);
    const bytes = written((w) => {
      w.bytes(Buffer.from('short'));
      w.utf8(text, Buffer.byteLength(text));
      w.bytes(Buffer.alloc(5000, 7));
      expect(w.length).toBe(5 + Buffer.byteLength(text) + 5000);
    });
    const reader = new Reader(bytes);
    expect(Buffer.from(reader.bytes(5)).toString()).toBe('short');
    expect(Buffer.from(reader.bytes(Buffer.byteLength(text))).toString()).toBe(text);
    expect(reader.position).toBe(bytes.length - 5000);
    expect(reader.remaining).toBe(5000);
  });

  it('never read beyond the end', () => {
    const reader = new Reader(Buffer.alloc(3));
    expect(() => reader.int32()).toThrow('at byte 0: 4 bytes wanted, 3 left');
    expect(() => reader.bytes(-1)).toThrow(BadBytes);
    expect(() => reader.bytes(2 ** 31)).toThrow(BadBytes);
    expect(reader.bytes(3).length).toBe(3);
    expect(() => reader.int8()).toThrow(BadBytes);
    expect(() => reader.varint()).toThrow(BadBytes);
  });
});
