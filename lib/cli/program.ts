/** The command line: `stratalog <command>`. Commands are one a file in `commands/`. */
import { readFileSync } from 'node:fs';
import { styleText } from 'node:util';
import { Command, CommanderError } from 'commander';
import { clusterCommand } from './commands/cluster.ts';
import { addCompletions } from './commands/completions.ts';
import { configsCommand } from './commands/configs.ts';
import { consumeCommand } from './commands/consume.ts';
import { devCommand } from './commands/dev.ts';
import { offsetsCommand } from './commands/offsets.ts';
import { produceCommand } from './commands/produce.ts';
import { recordsCommand } from './commands/records.ts';
import { topCommand } from './commands/top.ts';
import { topicsCommand } from './commands/topics.ts';
import { USAGE } from './exit-codes.ts';
import { tellJson } from './failure.ts';
import { endOnFailedOutput } from './output.ts';

/** Beside the sources it is two levels up, in what is published three. */
const version = (): string => {
  for (const path of ['../../package.json', '../../../package.json']) {
    try {
      return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')).version;
    } catch {}
  }
  return 'unknown';
};

/** Whether an error in the command line itself is for a program: the options are not parsed then. */
const wantsJson = (): boolean => process.argv.includes('--json');

/** Commander speaks of a `command-argument value`, and begins with `error:`. */
const inOurWords = (text: string): string =>
  text
    .replace(/^error: /, 'stratalog: ')
    .replace(/^stratalog: command-argument value /, 'stratalog: ');

/** Commander's own errors (an unknown option, a missing argument) end with our code and in our form. */
const behaveLikeUs = (command: Command): void => {
  command
    .exitOverride()
    .showHelpAfterError('(--help tells what is legal)')
    .configureHelp({ styleTitle: (title) => styleText('bold', title, { validateStream: false }) })
    .configureOutput({
      outputError: (text, write) => write(inOurWords(text)),
      writeErr: (text) => {
        if (!wantsJson()) process.stderr.write(text);
      },
    });
  for (const child of command.commands) behaveLikeUs(child);
};

/** The program with all its commands. */
export const createProgram = (): Command => {
  const program = new Command('stratalog')
    .description('A Kafka-shaped log: run it here, write to it, read from it.')
    .version(version())
    .addCommand(devCommand())
    .addCommand(topicsCommand())
    .addCommand(configsCommand())
    .addCommand(produceCommand())
    .addCommand(consumeCommand())
    .addCommand(offsetsCommand())
    .addCommand(recordsCommand())
    .addCommand(topCommand())
    .addCommand(clusterCommand())
    .addHelpText(
      'after',
      `
Examples:
  $ stratalog dev                                     the service on this machine
  $ stratalog topics create orders --partitions 3
  $ echo 'k:v' | stratalog produce orders --key-separator ':'
  $ stratalog consume orders --follow
  $ stratalog top                                     what is written, as it happens

STRATALOG_ENDPOINT or STRATALOG_STACK says where the service is, instead of --endpoint or --stack.

Exit codes: 0 done, 1 unexpected, 2 wrong usage, 3 no such topic or offset, 4 conflict,
5 records refused, 6 service unavailable, 7 damaged data, 8 not allowed.`,
    );
  addCompletions(program);
  behaveLikeUs(program);
  return program;
};

/** Runs the command that the process's arguments name. What fails sets the exit code. */
export const runProgram = async (): Promise<void> => {
  endOnFailedOutput();
  try {
    await createProgram().parseAsync();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? 0 : USAGE;
    if (process.exitCode === 0 || !wantsJson()) return;
    const message =
      error.code === 'commander.help'
        ? 'A command is missing; --help lists them.'
        : error.message.replace(/^error: /, '');
    tellJson({ code: 'INVALID_REQUEST', message, retriable: false, effect: 'none', context: {} });
  }
};
