/**
 * The mutants from the command line: `npm run mutants`.
 *
 * Exits with 1 when one survives, or when the code as it is is found to do wrong; 2 when told nonsense.
 */
import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { controlsOf, huntAll } from './hunts.ts';
import { innocent, type Prey, preyOf } from './mutant.ts';
import { huntProgress } from './progress.ts';
import { controlLines, isOk, mutantDocument, mutantLines } from './report.ts';
import { EQUIVALENTS, MUTANTS } from './table.ts';

const SURVIVED = 1;
const MISUSED = 2;
const AT_ONCE = Math.min(2, availableParallelism());

const positive = (text: string): number => {
  if (!/^[1-9]\d{0,5}$/.test(text)) {
    throw new InvalidArgumentError('It must be a whole number from 1.');
  }
  return Number(text);
};

interface Options {
  readonly only?: string;
  readonly within?: number;
  readonly json: boolean;
}

const run = async ({ only = '', within, json }: Options): Promise<void> => {
  const wanted = MUTANTS.filter(({ name }) => name.includes(only));
  if (wanted.length === 0) {
    console.error(`No mutant's name has "${only}" in it. There are:`);
    for (const { name } of MUTANTS) console.error(`  ${name}`);
    process.exit(MISUSED);
  }
  const preys = wanted.map((mutant) =>
    preyOf(within === undefined ? mutant : { ...mutant, within }),
  );
  const progress = huntProgress();
  const hunting = (all: readonly Prey[]) => {
    progress.expect(all.length);
    return huntAll(all, AT_ONCE, ({ prey }) => progress.done(prey.name));
  };
  const results = await hunting(preys);
  const harmless = EQUIVALENTS.filter(({ name }) => name.includes(only)).map(innocent);
  const controls = await hunting([...controlsOf(results), ...harmless]);
  progress.stop();
  if (json) console.log(JSON.stringify(mutantDocument(results, controls), null, 2));
  else
    for (const line of [...mutantLines(results), '', ...controlLines(controls)]) console.log(line);
  process.exitCode = isOk(results, controls) ? 0 : SURVIVED;
};

await new Command('mutants')
  .description(
    'Breaks the protocols, one condition or step at a time, and sees whether the simulation finds it.',
  )
  .option('--only <text>', 'mutants whose names have this in them')
  .option('--within <seeds>', 'seeds to look under (default: as many as each is to take)', positive)
  .option('--json', 'print one JSON document', false)
  .addHelpText(
    'after',
    `
Examples:
  $ npm run mutants
  $ npm run mutants -- --only 'without not-in-tail' --within 100`,
  )
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : MISUSED))
  .action(run)
  .parseAsync();
