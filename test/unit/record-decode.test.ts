/** Decoding batches whose CRC holds, and that no encoder of ours wrote. */
import { expect, it } from 'vitest';
import { decodeBatch } from '../../lib/record/decode.ts';
import { encodeBatch } from '../../lib/record/encode.ts';
import { writeBaseOffset } from '../../lib/record/patch.ts';

const batch = encodeBatch([1, 2, 3].map((timestamp) => ({ value: null, timestamp })));

it('refuses offsets that a number cannot tell apart', () => {
  writeBaseOffset(batch, Number.MAX_SAFE_INTEGER - 2);
  expect(decodeBatch(batch).records.map(({ offset }) => offset)).toEqual([
    Number.MAX_SAFE_INTEGER - 2,
    Number.MAX_SAFE_INTEGER - 1,
    Number.MAX_SAFE_INTEGER,
  ]);
  writeBaseOffset(batch, Number.MAX_SAFE_INTEGER - 1);
  expect(() => decodeBatch(batch)).toThrow(expect.objectContaining({ code: 'INVALID_RECORD' }));
});
