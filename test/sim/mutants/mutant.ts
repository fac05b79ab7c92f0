/**
 * Mutant: the service with one deliberate fault in a protocol. The simulation must find it, or it would not
 * find the same fault made by mistake.
 *
 *   without a condition    every store forgets it, by its name          (`lib/storage/faulty/without-condition.ts`)
 *   patched                the source of one file reads otherwise, in one thread, as it is loaded (`patching.ts`)
 */
import type { Finding } from '../run.ts';
import type { MoodName } from './moods.ts';

/** In place of `find`, which stands in the file exactly once. */
export interface Edit {
  readonly find: string;
  readonly replace: string;
}

export interface Patch {
  /** From the root of the repository. */
  readonly file: string;
  readonly edits: readonly Edit[];
}

export interface Mutant {
  readonly name: string;
  /** Names of rules that are to find it, any of them. What others find does not count: a crash is no proof. */
  readonly rules: readonly Finding['rule'][];
  readonly fault: { readonly without: string } | Patch;
  /** Seeds within which it is caught. */
  readonly within: number;
  /** The first of them. Default: 1. */
  readonly from?: number;
  /** What the plans of these seeds are made to be. Default: as they are drawn. */
  readonly mood?: MoodName;
}

/** Looks like a mutant, and does nothing wrong: why nothing can be found. */
export interface Equivalent {
  readonly name: string;
  readonly fault: Patch;
  readonly because: string;
}

/** The seeds that it is looked for under. */
export const seedsOf = ({ from = 1, within }: Mutant): readonly number[] =>
  Array.from({ length: within }, (_, index) => from + index);
