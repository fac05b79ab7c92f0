/**
 * The start of a log moves up, when somebody deletes.
 *
 *   deleted read    a:  │ delete before 5 │   b:  │ poll ──→ 4 … │      or the start told is below 5
 *   early start     b:  │ the log starts at 5 │   a:  │ delete before 5 │   or nobody ever asked for it
 */
import { anomaly, eachPartition } from './anomaly.ts';
import { highest } from './highest.ts';
import { doneAt } from './history.ts';
import type { PartitionLog, RecordedLog } from './recorded-log.ts';

/** The highest start that was told, or asked for and granted, by a moment: it never goes back. */
const grantedBy = ({ starts, deletions }: PartitionLog, { work }: RecordedLog) =>
  highest(
    [
      ...starts.map(({ offset, by }) => ({ at: doneAt(by), height: offset, by })),
      ...deletions
        .filter(({ height }) => Number.isFinite(height))
        .map(({ by, height }) => ({ at: doneAt(by), height, by })),
    ],
    work,
  );

/** A poll gets what was deleted before it began, or the start told goes back. */
export const deletedRead = eachPartition(function* (log, recorded) {
  const granted = grantedBy(log, recorded);
  const seen = [
    ...log.starts,
    ...log.reads.flatMap(({ poll, read }) => {
      const [first] = read.records;
      return first ? [{ offset: first[0], by: poll }] : [];
    }),
  ];
  for (const { offset, by } of seen) {
    recorded.work.steps += 1;
    const before = granted.before(by.invokedAt);
    if (!before || before.height <= offset) continue;
    const detail = `offset ${offset} was told to be in the log, after it was told to start at ${before.height}`;
    yield anomaly(log, detail, [before.by, by]);
  }
});

/** The start told lies above what anybody had asked to delete. */
export const earlyStart = eachPartition(function* (log, { work }) {
  if (log.facts.retained) return;
  for (const { offset, by } of log.starts) {
    work.steps += 1;
    const possible = log.possibleStart.until(doneAt(by));
    if (offset <= (possible?.height ?? 0)) continue;
    const detail = `the log was told to start at ${offset}, which nobody had asked for`;
    yield anomaly(log, detail, [possible?.by, by]);
  }
});
