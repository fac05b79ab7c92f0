/**
 * The simulation from the command line: `npm run sim -- --seeds 200`.
 *
 * Exits with 1 when a seed finds something or comes to nothing, with 2 when it is told nonsense.
 */
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { InvalidArgumentError, Option } from 'commander';
import { wholeNumber } from '../../lib/cli/options.ts';
import { programOf, seed } from '../support/command-line.ts';
import { type CampaignOptions, campaign } from './campaign.ts';
import { CONDITION_MUTANTS, ELSEWHERE } from './mutants/conditions.ts';
import type { Plan } from './plan.ts';
import { parsePlan } from './plan-file.ts';
import { DEFAULT_OPERATIONS, DEFAULT_SEEDS } from './task.ts';

const DEFAULT_SHRINK_RUNS = 4_000;

/** What a store can be told to forget: each condition that `lib` names, as a test of the mutants sees to. */
const CONDITIONS: readonly string[] = [
  ...CONDITION_MUTANTS.map(({ fault }) => fault.without),
  ...ELSEWHERE,
];

const positive = wholeNumber(1, 999_999_999);

const minutes = (text: string): number => {
  const value = /^\d{1,5}(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (value === 0) throw new InvalidArgumentError('It must be a number of minutes, such as 0.5.');
  return value;
};

const readPlan = async (file: string): Promise<Plan> => {
  try {
    return parsePlan(await readFile(file, 'utf8'));
  } catch (error) {
    return program.error(`error: cannot run ${file}: ${(error as Error).message}`);
  }
};

type Options = Omit<CampaignOptions, 'plan'> & { readonly plan?: string };

const program = programOf(
  'sim',
  'Runs the whole service under a seeded scheduler with faults of everything it stands on, and checks what its clients were told.',
)
  .addOption(
    new Option('--seed <n>', 'run this seed')
      .argParser(seed)
      .conflicts(['seeds', 'from', 'minutes', 'plan']),
  )
  .option(
    '--seeds <n>',
    `how many seeds, one after the other (default: ${DEFAULT_SEEDS})`,
    positive,
  )
  .option('--from <seed>', 'the first of them (default: a random one)', seed)
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
  .action(async ({ plan: file, ...options }: Options) => {
    const plan = file === undefined ? {} : { plan: { file, value: await readPlan(file) } };
    process.exitCode = await campaign({ ...options, ...plan });
  });

await program.parseAsync();
