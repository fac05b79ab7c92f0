/**
 * The mutants from the command line: `npm run mutants`.
 *
 * Exits with 1 when one survives, or when the code as it is is found to do wrong; 2 when told nonsense.
 */
import { availableParallelism } from 'node:os';
import { wholeNumber } from '../../../lib/cli/options.ts';
import { programOf } from '../../support/command-line.ts';
import { controlsOf, huntAll } from './hunts.ts';
import { innocent, type Prey, preyOf } from './mutant.ts';
import { huntProgress } from './progress.ts';
import { isOk, mutantDocument, mutantText } from './report.ts';
import { EQUIVALENTS, MUTANTS } from './table.ts';

const SURVIVED = 1;
const AT_ONCE = Math.min(2, availableParallelism());

interface Options {
  readonly only?: string;
  readonly within?: number;
  readonly draw: boolean;
  readonly json: boolean;
}

const run = async ({ only = '', within, draw, json }: Options): Promise<void> => {
  const wanted = MUTANTS.filter(({ name }) => name.includes(only));
  if (wanted.length === 0) {
    const names = MUTANTS.map(({ name }) => `  ${name}`).join('\n');
    program.error(`error: no mutant's name has "${only}" in it. There are:\n${names}`);
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
  else console.log(mutantText(results, controls, draw));
  process.exitCode = isOk(results, controls) ? 0 : SURVIVED;
};

const program = programOf(
  'mutants',
  'Breaks the protocols, one condition or step at a time, and sees whether the simulation finds it.',
)
  .option('--only <text>', 'mutants whose names have this in them')
  .option(
    '--within <seeds>',
    'seeds to look under (default: as many as each is to take)',
    wholeNumber(1, 999_999),
  )
  .option('--draw', 'draw along time what gave each of them away', false)
  .option('--json', 'print one JSON document', false)
  .addHelpText(
    'after',
    `
Examples:
  $ npm run mutants
  $ npm run mutants -- --only 'a roll drops' --draw
  $ npm run mutants -- --only 'without not-in-tail' --within 100`,
  )
  .action(run);

await program.parseAsync();
