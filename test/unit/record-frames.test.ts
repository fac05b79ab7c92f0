import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StratalogError } from '../../lib/model/errors.ts';
import { decodeFrames, encodeFrames } from '../../lib/record/frames.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('frames', () => {
  it('are laid out as documented', () => {
    const body = encodeFrames([
      { partition: 3, meta: { a: 1 }, batches: [hex('0102'), hex('03')] },
      { partition: 0, batches: [] },
    ]);
    const expected = hex(
      '00000003 00000007 7b2261223a317d 00000003 010203  00000000 00000000 00000000',
    );
    expect(Buffer.compare(body, expected)).toBe(0);
  });

  it('come back as they were written', () => {
    const frame = fc.record(
      {
        partition: fc.nat(),
        meta: fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()).map((meta) =>
          // What JSON can tell apart: no −0, no prototype.
          JSON.parse(JSON.stringify(meta)),
        ),
        batches: fc.array(fc.uint8Array(), { maxLength: 3 }),
      },
      { requiredKeys: ['partition', 'batches'] },
    );
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 5 }), (frames) => {
        const back = decodeFrames(encodeFrames(frames));
        expect(back.map((f) => ({ ...f, batches: Buffer.from(f.batches) }))).toEqual(
          frames.map((f) => ({ ...f, batches: Buffer.concat(f.batches) })),
        );
      }),
    );
  });

  const good = '00000001 00000000 00000001 ff';
  it.each([
    ['a partition that is cut off', `${good} 0000`, 'Frame 1 of the body, at byte 13'],
    ['a negative partition', 'ffffffff 00000000 00000000', 'the partition is -1'],
    ['meta that is cut off', `${good} 00000001 00000005 7b7d`, 'at byte 21: meta takes 5'],
    ['meta of negative length', '00000001 ffffffff', 'meta takes -1 bytes'],
    ['meta that is no JSON', '00000001 00000002 7b7b 00000000', 'no JSON object'],
    ['meta that is no UTF-8', '00000001 00000001 ff 00000000', 'no JSON object'],
    ['meta that is null', '00000001 00000004 6e756c6c 00000000', 'no JSON object'],
    ['meta that is a list', '00000001 00000002 5b5d 00000000', 'no JSON object'],
    ['meta that is a number', '00000001 00000001 31 00000000', 'no JSON object'],
    ['batches that are cut off', '00000001 00000000 00000002 ff', '2 bytes, 1 are left'],
    ['batches of negative size', '00000001 00000000 80000000', '-2147483648 bytes'],
    ['a missing size', '00000001 00000000', 'the size of the batches takes 4 bytes, 0 are left'],
  ])('refuse %s', (_, bytes, says) => {
    expect(() => decodeFrames(hex(bytes))).toThrow(
      expect.objectContaining({
        code: 'INVALID_REQUEST',
        message: expect.stringContaining(says),
        context: { frame: expect.any(Number), position: expect.any(Number) },
      }),
    );
  });

  it('refuse noise, or take it, and nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (body) => {
        try {
          decodeFrames(body);
        } catch (error) {
          expect(error).toBeInstanceOf(StratalogError);
        }
      }),
    );
  });
});
