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

/** Exported numbers that look like limits and are facts of an encoding: nobody could choose them. */
export const LIMITS_ELSEWHERE: readonly (Exception & { readonly name: string })[] = [
  { path: 'lib/bytes/varint.ts', name: 'MAX_VARINT_BYTES', reason: '32 bits in groups of 7' },
  { path: 'lib/bytes/varint.ts', name: 'MAX_VARLONG_BYTES', reason: '64 bits in groups of 7' },
  { path: 'lib/record/record.ts', name: 'MIN_RECORD_BYTES', reason: 'a record with empty fields' },
];
