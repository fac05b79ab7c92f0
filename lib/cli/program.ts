/** The command line: `stratalog <command>`. Commands are one a file in `commands/`. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { consumeCommand } from './commands/consume.ts';
import { devCommand } from './commands/dev.ts';
import { produceCommand } from './commands/produce.ts';
import { topicsCommand } from './commands/topics.ts';
import { USAGE } from './exit-codes.ts';
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

/** Commander's own errors (an unknown option, a missing argument) end with the code for wrong usage. */
const exitLikeUs = (command: Command): void => {
  command.exitOverride();
  for (const child of command.commands) exitLikeUs(child);
};

const program = new Command('stratalog')
  .description('A Kafka-shaped log: run it here, write to it, read from it.')
  .version(version())
  .configureHelp({ showGlobalOptions: true })
  .showHelpAfterError('(--help tells what is legal)')
  .addCommand(devCommand())
  .addCommand(topicsCommand())
  .addCommand(produceCommand())
  .addCommand(consumeCommand())
  .addHelpText(
    'after',
    `
Examples:
  $ stratalog dev                                     the service on this machine
  $ stratalog topics create orders --partitions 3
  $ echo 'k:v' | stratalog produce orders --key-separator ':'
  $ stratalog consume orders --follow

Exit codes: 0 done, 1 unexpected, 2 wrong usage, 3 no such topic or offset, 4 conflict,
5 records refused, 6 service unavailable, 7 damaged data.`,
  );
exitLikeUs(program);

/** Runs the command that the process's arguments name. What fails sets the exit code. */
export const runProgram = async (): Promise<void> => {
  endOnFailedOutput();
  try {
    await program.parseAsync();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? 0 : USAGE;
  }
};
