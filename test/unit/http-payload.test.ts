/** Sizes of bodies as they travel. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { answerRoom, base64Bytes, escapedBytes, fitsEscaped } from '../../lib/http/payload.ts';

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

it('knows what fits without counting what its length tells', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(200), (text, room) => {
      expect(fitsEscaped(text, room)).toBe(escapedBytes(text) <= room);
      const json = JSON.stringify(text);
      expect(fitsEscaped(json, room, 'json')).toBe(escapedBytes(json) <= room);
    }),
  );
});

it('has room for as many pieces of JSON as fit exactly', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), fc.nat(500), (texts, sizeBytes) => {
      const room = answerRoom(sizeBytes);
      let left = sizeBytes;
      for (const [index, text] of texts.entries()) {
        const json = JSON.stringify(text);
        const bytes = escapedBytes(json) + 1;
        if (index % 5 === 4) {
          room.charge(json);
          left -= bytes;
        } else {
          const fits = bytes <= left;
          expect(room.take(json)).toBe(fits);
          if (fits) left -= bytes;
        }
      }
    }),
  );
});
