/** Whole numbers that follow from a seed. */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A whole number in [from, to]. */
export type Draw = (from: number, to: number) => number;

const MAX_SEED = 2 ** 31 - 1;

export const drawsFrom = (seed: number): Draw => {
  const random = xoroshiro128plus(seed);
  return (from, to) => uniformInt(random, from, to);
};

/** Draws of their own, that do not depend on how many others are taken. */
export const forked = (draw: Draw): Draw => drawsFrom(draw(0, MAX_SEED));

/** True once in `times`. */
export const oneIn = (draw: Draw, times: number): boolean => draw(1, times) === 1;
