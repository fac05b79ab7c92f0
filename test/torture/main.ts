/**
 * The torture from the command line: `npm run torture -- --rounds 50 --fsync always --faults kill,stop`.
 *
 * Exits with 1 when the service contradicts itself, or when a fault that was asked for cannot be had.
 */
import { InvalidArgumentError, Option } from 'commander';
import { wholeNumber } from '../../lib/cli/options.ts';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { drawSeed, exitOnSignals, programOf, seed } from '../support/command-line.ts';
import { FSYNC_MODES, type FsyncMode } from '../support/local-service.ts';
import { sdkCrowd } from './clients/sdk.ts';
import { httpCrowd } from './crowd.ts';
import { rerunAsRoot } from './disk.ts';
import { FAULTS, type Fault, LEAST_LOAD_MS } from './plan.ts';
import { roundProgress } from './progress.ts';
import { lastLine, modeLines } from './report.ts';
import { isClean, type TortureReport, torture } from './run.ts';

const isFault = (name: string): name is Fault => FAULTS.some((one) => one === name);

const faultList = (text: string): ReadonlySet<Fault> => {
  const names = text.split(',');
  if (names.every(isFault)) return new Set(names);
  throw new InvalidArgumentError(`It takes ${FAULTS.join(', ')}, joined by commas.`);
};

interface Options {
  readonly fsync: FsyncMode | 'all';
  readonly rounds: number;
  readonly seed?: number;
  readonly faults: ReadonlySet<Fault>;
  readonly maxLoadMs: number;
  readonly sdk: boolean;
  readonly json: boolean;
}

/** What brings the same faults and requests upon a mode again; how far the clients come is another matter. */
const repeatOf = (
  { fsync, seed }: TortureReport,
  { rounds, faults, maxLoadMs, sdk }: Omit<Options, 'fsync' | 'seed'>,
): string =>
  [
    `npm run torture -- --fsync ${fsync} --rounds ${rounds} --seed ${seed}`,
    `--faults ${[...faults].join(',')} --max-load-ms ${maxLoadMs}${sdk ? ' --sdk' : ''}`,
  ].join(' ');

const run = async ({ fsync, rounds, faults, maxLoadMs, sdk, json, ...given }: Options) => {
  // Whatever was started or mounted is undone by those who did it, when the process exits.
  exitOnSignals();
  const seed = given.seed ?? drawSeed();
  const say = (line: string) => {
    if (!json) console.log(line);
  };
  say(`seed ${seed}`);
  const reports: TortureReport[] = [];
  for (const mode of fsync === 'all' ? FSYNC_MODES : [fsync]) {
    const progress = roundProgress(mode, rounds);
    const crowd = sdk ? sdkCrowd : httpCrowd;
    const { onRound } = progress;
    const options = { fsync: mode, rounds, seed, faults, crowd, maxLoadMs, onRound };
    const report = await torture({ ...options, runtime: systemRuntime }).finally(progress.stop);
    reports.push(report);
    for (const line of modeLines(report)) say(line);
    if (!isClean(report)) say(`  again: ${repeatOf(report, { ...options, sdk, json })}`);
  }
  const ok = reports.every(isClean);
  console.log(json ? JSON.stringify({ ok, seed, modes: reports }, null, 2) : lastLine(reports));
  process.exit(ok ? 0 : 1);
};

const program = programOf(
  'torture',
  'Kills, halts and stops the local service under load, fills its disk, and checks everything that its clients were told.',
)
  .addOption(
    new Option('--fsync <mode>', 'one mode, or all of them one after the other')
      .choices([...FSYNC_MODES, 'all'])
      .default('all'),
  )
  .option('--rounds <n>', 'starts of the service in each mode', wholeNumber(1, 1_000_000), 10)
  .option('--seed <n>', 'faults and requests follow from it (default: a random one)', seed)
  .addOption(
    new Option(
      '--faults <list>',
      'kill: SIGKILL, also while it starts; stop: SIGSTOP for up to 3 s; full: no disk space (root, or unshare)',
    )
      .argParser(faultList)
      .default(new Set<Fault>(['kill', 'stop']), 'kill,stop'),
  )
  .option(
    '--max-load-ms <ms>',
    'the longest time between two faults',
    wholeNumber(LEAST_LOAD_MS, 3_600_000),
    700,
  )
  .option('--sdk', 'a producer and a reader of the SDK instead of clients over plain HTTP', false)
  .option('--json', 'print one JSON document', false)
  .addHelpText(
    'after',
    `
SIGTERM comes now and then, whatever the faults. What is found is kept: data, history, timelines.

Examples:
  $ npm run torture -- --rounds 50
  $ npm run torture -- --rounds 30 --fsync always --faults kill,stop,full
  $ npm run torture -- --sdk --rounds 20 --seed 7 --json`,
  )
  .action(async (options: Options) => {
    const status = options.faults.has('full') ? await rerunAsRoot() : undefined;
    if (status !== undefined) process.exit(status);
    try {
      await run(options);
    } catch (error) {
      console.error(error instanceof Error ? error.message : String(error));
      process.exit(1);
    }
  });

await program.parseAsync();
