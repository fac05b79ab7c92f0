/**
 * Seeds over threads, and what is done when one of them fails:
 *
 *   seeds ─► threads ─► tally ─► the first failure: run again and kept ─► made smaller, and kept
 */
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { INTERRUPTED } from '../support/command-line.ts';
import { type Kept, lookInto } from './aftermath.ts';
import { runAll, startPool } from './pool.ts';
import { seedProgress } from './progress.ts';
import { failureLine, faultsLine, sizeLine, tallyDocument, tallyLines } from './report.ts';
import { newTally } from './tally.ts';
import { repeatOf, type TaskOptions, taskOf } from './task.ts';
import type { SimAnswer, SimJob } from './worker.ts';

const FAILED = 1;

/** A seed takes less than a second; this one goes round in circles. */
const PATIENCE_MS = 60_000;

export interface CampaignOptions extends TaskOptions {
  readonly workers: number;
  readonly json: boolean;
  readonly out?: string;
  readonly shrink: boolean;
  readonly shrinkRuns: number;
}

const directoryOf = async ({ out }: CampaignOptions): Promise<string> => {
  if (out === undefined) return mkdtemp(join(tmpdir(), 'stratalog-sim-'));
  await mkdir(out, { recursive: true });
  return resolve(out);
};

const keptLines = (kept: Kept, repeat: string): readonly string[] => [
  ...(kept.size === undefined ? [] : [`  ${sizeLine(kept.size)}`]),
  ...(kept.faults === undefined || kept.size?.faults === 0 ? [] : [faultsLine(kept.faults)]),
  ...[kept.planFile, kept.historyFile, kept.timelineFile]
    .filter((file) => file !== undefined)
    .map((file) => `  kept: ${file}`),
  ...(kept.isUnsteady
    ? ['  run again, it gave another history: it does not follow from its plan']
    : []),
  `  again: ${repeat}`,
];

const keptDocument = ({ timeline: _, ...kept }: Kept, repeat: string) => ({ ...kept, repeat });

/** Runs what is asked for, prints what comes of it. @returns the exit code */
export const campaign = async (options: CampaignOptions): Promise<number> => {
  const { json, without, workers } = options;
  const isDrawn = process.stderr.isTTY;
  const say = (...lines: readonly string[]): void => {
    if (!json) for (const line of lines) console.log(line);
  };
  let interrupted = false;
  let tallied = false;
  // Seeds that are under way are still told of; nothing else is waited for.
  process.on('SIGINT', () => {
    if (interrupted || tallied) process.exit(INTERRUPTED);
    interrupted = true;
  });

  const { first, jobs, share } = taskOf(options, () => !interrupted);
  if (options.plan === undefined) say(`first seed ${first}`);
  const pool = startPool<SimJob, SimAnswer>({
    program: new URL('./worker.ts', import.meta.url),
    threads: workers,
    patienceMs: PATIENCE_MS,
    runtime: systemRuntime,
  });
  const tally = newTally();
  const progress = seedProgress(isDrawn);
  const startedMs = systemRuntime.monotonicMs();
  await runAll(pool, jobs, ({ plan }, outcome) => {
    const failure = tally.add(plan, outcome);
    if (failure !== undefined) progress.aside(() => say(failureLine(failure)));
    progress.update(tally, share(tally.seeds));
  }).finally(progress.stop);
  const spent = { first, seconds: (systemRuntime.monotonicMs() - startedMs) / 1000 };

  tallied = true;
  const document: Record<string, unknown> = tallyDocument(tally, spent);
  const failure = tally.failures.find(({ answer }) => answer !== undefined) ?? tally.failures[0];
  if (failure !== undefined && !interrupted) {
    const seedAgain = repeatOf(
      options,
      options.plan === undefined ? `--seed ${failure.plan.seed}` : `--plan ${options.plan.file}`,
    );
    const small = await lookInto(failure, {
      pool,
      directory: await directoryOf(options),
      without,
      shrinkRuns: options.shrink ? options.shrinkRuns : 0,
      isDrawn,
      runtime: systemRuntime,
      onKept: (kept) => {
        say('', ...(kept.timeline === undefined ? [] : [kept.timeline]));
        say(`seed ${failure.plan.seed}`, ...keptLines(kept, seedAgain));
        document.kept = keptDocument(kept, seedAgain);
      },
    });
    if (small !== undefined) {
      const smallAgain = repeatOf(options, `--plan ${small.planFile}`);
      say('', ...(small.timeline === undefined ? [] : [small.timeline]));
      say(`made smaller by ${small.runs} runs`, ...keptLines(small, smallAgain), '');
      document.small = keptDocument(small, smallAgain);
    }
  }
  await pool.stop();
  if (json) console.log(JSON.stringify(document, null, 2));
  else say(...tallyLines(tally, spent));
  if (interrupted) return INTERRUPTED;
  return tally.failures.length === 0 ? 0 : FAILED;
};
