import * as native from '@node-rs/crc32';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { crc32c, portableCrc32c, useCrc32c } from '../../lib/bytes/crc32c.ts';

afterEach(() => useCrc32c(portableCrc32c));

const implementations = { portable: portableCrc32c, native: native.crc32c };

/** RFC 3720 appendix B.4, and the check value of the CRC catalogue. */
const vectors: readonly [name: string, bytes: Uint8Array, crc: number][] = [
  ['32 zeros', new Uint8Array(32), 0x8a9136aa],
  ['32 bytes of ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ['32 incrementing', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  ['32 decrementing', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
  [
    'an iSCSI SCSI read (10) command',
    Buffer.from(
      '01c00000000000000000000000000000140000000000040000000014000000182800000000000000' +
        '0200000000000000',
      'hex',
    ),
    0xd9963a56,
  ],
  ['"123456789"', Buffer.from('123456789'), 0xe3069283],
  ['nothing', new Uint8Array(0), 0],
];

describe.each(Object.entries(implementations))('%s CRC32C', (_, implementation) => {
  it.each(vectors)('of %s', (_name, bytes, crc) => {
    expect(implementation(bytes)).toBe(crc);
  });
});

describe('the portable CRC32C', () => {
  it('equals the native one at every length and alignment', () => {
    const bytes = Uint8Array.from({ length: 200 }, (_, i) => (i * 167 + 13) & 0xff);
    for (let from = 0; from < 9; from++) {
      for (let to = from; to <= bytes.length; to++) {
        const part = bytes.subarray(from, to);
        if (portableCrc32c(part) !== native.crc32c(part)) expect.fail(`bytes ${from} to ${to}`);
      }
    }
  });

  it('equals the native one in any two steps', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 500 }),
        fc.nat(500),
        fc.integer({ min: 0, max: 0xffff_ffff }),
        (bytes, cut, seed) => {
          const whole = native.crc32c(bytes, seed);
          expect(portableCrc32c(bytes, seed)).toBe(whole);
          const first = portableCrc32c(bytes.subarray(0, cut), seed);
          expect(portableCrc32c(bytes.subarray(cut), first)).toBe(whole);
        },
      ),
    );
  });
});

describe('useCrc32c', () => {
  it('installs an implementation that is right', () => {
    let calls = 0;
    useCrc32c((bytes, seed) => {
      calls++;
      return native.crc32c(bytes, seed);
    });
    calls = 0;
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    expect(calls).toBe(1);
  });

  it('refuses one of another polynomial, and one that ignores the seed', () => {
    expect(() => useCrc32c((bytes) => native.crc32(bytes))).toThrow(/0xE3069283/);
    expect(() => useCrc32c((bytes) => native.crc32c(bytes))).toThrow(/two steps/);
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  });
});
