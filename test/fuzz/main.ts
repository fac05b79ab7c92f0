/**
 * The fuzzer from the command line: `npm run fuzz -- --target records --runs 1000000`.
 *
 * The summary, or one JSON document, goes to standard output; a bar to standard error where a person looks
 * at it. Each finding becomes a file that `--replay` takes. Exits with 1 when there is any, or memory grows.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { barOf, exitOnSignals, quantity } from '../support/command-line.ts';
import { chanceOf } from './chance.ts';
import { frozen } from './frozen.ts';
import { type Finding, fuzz, isClean, type Report } from './fuzz.ts';
import { optionsOf } from './options.ts';
import { TARGET_NAMES, type TargetName, targetNamed } from './targets.ts';
import { isLost, watched } from './watched.ts';

const DEFAULT_RUNS = 10_000;

const options = optionsOf(process.argv.slice(2));
const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const startBar = (name: string) => {
  const bar = barOf(
    `${name.padEnd(12)} {bar} {percentage}% | {inputs} inputs | {eta_formatted} left`,
  );
  bar.start(1_000, 0, { inputs: 0 });
  return {
    progress: (share: number, inputs: number) => bar.update(Math.floor(share * 1_000), { inputs }),
    stop: () => bar.stop(),
  };
};

const MiB = 1024 * 1024;
const mebibytes = (bytes: number): string => (bytes / MiB).toFixed(1);

const summaryOf = (report: Report): string => {
  const { target, inputs, seconds, inputsPerSecond, slowestMs, slowestIndex, memory } = report;
  const { seed, findings, grownBytes } = report;
  const outcomes = Object.entries(report.outcomes)
    .sort(([, one], [, other]) => other - one)
    .map(([outcome, times]) => `  ${String(times).padStart(9)}  ${outcome}`);
  const marks = memory.map(
    ({ inputs: at, heapBytes, residentBytes }) =>
      `  after ${at}: heap ${mebibytes(heapBytes)} MiB, resident ${mebibytes(residentBytes)} MiB`,
  );
  return [
    `${target}: ${quantity(inputs, 'input')} in ${seconds.toFixed(1)} s (${inputsPerSecond}/s), the slowest ${slowestMs.toFixed(0)} ms (input ${slowestIndex}), ${quantity(findings.length, 'finding')}`,
    ...outcomes,
    ...marks,
    ...(grownBytes > 0
      ? [
          `  MEMORY GROWS: ${mebibytes(grownBytes)} MiB more are held; again: npm run fuzz -- --target ${target} --seed ${seed} --runs ${inputs}`,
        ]
      : []),
  ].join('\n');
};

const lastLine = (reports: readonly Report[]): string => {
  const sum = (of: (report: Report) => number): number =>
    reports.reduce((total, report) => total + of(report), 0);
  return [
    quantity(reports.length, 'target'),
    quantity(
      sum(({ inputs }) => inputs),
      'input',
    ),
    `${sum(({ seconds }) => seconds).toFixed(1)} s`,
    quantity(
      sum(({ findings, grownBytes }) => findings.length + (grownBytes > 0 ? 1 : 0)),
      'finding',
    ),
  ].join('; ');
};

/** The file of a finding, and how it is seen again. */
const keep = (finding: Finding): string => {
  mkdirSync(options.findings, { recursive: true });
  const { target, seed, index } = finding;
  const path = join(options.findings, `${target}-${seed}-${index}.json`);
  writeFileSync(path, `${JSON.stringify(finding, null, 2)}\n`);
  return `${finding.fault.signature}, ${finding.times} times; again: npm run fuzz -- --replay ${path}`;
};

/** Runs one input in a thread. */
const again = async (target: string, input: string): Promise<boolean> => {
  const thread = watched(options.limitMs);
  const verdict = await thread.ask({ kind: 'one', target, input });
  await thread.close();
  const fault = isLost(verdict) || 'fault' in verdict ? verdict.fault : undefined;
  print(
    options.json
      ? JSON.stringify({ target, input, verdict }, null, 2)
      : (fault?.detail ?? JSON.stringify(verdict)),
  );
  return fault === undefined;
};

const runAll = async (): Promise<boolean> => {
  const { seed, limitMs, seconds, target } = options;
  const names: readonly TargetName[] = target === 'all' ? TARGET_NAMES : [target];
  const reports: Report[] = [];
  if (!options.json) print(`seed ${seed}`);
  for (const name of names) {
    const bar = startBar(name);
    const runs = options.runs ?? (seconds === undefined ? DEFAULT_RUNS : Infinity);
    const report = await fuzz({
      ...{ target: name, seed, runs, limitMs, progress: bar.progress },
      forMs: seconds === undefined ? Infinity : (seconds * 1000) / names.length,
    }).finally(bar.stop);
    reports.push(report);
    if (!options.json) print(summaryOf(report));
    for (const finding of report.findings) console.error(keep(finding));
  }
  const ok = reports.every(isClean);
  if (options.json) print(JSON.stringify({ ok, seed, targets: reports }, null, 2));
  else print(lastLine(reports));
  return ok;
};

const run = async (): Promise<boolean> => {
  const { replay, at, target, seed } = options;
  if (replay !== undefined) {
    return again(replay.target, replay.smallest);
  }
  if (at === undefined) return runAll();
  const input = (await targetNamed(target)).make(chanceOf(seed, at));
  return again(target, frozen(input));
};

exitOnSignals();
process.exitCode = (await run()) ? 0 : 1;
