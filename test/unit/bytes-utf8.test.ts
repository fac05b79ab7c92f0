/** UTF-8 of our own against Node's, for any text and any bytes. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8, strictUtf8, utf8Length, writeUtf8 } from '../../lib/bytes/utf8.ts';

/** Halves of surrogate pairs too. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 80 })
    .map((units) => String.fromCharCode(...units)),
  fc.string({ minLength: 2_000, maxLength: 4_000 }),
);

it('measures, encodes and writes text as Node does', () => {
  fc.assert(
    fc.property(anyText, fc.nat(5), (text, at) => {
      const expected = Buffer.from(text);
      expect(utf8Length(text)).toBe(expected.length);
      expect(Buffer.compare(encodeUtf8(text), expected)).toBe(0);
      const target = new Uint8Array(at + expected.length + 3).fill(7);
      writeUtf8(target, at, text, expected.length);
      expect(Buffer.compare(target.subarray(at, at + expected.length), expected)).toBe(0);
      expect(target.subarray(at + expected.length)).toEqual(Uint8Array.of(7, 7, 7));
      expect(decodeUtf8(expected)).toBe(expected.toString());
    }),
    { numRuns: 300 },
  );
});

it('decodes any bytes as Node does, or says that they are no UTF-8', () => {
  const anyBytes = fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    anyText.map((text) => new Uint8Array(Buffer.from(text))),
  );
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      const text = Buffer.from(bytes).toString();
      expect(decodeUtf8(bytes)).toBe(text);
      const isUtf8 = Buffer.compare(Buffer.from(text), bytes) === 0;
      expect(strictUtf8(bytes)).toBe(isUtf8 ? text : undefined);
    }),
    { numRuns: 300 },
  );
});

it('does not let encoded texts overwrite each other', () => {
  const texts = Array.from({ length: 500 }, (_, i) => `${i}ü`.repeat(i % 40));
  const encoded = texts.map(encodeUtf8);
  expect(encoded.map((bytes) => Buffer.from(bytes).toString())).toEqual(texts);
});
