/** Reports as lines for people; the last one sums all up. */
import { readFileSync } from 'node:fs';
import { quantity } from '../support/command-line.ts';
import { isClean, type TortureReport } from './run.ts';

const sumOf = (reports: readonly TortureReport[], of: (report: TortureReport) => number): number =>
  reports.reduce((sum, report) => sum + of(report), 0);

/** Broken rules, and what no rule speaks of. */
const found = ({ anomalies, surprises }: TortureReport): number =>
  Object.values(anomalies).reduce((sum, n) => sum + n, surprises.length);

const faultsOf = (reports: readonly TortureReport[]): string =>
  [
    `${quantity(
      sumOf(reports, ({ kills }) => kills),
      'kill',
    )} (${sumOf(reports, ({ killedAtStart }) => killedAtStart)} at the start)`,
    quantity(
      sumOf(reports, ({ stops }) => stops),
      'halt',
    ),
    quantity(
      sumOf(reports, ({ fullDisks }) => fullDisks),
      'full disk',
    ),
    quantity(
      sumOf(reports, ({ cleanStops }) => cleanStops),
      'clean stop',
    ),
  ].join(', ');

const totals = (reports: readonly TortureReport[]): string =>
  [
    quantity(
      sumOf(reports, ({ rounds }) => rounds),
      'round',
    ),
    `${quantity(
      sumOf(reports, ({ operations }) => operations),
      'operation',
    )}, ${quantity(
      sumOf(reports, ({ acknowledged }) => acknowledged),
      'record',
    )} acknowledged`,
    faultsOf(reports),
    quantity(sumOf(reports, found), 'anomaly', 'anomalies'),
  ].join('; ');

/** What a mode did, and where to look when it found something. */
export const modeLines = (report: TortureReport): readonly string[] => {
  const { fsync, durationMs, byKind, refusals, anomalies, surprises, kept } = report;
  const kinds = Object.entries(byKind).map(
    ([kind, { ok, fail, info }]) =>
      `  ${kind.padEnd(16)}${ok} ok, ${fail} refused, ${info} unknown`,
  );
  const refused = Object.entries(refusals).map(([code, n]) => `${n} ${code}`);
  const lines = [
    `fsync ${fsync}: ${totals([report])}; ${(durationMs / 1000).toFixed(0)} s`,
    ...kinds,
    ...(refused.length > 0 ? [`  refusals        ${refused.join(', ')}`] : []),
  ];
  if (isClean(report)) return lines;
  const rules = Object.entries(anomalies).map(([rule, n]) => `  ${rule}: ${n}`);
  const files = kept ? Object.values(kept).map((path) => `  kept: ${path}`) : [];
  const drawn = kept?.timelineFile
    ? [readFileSync(kept.timelineFile, 'utf8').split('\n\n\n')[0]!]
    : [];
  return [...lines, ...rules, ...surprises.map((one) => `  ${one}`), ...files, ...drawn];
};

export const lastLine = (reports: readonly TortureReport[]): string => totals(reports);
