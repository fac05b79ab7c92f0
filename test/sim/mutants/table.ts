/** All mutants, and what only looks like one. */
import { APPEND_MUTANTS } from './appends.ts';
import { CONDITION_MUTANTS } from './conditions.ts';
import { EQUIVALENTS } from './equivalents.ts';
import { FETCH_MUTANTS } from './fetches.ts';
import type { Mutant } from './mutant.ts';
import { ROLL_MUTANTS } from './rolls.ts';
import { TOPIC_MUTANTS } from './topics.ts';

export const MUTANTS: readonly Mutant[] = [
  ...CONDITION_MUTANTS,
  ...APPEND_MUTANTS,
  ...ROLL_MUTANTS,
  ...FETCH_MUTANTS,
  ...TOPIC_MUTANTS,
];

export { EQUIVALENTS };
