/** zstd where there is no node:zlib with it: what a frame may reserve before anything comes out of it. */
import { zstdCompressSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { StratalogError } from '../../lib/model/errors.ts';
import { unzstd } from '../../lib/record/compression/portable-zstd.ts';
import { virtualRuntime } from '../support/virtual-runtime.ts';

const MiB = 1024 * 1024;
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const frames = [
  zstdCompressSync(Buffer.from('hello')),
  hex('502a4d18 03000000 aabbcc'),
  zstdCompressSync(virtualRuntime(1).randomBytes(300_000)),
  zstdCompressSync(Buffer.alloc(300_000)),
];

/** Magic, a single segment with a content size of 8 bytes: 2^30; then one block of one byte. */
const HUGE_SEGMENT = hex('28b52ffd e0 0000004000000000 090000 00');
/** Magic, no content size, window descriptor 0xa8: 2^31 bytes; then one empty raw block. */
const HUGE_WINDOW = hex('28b52ffd 00 a8 010000');

it.each([
  ['a window', [HUGE_WINDOW]],
  ['a segment', [HUGE_SEGMENT]],
  ['a window after others', [...frames, HUGE_WINDOW]],
  ['a segment after others', [...frames, HUGE_SEGMENT]],
])('does not reserve %s that a frame asks for', (_name, all) => {
  const before = process.memoryUsage().arrayBuffers;
  let failure: unknown;
  try {
    unzstd(Buffer.concat(all), 2 * MiB);
  } catch (caught) {
    failure = caught;
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * MiB);
  expect(failure).toBeInstanceOf(StratalogError);
  expect(failure).toMatchObject({
    code: 'INVALID_RECORD',
    message: expect.stringContaining('asks for a window'),
  });
});

it('reads one frame after the other', () => {
  expect(unzstd(Buffer.concat(frames), MiB).length).toBe(5 + 600_000);
  expect(() => unzstd(Buffer.concat(frames), 600_000)).toThrow(/600000/);
});
