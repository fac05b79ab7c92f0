/** Group ids in paths: every id has one spelling, and every other is refused. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { groupOfSegment, groupSegment } from '../../lib/model/group-path.ts';
import { groupId } from '../../lib/model/ids.ts';

it.each([
  ['billing.v2', 'billing.v2'],
  ['a b/ü', 'a~20b~2F~C3~BC'],
  ['~', '~7E'],
  ['100%', '100~25'],
  ['.', '~2E'],
  ['..', '~2E~2E'],
  ['...', '...'],
  ['\ufeff', '~EF~BB~BF'],
])('writes %j as %s', (id, segment) => {
  expect(groupSegment(groupId(id))).toBe(segment);
  expect(groupOfSegment(segment)).toBe(id);
});

it.each([
  ['', /one spelling|two upper-case/],
  ['a b', /"~20" for a blank/],
  ['a%20b', /two upper-case hex digits/],
  ['~2e', /two upper-case/],
  ['~4', /two upper-case/],
  ['~41', /one spelling is "A"/],
  ['.', /one spelling is "~2E"/],
  ['..', /one spelling is "~2E~2E"/],
  ['.~2E', /one spelling is "~2E~2E"/],
  ['~C3', /two upper-case/],
  ['~C0~AE', /two upper-case/],
  ['~ED~A0~80', /two upper-case/],
  ['~00', /control character/],
  ['x'.repeat(256), /256 characters/],
  ['x'.repeat(10_000), /two upper-case/],
])('refuses %j', (segment, says) => {
  expect(() => groupOfSegment(segment)).toThrow(
    expect.objectContaining({ code: 'INVALID_GROUP_ID', message: expect.stringMatching(says) }),
  );
});

const anyId = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 255 })
  .filter((id) => id.length <= 255 && !/[\p{Cc}\p{Cs}]/u.test(id));

it('reads back what it wrote, in characters that every path takes', () => {
  fc.assert(
    fc.property(anyId, (id) => {
      const segment = groupSegment(groupId(id));
      expect(segment).toMatch(/^[a-zA-Z0-9._~-]+$/);
      expect(groupOfSegment(segment)).toBe(id);
    }),
  );
});

it('takes no two segments for one group', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'a.~2E0C3BFe%'.split('')) }), (segment) => {
      try {
        expect(groupSegment(groupOfSegment(segment))).toBe(segment);
      } catch (error) {
        expect(error).toMatchObject({ code: 'INVALID_GROUP_ID' });
      }
    }),
  );
});
