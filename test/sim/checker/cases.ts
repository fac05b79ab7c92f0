/** Histories for each rule: wrong in its way, and the nearest to it that are not. */
import { CASES_OF_ORDER } from './cases-of-order.ts';
import { CASES_OF_READS } from './cases-of-reads.ts';
import { CASES_OF_RECORDS } from './cases-of-records.ts';
import type { RuleName } from './check.ts';
import type { History } from './history.ts';

export interface Cases {
  /** What is wrong, where, and the operations to be named: indices into the history. */
  readonly bad: readonly (readonly [what: string, of: History, named: readonly number[]])[];
  readonly good: readonly (readonly [what: string, of: History])[];
}

export const CASES: Readonly<Record<RuleName, Cases>> = {
  ...CASES_OF_RECORDS,
  ...CASES_OF_READS,
  ...CASES_OF_ORDER,
};
