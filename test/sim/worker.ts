/** A thread of the simulation: runs the plans that it is given, one after the other. */
import { createHash } from 'node:crypto';
import { formatHistory } from './checker/history.ts';
import type { Plan } from './plan.ts';
import { serve } from './pool.ts';
import { type Run, runPlan } from './run.ts';
import { type Sight, seenIn } from './sight.ts';

export interface SimJob {
  readonly plan: Plan;
  /** The condition that the store forgets. */
  readonly without?: string;
  /** Whether everything is wanted, not only what to count. */
  readonly whole?: true;
}

/** What comes of a plan. */
export interface SimAnswer {
  readonly sight: Sight;
  /** Of the history: the same for the same plan. */
  readonly digest: string;
  readonly run?: Run;
}

const digestOf = ({ history }: Run): string => {
  const hash = createHash('sha256');
  for (const line of formatHistory(history)) hash.update(line);
  return hash.digest('hex');
};

const { stackTraceLimit } = Error;

serve(async ({ plan, without, whole }: SimJob): Promise<SimAnswer> => {
  // Thousands of errors are thrown on purpose, and nobody reads where from until one is found.
  Error.stackTraceLimit = whole ? stackTraceLimit : 0;
  const run = await runPlan(plan, without === undefined ? {} : { without });
  const answer = { sight: seenIn(run), digest: digestOf(run) };
  return whole ? { ...answer, run } : answer;
});
