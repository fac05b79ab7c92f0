/**
 * Mutant: the service with one deliberate fault in a protocol. The simulation must find it, or it would not
 * find the same fault made by mistake.
 *
 *   without a condition    every store forgets it, by its name          (`lib/storage/faulty/without-condition.ts`)
 *   patched                the source of one file reads otherwise, in one thread, as it is loaded (`patching.ts`)
 *
 * One that survives is met too seldom, and wants a mood (`moods.ts`) or a client that meets it; or is found
 * by rules that do not count; or does no harm, and belongs in `equivalents.ts`, with the reason.
 */
import type { RuleName } from '../checker/check.ts';
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

/** Of what is found: a rule of the checker, or what an actor or the watch over the stores complains about. */
export type FindingRule = RuleName | 'complaint';

export interface Mutant {
  readonly name: string;
  /** That are to find it, any of them. What others find does not count: a crash is no proof. */
  readonly rules: readonly FindingRule[];
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
  /** Under which nothing is found. */
  readonly mood: MoodName;
}

/** What a thread looks for, under which seeds. */
export interface Prey {
  readonly name: string;
  /** undefined: the code as it is. */
  readonly fault: Mutant['fault'] | undefined;
  /** undefined: whatever is found counts. */
  readonly rules: readonly FindingRule[] | undefined;
  readonly mood: MoodName;
  readonly seeds: readonly number[];
}

/** Seeds under which nothing is to be found of what is equivalent. */
const EQUIVALENT_SEEDS = [1, 2, 3, 4] as const;

export const innocent = ({ name, fault, mood }: Equivalent): Prey => ({
  name,
  fault,
  rules: undefined,
  mood,
  seeds: EQUIVALENT_SEEDS,
});

export const preyOf = ({ name, fault, rules, mood, from = 1, within }: Mutant): Prey => ({
  name,
  fault,
  rules,
  mood: mood ?? 'as drawn',
  seeds: Array.from({ length: within }, (_, index) => from + index),
});
