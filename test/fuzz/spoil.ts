/**
 * Spoil: what damage, a liar or another implementation makes of bytes.
 */
import type { Chance } from './chance.ts';

const flipBit = (bytes: Uint8Array, chance: Chance): Uint8Array => {
  if (bytes.length === 0) return bytes;
  bytes[chance.below(bytes.length)]! ^= 1 << chance.below(8);
  return bytes;
};

const setByte = (bytes: Uint8Array, chance: Chance): Uint8Array => {
  if (bytes.length === 0) return bytes;
  bytes[chance.below(bytes.length)] = chance.pick([
    0,
    1,
    0x7f,
    0x80,
    0xfe,
    0xff,
    chance.below(256),
  ]);
  return bytes;
};

const cut = (bytes: Uint8Array, chance: Chance): Uint8Array =>
  bytes.subarray(0, chance.below(bytes.length + 1));

const remove = (bytes: Uint8Array, chance: Chance): Uint8Array => {
  const from = chance.below(bytes.length + 1);
  const to = Math.min(bytes.length, from + chance.between(1, 16));
  return joined(bytes.subarray(0, from), bytes.subarray(to));
};

const repeat = (bytes: Uint8Array, chance: Chance): Uint8Array => {
  const from = chance.below(bytes.length + 1);
  const piece = bytes.subarray(from, from + chance.between(1, 32));
  return joined(bytes.subarray(0, from), piece, bytes.subarray(from));
};

const insert = (bytes: Uint8Array, chance: Chance): Uint8Array => {
  const at = chance.below(bytes.length + 1);
  return joined(bytes.subarray(0, at), chance.bytes(chance.between(1, 8)), bytes.subarray(at));
};

/** Numbers at which arithmetic goes wrong, as Kafka's varints (zigzag), and two that are too long. */
const VARINTS: readonly Uint8Array[] = [
  [0x00],
  [0x01],
  [0x02],
  [0x7f],
  [0x80, 0x01],
  [0xfe, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0x1f],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x00],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f],
].map((bytes) => Uint8Array.from(bytes));

const putVarint = (bytes: Uint8Array, chance: Chance): Uint8Array => {
  const at = chance.below(bytes.length + 1);
  const over = chance.below(3);
  return joined(bytes.subarray(0, at), chance.pick(VARINTS), bytes.subarray(at + over));
};

/** int32 of either end at any place: lengths, counts. */
const putInt32 = (bytes: Uint8Array, chance: Chance): Uint8Array => {
  if (bytes.length < 4) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const value = chance.pick([0, 1, -1, 0x7fffffff, -0x80000000, 0xffff, chance.below(2 ** 31)]);
  view.setInt32(chance.below(bytes.length - 3), value, chance.flip());
  return bytes;
};

const SPOILERS = [flipBit, flipBit, setByte, cut, remove, repeat, insert, putVarint, putInt32];

/** A copy of `bytes`, spoilt in some way. */
export const spoilt = (bytes: Uint8Array, chance: Chance): Uint8Array =>
  chance.pick(SPOILERS)(new Uint8Array(bytes), chance);

/** The beginning of one and the end of another. */
export const spliced = (one: Uint8Array, other: Uint8Array, chance: Chance): Uint8Array =>
  joined(
    one.subarray(0, chance.below(one.length + 1)),
    other.subarray(chance.below(other.length + 1)),
  );

/** Pieces, one after the other, in memory of their own. */
export const joined = (...pieces: readonly Uint8Array[]): Uint8Array =>
  new Uint8Array(Buffer.concat(pieces));
