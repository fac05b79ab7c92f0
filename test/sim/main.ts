/**
 * The simulation from the command line: `npm run sim -- --seeds 200`.
 *
 * Exits with 1 when a seed finds something or comes to nothing, with 2 when it is told nonsense.
 */
import { mkdir, mkdtemp, readFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { APPEND_CONDITIONS } from '../../lib/log/append/once.ts';
import { ROLL_CONDITIONS } from '../../lib/log/append/roll.ts';
import { DELETE_CONDITIONS } from '../../lib/log/delete-records.ts';
import { TOPIC_CONDITIONS } from '../../lib/log/topics/conditions.ts';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { type Kept, lookInto } from './aftermath.ts';
import { type Plan, planOf } from './plan.ts';
import { parsePlan } from './plan-file.ts';
import { runAll, startPool } from './pool.ts';
import { seedProgress } from './progress.ts';
import { failureLine, sizeLine, tallyDocument, tallyLines } from './report.ts';
import { newTally } from './tally.ts';
import type { SimAnswer, SimJob } from './worker.ts';

const FAILED = 1;
const MISUSED = 2;
const INTERRUPTED = 130;

const DEFAULT_OPERATIONS = 2_000;
const DEFAULT_SEEDS = 20;
const DEFAULT_SHRINK_RUNS = 4_000;
/** A seed takes less than a second; this one goes round in circles. */
const PATIENCE_MS = 60_000;

const CONDITIONS: readonly string[] = [
  ...Object.values(APPEND_CONDITIONS),
  ...Object.values(ROLL_CONDITIONS),
  ...Object.values(DELETE_CONDITIONS),
  ...Object.values(TOPIC_CONDITIONS),
];

const wholeNumber = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
};

const positive = (text: string): number => {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError('It must be at least 1.');
  return value;
};

const minutes = (text: string): number => {
  const value = /^\d{1,5}(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (value === 0) throw new InvalidArgumentError('It must be a number of minutes, such as 0.5.');
  return value;
};

interface Options {
  readonly seed?: number;
  readonly seeds?: number;
  readonly from?: number;
  readonly minutes?: number;
  readonly plan?: string;
  readonly operations: number;
  readonly workers: number;
  readonly without?: string;
  readonly json: boolean;
  readonly out?: string;
  readonly shrink: boolean;
  readonly shrinkRuns: number;
}

const drawSeed = (): number =>
  Buffer.from(systemRuntime.randomBytes(4)).readUInt32LE() % 1_000_000_000;

const readPlan = async (file: string): Promise<Plan> => {
  try {
    return parsePlan(await readFile(file, 'utf8'));
  } catch (error) {
    return program.error(`error: cannot run ${file}: ${(error as Error).message}`);
  }
};

/** What is to be run, until when, and how a part of it is run again. */
interface Task {
  readonly first: number;
  readonly jobs: Iterable<SimJob>;
  /** Share of the work that is done. */
  share(done: number): number;
}

const taskOf = async (options: Options, goesOn: () => boolean): Promise<Task> => {
  const { without } = options;
  const jobOf = (plan: Plan): SimJob => (without === undefined ? { plan } : { plan, without });
  if (options.plan !== undefined) {
    const plan = await readPlan(options.plan);
    return { first: plan.seed, jobs: [jobOf(plan)], share: (done) => done };
  }
  const { operations } = options;
  const first = options.seed ?? options.from ?? drawSeed();
  const mostMs =
    options.minutes === undefined ? Number.POSITIVE_INFINITY : options.minutes * 60_000;
  const most =
    options.seed !== undefined
      ? 1
      : (options.seeds ??
        (options.minutes === undefined ? DEFAULT_SEEDS : Number.POSITIVE_INFINITY));
  const startedMs = systemRuntime.monotonicMs();
  const spentMs = (): number => systemRuntime.monotonicMs() - startedMs;
  const jobs = function* () {
    for (let nth = 0; nth < most && spentMs() < mostMs && goesOn(); nth++) {
      yield jobOf(planOf(first + nth, { operations }));
    }
  };
  return { first, jobs: jobs(), share: (done) => Math.max(done / most, spentMs() / mostMs) };
};

const repeatOf = (options: Options, what: string): string =>
  [
    `npm run sim -- ${what}`,
    ...(what.startsWith('--seed') && options.operations !== DEFAULT_OPERATIONS
      ? [`--operations ${options.operations}`]
      : []),
    ...(options.without === undefined ? [] : [`--without ${options.without}`]),
  ].join(' ');

const directoryOf = async ({ out }: Options): Promise<string> => {
  if (out === undefined) return mkdtemp(join(tmpdir(), 'stratalog-sim-'));
  await mkdir(out, { recursive: true });
  return resolve(out);
};

const keptLines = (kept: Kept, repeat: string): readonly string[] => [
  ...(kept.size === undefined ? [] : [`  ${sizeLine(kept.size)}`]),
  ...[kept.planFile, kept.historyFile, kept.timelineFile]
    .filter((file) => file !== undefined)
    .map((file) => `  kept: ${file}`),
  ...(kept.isUnsteady
    ? ['  run again, it gave another history: it does not follow from its plan']
    : []),
  `  again: ${repeat}`,
];

const keptDocument = ({ timeline: _, ...kept }: Kept, repeat: string) => ({ ...kept, repeat });

const run = async (options: Options): Promise<number> => {
  const { json, without, workers } = options;
  const isDrawn = process.stderr.isTTY;
  const say = (...lines: readonly string[]): void => {
    if (!json) for (const line of lines) console.log(line);
  };
  let interrupted = false;
  process.once('SIGINT', () => {
    interrupted = true;
    // The second one ends everything at once.
    process.once('SIGINT', () => process.exit(INTERRUPTED));
  });

  const { first, jobs, share } = await taskOf(options, () => !interrupted);
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

  const document: Record<string, unknown> = tallyDocument(tally, spent);
  const failure = tally.failures.find(({ answer }) => answer !== undefined) ?? tally.failures[0];
  if (failure !== undefined && !interrupted) {
    const seedAgain = repeatOf(
      options,
      options.plan === undefined ? `--seed ${failure.plan.seed}` : `--plan ${options.plan}`,
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

const program = new Command('sim')
  .description(
    'Runs the whole service under a seeded scheduler with faults of everything it stands on, and checks what its clients were told.',
  )
  .addOption(
    new Option('--seed <n>', 'run this seed')
      .argParser(wholeNumber)
      .conflicts(['seeds', 'from', 'minutes', 'plan']),
  )
  .option(
    '--seeds <n>',
    `how many seeds, one after the other (default: ${DEFAULT_SEEDS})`,
    positive,
  )
  .option('--from <seed>', 'the first of them (default: a random one)', wholeNumber)
  .option('--minutes <n>', 'as many seeds as fit', minutes)
  .addOption(
    new Option('--plan <file>', 'run a plan that a failure left behind').conflicts([
      'seeds',
      'from',
      'minutes',
    ]),
  )
  .option('--operations <n>', 'of the clients, for each seed', positive, DEFAULT_OPERATIONS)
  .addOption(
    new Option('--workers <n>', 'threads')
      .argParser(positive)
      .default(availableParallelism(), 'one for each core'),
  )
  .addOption(
    new Option(
      '--without <condition>',
      'let the store forget a condition of the protocols, to see that it is missed',
    ).choices(CONDITIONS),
  )
  .option('--out <directory>', 'where the files of a failure go (default: a new temporary one)')
  .option('--no-shrink', 'do not look for a smaller plan that fails in the same way')
  .option('--shrink-runs <n>', 'runs that it may take to find one', positive, DEFAULT_SHRINK_RUNS)
  .option('--json', 'print one JSON document', false)
  .showHelpAfterError('(--help tells what is legal)')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : MISUSED))
  .addHelpText(
    'after',
    `
The same seed gives the same history. The first failure is kept: plan, history, timeline; then a smaller
plan that fails in the same way is looked for.

Examples:
  $ npm run sim -- --seeds 200
  $ npm run sim -- --minutes 30 --workers 2
  $ npm run sim -- --seed 4711 --operations 10000
  $ npm run sim -- --plan seed-4711/small/plan.json
  $ npm run sim -- --seeds 5 --from 1 --without not-in-tail`,
  )
  .action(async (options: Options) => {
    process.exitCode = await run(options);
  });

await program.parseAsync();
