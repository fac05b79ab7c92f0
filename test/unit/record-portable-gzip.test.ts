/** gzip where there is no node:zlib: bounded while it is read, whatever a small body stands for. */
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { gunzip } from '../../lib/record/compression/portable-gzip.ts';
import { virtualRuntime } from '../support/virtual-runtime.ts';

const MiB = 1024 * 1024;

it('does not unpack a bomb', () => {
  const bomb = gzipSync(Buffer.alloc(64 * MiB));
  const before = process.memoryUsage().arrayBuffers;
  expect(() => gunzip(bomb, MiB)).toThrow(expect.objectContaining({ code: 'MESSAGE_TOO_LARGE' }));
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(24 * MiB);
});

it.each([0, 1, 4_095, 4_096, 4_097, 300_000])('gives back %i bytes', (length) => {
  for (const original of [virtualRuntime(1).randomBytes(length), new Uint8Array(length)]) {
    expect(Buffer.compare(gunzip(gzipSync(original), MiB), original)).toBe(0);
  }
});

it('reads one member after the other', () => {
  const members = Buffer.concat(['hello ', 'kafka'].map((part) => gzipSync(part)));
  expect(Buffer.from(gunzip(members, MiB)).toString()).toBe('hello kafka');
});
