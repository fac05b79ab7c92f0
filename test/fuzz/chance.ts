/**
 * Chance: the random numbers that one input is made of.
 *
 * Each input has a row of its own, named by (seed, index): any one of a million is made again without
 * the others.
 */
import { seeded } from '../support/virtual-runtime.ts';

export interface Chance {
  /** A whole number in [0, `below`). */
  below(below: number): number;
  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number;
  /** True with this probability. */
  flip(probability?: number): boolean;
  /** One of a list that has any. */
  pick<T>(list: readonly T[]): T;
  bytes(length: number): Uint8Array<ArrayBuffer>;
}

/** MurmurHash3's finalizer: neighbours become strangers. */
const mixed = (word: number): number => {
  let bits = word | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
};

/** The same numbers for the same seed and index, both whole and not negative. */
export const chanceOf = (seed: number, index: number): Chance => {
  const random = seeded(mixed(mixed(seed + 0x9e3779b9) ^ index));
  const below = (limit: number): number => Math.floor(random() * limit);
  return {
    below,
    between: (least, most) => least + below(most - least + 1),
    flip: (probability = 0.5) => random() < probability,
    pick: (list) => list[below(list.length)]!,
    bytes: (length) => Uint8Array.from({ length }, () => below(256)),
  };
};
