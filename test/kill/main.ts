/**
 * The kill test from the command line: `npm run kill -- --rounds 50 --fsync always --seed 7`.
 *
 * Prints one JSON document on standard output and what it is doing on standard error. Exits with 1
 * when the log contradicts what the clients were told.
 */
import { Command, InvalidArgumentError, Option } from 'commander';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { type KillReport, runKillTest } from './run.ts';
import { runSdkKillTest, type SdkKillReport } from './sdk.ts';
import { FSYNC_MODES, type FsyncMode } from './service.ts';

const wholeNumber = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
};

/** Anomalies that the summary shows of each mode. */
const SHOWN = 20;

const program = new Command('kill')
  .description(
    'Kills the local service at random moments and checks that nothing acknowledged is lost.',
  )
  .addOption(
    new Option('--fsync <mode>', 'one mode, or all of them one after the other')
      .choices([...FSYNC_MODES, 'all'])
      .default('all'),
  )
  .option('--rounds <n>', 'kills in each mode', wholeNumber, 10)
  .option('--seed <n>', 'moments and sizes follow from it (default: a random one)', wholeNumber)
  .option('--producers <n>', 'concurrent producers', wholeNumber, 8)
  .option('--partitions <n>', 'partitions of the topic', wholeNumber, 4)
  .option('--max-load-ms <ms>', 'the longest that a round lasts', wholeNumber, 1_500)
  .option(
    '--sdk',
    'one producer and one reader of the SDK live through all kills, instead of clients of their own',
  )
  .parse();

const options = program.opts<{
  fsync: FsyncMode | 'all';
  rounds: number;
  seed?: number;
  producers: number;
  partitions: number;
  maxLoadMs: number;
  sdk?: true;
}>();

const log = (line: string) => console.error(line);
const seed =
  options.seed ?? Buffer.from(systemRuntime.randomBytes(4)).readUInt32LE() % 1_000_000_000;
log(`seed ${seed}`);

const run = options.sdk ? runSdkKillTest : runKillTest;
const reports: (KillReport | SdkKillReport)[] = [];
for (const fsync of options.fsync === 'all' ? FSYNC_MODES : [options.fsync]) {
  reports.push(await run({ ...options, fsync, seed, runtime: systemRuntime, log }));
}
const lost = reports.some(({ anomalies }) => anomalies.length > 0);
const shown = reports.map((report) => ({
  ...report,
  anomalies: report.anomalies.slice(0, SHOWN),
  anomalyCount: report.anomalies.length,
}));
console.log(JSON.stringify({ ok: !lost, seed, modes: shown }, null, 2));
process.exitCode = lost ? 1 : 0;
