/** What `npm run fuzz` takes. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { TARGET_NAMES, TARGETS, type TargetName } from './targets.ts';

export interface Options {
  readonly target: TargetName | 'all';
  readonly runs?: number;
  readonly seconds?: number;
  readonly seed: number;
  readonly at?: number;
  readonly replay?: string;
  readonly limitMs: number;
  readonly findings: string;
  readonly json?: true;
}

const wholeNumber = (text: string): number => {
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
};

const EXAMPLES = `
Examples:
  npm run fuzz -- --seconds 30                              all targets, 30 seconds in all
  npm run fuzz -- --target records --runs 1000000 --seed 7  a million inputs of one
  npm run fuzz -- --target records --seed 7 --at 427        the input 427 of that seed again
  npm run fuzz -- --replay fuzz-findings/records-7-427.json a finding again, in its smallest form
`;

const about = TARGET_NAMES.map((name) => `  ${name.padEnd(12)} ${TARGETS[name].about}`).join('\n');

/** @throws nothing: wrong usage ends the process */
export const optionsOf = (args: readonly string[]): Options =>
  new Command('fuzz')
    .description(
      'Feeds what takes strangers’ bytes with inputs that are nearly right, and looks for crashes, hangs, memory and wrong answers.',
    )
    .addOption(
      new Option('--target <name>', 'what is fed').choices(['all', ...TARGET_NAMES]).default('all'),
    )
    .option(
      '--runs <n>',
      'inputs of each target (default: 10000, or no bound with --seconds)',
      wholeNumber,
    )
    .option('--seconds <n>', 'time for all targets together', wholeNumber)
    .option('--seed <n>', 'inputs follow from it', wholeNumber, 7)
    .option('--at <index>', 'only the input of this index', wholeNumber)
    .option('--replay <file>', 'only the input of a finding')
    .option('--limit-ms <ms>', 'the longest that an input may take', wholeNumber, 2_000)
    .option('--findings <directory>', 'where findings are written', 'fuzz-findings')
    .option('--json', 'one JSON document on standard output instead of a table')
    .addHelpText('after', `\nTargets:\n${about}\n${EXAMPLES}`)
    .parse(args, { from: 'user' })
    .opts<Options>();
