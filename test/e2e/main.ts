/**
 * The deployed stack, proven end to end: `npm run test:e2e -- [--target aws] [--json]`.
 *
 *   a place ──► vitest: 10-deploy … 90-destroy, in order ──► a report
 *
 * Exits with 1 when something is not as it should be, with 2 when it is told nonsense.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Option } from 'commander';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { exitOnSignals, programOf } from '../support/command-line.ts';
import { ROOT } from './cdk.ts';
import { summaryOf } from './report.ts';
import { environmentOf } from './stage.ts';
import { open, type Place, TARGETS, type Target } from './targets.ts';

/** Files that can only tell something where AWS, or at least IAM, is what it is. */
const ONLY_WHERE: readonly {
  readonly files: string;
  readonly what: string;
  readonly holds: (place: Place) => boolean;
}[] = [
  {
    files: 'test/e2e/*-iam-*.test.ts',
    what: 'IAM is enforced',
    holds: ({ enforcesIam = false }) => enforcesIam,
  },
  {
    files: 'test/e2e/*-aws-*.test.ts',
    what: 'conditions of policies are looked at',
    holds: () => options.target === 'aws',
  },
];

const program = programOf(
  'test:e2e',
  'Deploys the app with the CDK CLI, uses the log by its API and by Invoke, changes it under load, and destroys it.',
)
  .addOption(
    new Option('--target <where>', 'where it is deployed')
      .choices(TARGETS)
      .default(
        process.env.AWS_ENDPOINT_URL === undefined ? 'emulator' : 'endpoint',
        'an emulator started for this, or what AWS_ENDPOINT_URL names',
      ),
  )
  .option(
    '--only <text...>',
    'only the files whose names have this in them; 10 deploys, 90 destroys',
  )
  .option('--json', 'print one JSON document instead of the tests as they pass', false)
  .parse();

const options = program.opts<{
  readonly target: Target;
  readonly only?: readonly string[];
  readonly json: boolean;
}>();

/** Whoever waits for the document reads nothing else there. */
const tell = (line: string): void => void process.stderr.write(`${line}\n`);

const suites = async (place: Place, reportFile: string) => {
  const { stack, environment } = place;
  const reporters = [...(options.json ? [] : ['--reporter=verbose']), '--reporter=json'];
  const left = ONLY_WHERE.filter(({ holds }) => !holds(place));
  for (const { files, what } of left) tell(`without ${files}: only where ${what}`);
  const filters = left.flatMap(({ files }) => ['--exclude', files]);
  const args = ['run', '--config', 'vitest.e2e.config.ts', ...reporters, ...filters];
  const vitest = spawn(
    'vitest',
    [...args, `--outputFile.json=${reportFile}`, ...(options.only ?? [])],
    {
      cwd: ROOT,
      stdio: ['ignore', options.json ? 'ignore' : 'inherit', 'inherit'],
      env: { ...environment, ...environmentOf({ stack, isAws: options.target === 'aws' }) },
    },
  );
  const [status] = await once(vitest, 'close');
  return status as number | null;
};

exitOnSignals();
const startedMs = systemRuntime.monotonicMs();
const place = await open[options.target]().catch((error: Error) => program.error(error.message));
tell(`deploying in ${place.described}`);
const scratch = mkdtempSync(join(tmpdir(), 'stratalog-e2e-'));
const reportFile = join(scratch, 'report.json');
const log = `${scratch}.log`;
let status: number | null = 1;
try {
  status = await suites(place, reportFile);
  const seconds = Math.round((systemRuntime.monotonicMs() - startedMs) / 1_000);
  const summary = summaryOf(JSON.parse(readFileSync(reportFile, 'utf8')));
  const leftOut = ONLY_WHERE.filter(({ holds }) => !holds(place)).map(({ files, what }) => ({
    files,
    reason: `only where ${what}`,
  }));
  const document = { target: options.target, place: place.described, seconds, leftOut, ...summary };
  if (options.json) console.log(JSON.stringify(document, undefined, 2));
  else tell(`${summary.passed} passed, ${summary.failed} failed, in ${seconds} s`);
} finally {
  if (status !== 0 && options.target === 'aws') {
    tell(`Stacks whose names begin with ${place.stack} may be left there, and what they kept.`);
  }
  const isKept = status !== 0 && place.said !== undefined;
  if (isKept) tell(`${place.said?.()}\n\nThe whole log is kept in ${log}`);
  await place.close(isKept ? { keepLogAs: log } : {});
  rmSync(scratch, { recursive: true, force: true });
}
process.exitCode = status === 0 ? 0 : 1;
