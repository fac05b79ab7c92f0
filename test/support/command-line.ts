/**
 * What the programs of the tests have in common on a command line: `npm run sim`, `torture`, `fuzz`.
 *
 *   exit code   0 nothing was found    1 something was    2 told nonsense    130 interrupted
 */
import { SingleBar } from 'cli-progress';
import { Command } from 'commander';
import { wholeNumber } from '../../lib/cli/options.ts';
import { countText } from '../../lib/cli/quantities.ts';
import { systemRuntime } from '../../lib/model/runtime.ts';

const MISUSED = 2;
export const INTERRUPTED = 130;

/** A program that refuses nonsense with a code of its own: it is no finding. */
export const programOf = (name: string, description: string): Command =>
  new Command(name)
    .description(description)
    .showHelpAfterError('(--help tells what is legal)')
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : MISUSED));

/** Seeds are read out and typed again. */
const SEEDS = 1_000_000_000;

export const seed = wholeNumber(0, SEEDS - 1);

/** One that nobody tried before. */
export const drawSeed = (): number =>
  Buffer.from(systemRuntime.randomBytes(4)).readUInt32LE() % SEEDS;

/** A progress line on standard error, where a person looks at it; elsewhere it draws nothing. */
export const barOf = (format: string): SingleBar => {
  const bar = new SingleBar({
    format,
    stream: process.stderr,
    noTTYOutput: false,
    hideCursor: true,
    clearOnComplete: true,
    barsize: 24,
  });
  // Whatever ends the program, the terminal gets its cursor back.
  process.once('exit', () => bar.stop());
  return bar;
};

/** Lets those who wait for the program's exit clean up when it is told to end. */
export const exitOnSignals = (): void => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => process.exit(INTERRUPTED));
  }
};

/** `1 anomaly`, `1,234 anomalies`. */
export const quantity = (count: number, one: string, many = `${one}s`): string =>
  `${countText(count)} ${count === 1 ? one : many}`;
