/**
 * Where a rule does not hold, as data with reasons. An exception that nothing needs any more is a
 * finding itself, so this page only tells what is true.
 */

export interface Exception {
  /** A file, or a room when it ends in `/`. */
  readonly path: string;
  readonly reason: string;
}

/** Files that may read clocks, set timers and draw random numbers. */
export const MAY_USE_CLOCKS: readonly Exception[] = [
  { path: 'lib/model/runtime.ts', reason: 'the only door' },
];

/** Module-level numbers outside limits.ts whose names look like limits. */
export const LIMITS_ELSEWHERE: readonly (Exception & { readonly name: string })[] = [];
