/** What `npm run fuzz` takes. */
import { readFileSync } from 'node:fs';
import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { wholeNumber } from '../../lib/cli/options.ts';
import { drawSeed, programOf, seed } from '../support/command-line.ts';
import type { Finding } from './fuzz.ts';
import { TARGET_NAMES, TARGETS, type TargetName } from './targets.ts';

export interface Options {
  readonly target: TargetName | 'all';
  readonly runs?: number;
  readonly seconds?: number;
  readonly seed: number;
  readonly at?: number;
  readonly replay?: Pick<Finding, 'target' | 'smallest'>;
  readonly limitMs: number;
  readonly findings: string;
  readonly json: boolean;
}

const count = wholeNumber(1, 1_000_000_000);

const finding = z.looseObject({ target: z.enum(Object.keys(TARGETS)), smallest: z.string() });

const findingIn = (file: string): Pick<Finding, 'target' | 'smallest'> => {
  try {
    return finding.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new InvalidArgumentError(`It is no finding: ${why}`);
  }
};

const EXAMPLES = `
Examples:
  $ npm run fuzz -- --seconds 30
  $ npm run fuzz -- --target records --runs 1000000
  $ npm run fuzz -- --target records --seed 7 --at 427
  $ npm run fuzz -- --replay fuzz-findings/records-7-427.json`;

const about = TARGET_NAMES.map((name) => `  ${name.padEnd(12)} ${TARGETS[name].about}`).join('\n');

/** Wrong usage ends the process. */
export const optionsOf = (args: readonly string[]): Options => {
  const program = programOf(
    'fuzz',
    'Feeds what takes strangers’ bytes with inputs that are nearly right, and looks for crashes, hangs, memory and wrong answers.',
  )
    .addOption(
      new Option('--target <name>', 'what is fed').choices(['all', ...TARGET_NAMES]).default('all'),
    )
    .option(
      '--runs <n>',
      'inputs of each target (default: 10000, or no bound with --seconds)',
      count,
    )
    .option('--seconds <n>', 'time for all targets together', count)
    .option('--seed <n>', 'inputs follow from it (default: a random one)', seed)
    .option('--at <index>', 'only the input of this index, of a target and a seed', wholeNumber(0))
    .addOption(
      new Option('--replay <file>', 'only the input of a finding, in its smallest form')
        .argParser(findingIn)
        .conflicts(['target', 'runs', 'seconds', 'seed', 'at']),
    )
    .option('--limit-ms <ms>', 'the longest that an input may take', count, 2_000)
    .option('--findings <directory>', 'where findings are written', 'fuzz-findings')
    .option('--json', 'print one JSON document', false)
    .addHelpText('after', `\nTargets:\n${about}\n${EXAMPLES}`)
    .parse(args, { from: 'user' });
  const { seed: given, ...options } = program.opts<Omit<Options, 'seed'> & { seed?: number }>();
  if (options.at !== undefined && (options.target === 'all' || given === undefined)) {
    program.error('error: --at is about one input: name its --target and its --seed');
  }
  return { ...options, seed: given ?? drawSeed() };
};
