/** What is kept of a run that found something: the data, the history, and its first anomaly drawn. */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Verdict } from '../sim/checker/check.ts';
import { RULES, type RuleName } from '../sim/checker/check.ts';
import { formatHistory, type History } from '../sim/checker/history.ts';
import { drawTimeline } from '../sim/checker/timeline.ts';

export interface Evidence {
  readonly dataDirectory: string;
  readonly historyFile: string;
  /** Absent where only surprises were met. */
  readonly timelineFile?: string;
}

/** The first anomaly of each rule, drawn. */
export const drawAll = ({ anomalies }: Verdict): string =>
  (Object.keys(RULES) as RuleName[])
    .flatMap((rule) => {
      const [first] = anomalies.get(rule) ?? [];
      return first ? [drawTimeline(rule, first)] : [];
    })
    .join('\n\n');

/** Writes it into `directory`; data that lies elsewhere is copied. */
export const keepEvidence = async (
  directory: string,
  dataDirectory: string,
  history: History,
  verdict: Verdict,
): Promise<Evidence> => {
  const kept = join(directory, 'data');
  if (kept !== dataDirectory) {
    await mkdir(kept, { recursive: true });
    await cp(dataDirectory, kept, { recursive: true });
  }
  const historyFile = join(directory, 'history.jsonl');
  await writeFile(historyFile, [...formatHistory(history)].join(''));
  if (verdict.anomalies.size === 0) return { dataDirectory: kept, historyFile };
  const timelineFile = join(directory, 'anomalies.txt');
  await writeFile(timelineFile, drawAll(verdict));
  return { dataDirectory: kept, historyFile, timelineFile };
};
