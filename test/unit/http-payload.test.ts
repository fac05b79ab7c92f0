/** Sizes of bodies as they travel. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { base64Bytes, escapedBytes } from '../../lib/http/payload.ts';

it('counts what JSON makes of any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(escapedBytes(text)).toBe(Buffer.byteLength(JSON.stringify(text)) - 2);
    }),
  );
});

it('counts what base64 makes of bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(base64Bytes(bytes.length)).toBe(Buffer.from(bytes).toString('base64').length);
    }),
  );
});
