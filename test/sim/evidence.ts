/**
 * What a failure leaves behind, in a directory of its own:
 *
 *   plan.json       runs it again
 *   history.jsonl   what everybody asked and was told
 *   timeline.txt    the first finding, drawn
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatHistory } from './checker/history.ts';
import { drawTimeline } from './checker/timeline.ts';
import type { Plan } from './plan.ts';
import { formatPlan } from './plan-file.ts';
import type { Run } from './run.ts';
import type { Found } from './sight.ts';

export interface Evidence {
  readonly planFile: string;
  /** Absent where a run came to nothing. */
  readonly historyFile?: string;
  readonly timelineFile?: string;
  /** The first finding, drawn. */
  readonly timeline?: string;
}

export const keepPlan = async (directory: string, plan: Plan): Promise<Evidence> => {
  await mkdir(directory, { recursive: true });
  const planFile = join(directory, 'plan.json');
  await writeFile(planFile, formatPlan(plan));
  return { planFile };
};

/** `found`: what is drawn. */
export const keepRun = async (
  directory: string,
  run: Run,
  found: Pick<Found, 'rule' | 'detail'>,
): Promise<Evidence> => {
  const kept = await keepPlan(directory, run.plan);
  const historyFile = join(directory, 'history.jsonl');
  await writeFile(historyFile, [...formatHistory(run.history)].join(''));
  const finding = run.findings.find(
    ({ rule, detail }) => rule === found.rule && detail === found.detail,
  );
  if (finding === undefined) return { ...kept, historyFile };
  const timelineFile = join(directory, 'timeline.txt');
  const { rule, by } = finding;
  const timeline = drawTimeline(by === undefined ? rule : `${rule} by ${by}`, finding);
  await writeFile(timelineFile, timeline);
  return { ...kept, historyFile, timelineFile, timeline };
};
