import { expect, it } from 'vitest';
import { countOf, countText, sizeText } from '../../lib/cli/quantities.ts';

it('groups thousands', () => {
  expect([0, 12, 999, 1_000, 123_456, 1_234_567].map(countText)).toEqual([
    '0',
    '12',
    '999',
    '1,000',
    '123,456',
    '1,234,567',
  ]);
  expect([0, 1, 2_000].map((count) => countOf(count, 'record'))).toEqual([
    '0 records',
    '1 record',
    '2,000 records',
  ]);
});

it('tells sizes in the unit that suits', () => {
  expect([0, 999, 1_000, 999_949, 999_951, 12_345_678, 4e12, 5e18].map(sizeText)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '999.9 kB',
    '1.0 MB',
    '12.3 MB',
    '4.0 TB',
    '5000.0 PB',
  ]);
});
