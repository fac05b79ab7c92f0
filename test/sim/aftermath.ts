/** What is done about a failure: it is run again, written down, and made smaller. */
import { join } from 'node:path';
import type { Runtime } from '../../lib/model/runtime.ts';
import { type Evidence, keepPlan, keepRun } from './evidence.ts';
import type { Plan } from './plan.ts';
import type { Pool } from './pool.ts';
import { shrinkProgress } from './progress.ts';
import { shrink, sizeOf } from './shrink.ts';
import { type Found, firstOfSort } from './sight.ts';
import type { Failing } from './simpler.ts';
import type { Failure } from './tally.ts';
import type { SimAnswer, SimJob } from './worker.ts';

export interface AftermathOptions {
  readonly pool: Pool<SimJob, SimAnswer>;
  /** Where its files go. */
  readonly directory: string;
  readonly without: string | undefined;
  /** Runs that a smaller plan is worth; 0: it is not looked for. */
  readonly shrinkRuns: number;
  readonly isDrawn: boolean;
  readonly runtime: Runtime;
  /** Told of a failure's files before it is made smaller, which takes a while. */
  readonly onKept: (kept: Kept) => void;
}

export interface Kept extends Evidence {
  readonly found: Found;
  readonly size?: ReturnType<typeof sizeOf>;
  /** That happened, by kind. */
  readonly faults?: SimAnswer['sight']['faults'];
  /** Whether the same plan gave another history the second time. */
  readonly isUnsteady?: true;
}

export interface Shrunken extends Kept {
  readonly runs: number;
}

const jobOf = (plan: Plan, without: string | undefined): SimJob =>
  without === undefined ? { plan } : { plan, without };

/** Runs `plan` again and keeps everything; `sort`: what was found. */
const keep = async (
  plan: Plan,
  before: Pick<SimAnswer, 'digest'> & { readonly found: Found },
  directory: string,
  { pool, without }: AftermathOptions,
): Promise<Kept> => {
  const { found, digest } = before;
  const outcome = await pool.run({ ...jobOf(plan, without), whole: true });
  if (outcome.told !== 'answer') {
    return { ...(await keepPlan(directory, plan)), found, isUnsteady: true };
  }
  const { sight, run } = outcome.answer;
  const again = firstOfSort(found.sort, sight);
  return {
    ...(await keepRun(directory, run!, again ?? found)),
    found: again ?? found,
    size: sizeOf({ plan, sight }),
    faults: sight.faults,
    ...(outcome.answer.digest !== digest && { isUnsteady: true }),
  };
};

/** What is left of a failure; undefined: it was not made smaller. */
export const lookInto = async (
  { plan, found: [found], answer }: Failure,
  options: AftermathOptions,
): Promise<Shrunken | undefined> => {
  const { pool, directory, without, runtime, isDrawn, onKept } = options;
  const at = join(directory, `seed-${plan.seed}`);
  if (answer === undefined) {
    onKept({ ...(await keepPlan(at, plan)), found: found! });
    return undefined;
  }
  const kept = await keep(plan, { found: found!, digest: answer.digest }, at, options);
  onKept(kept);
  if (kept.isUnsteady || options.shrinkRuns === 0) return undefined;

  const failing: Failing = { plan, sight: answer.sight, found: kept.found };
  const digests = new Map<Plan, string>();
  const progress = shrinkProgress(isDrawn);
  const small = await shrink(failing, {
    see: async (smaller) => {
      const outcome = await pool.run(jobOf(smaller, without));
      if (outcome.told !== 'answer') return undefined;
      digests.set(smaller, outcome.answer.digest);
      return outcome.answer.sight;
    },
    atOnce: pool.threads,
    runtime,
    mostRuns: options.shrinkRuns,
    onAttempt: progress.update,
  }).finally(progress.stop);
  const digest = digests.get(small.plan) ?? answer.digest;
  const smallKept = await keep(
    small.plan,
    { found: small.found, digest },
    join(at, 'small'),
    options,
  );
  return { ...smallKept, runs: small.runs };
};
