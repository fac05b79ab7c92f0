/**
 * Who looks for the end sees all that was acknowledged before.
 *
 *   a:  │ send x ──→ 7 │
 *   b:                    │ poll from 5 ──→ 5 6, the log ends at 7 │
 */
import { anomaly, eachPartition } from './anomaly.ts';
import type { Operation } from './history.ts';
import { acknowledgedBy, type PartitionLog, type Told } from './recorded-log.ts';

/** Where answers said, or showed by giving nothing, that nothing more is. */
function* endsOf({ ends, reads }: PartitionLog): Generator<Told<Operation>> {
  yield* ends;
  for (const { poll, read } of reads) {
    const isEmpty = read.records.length === 0 && read.logEnd === undefined;
    if (isEmpty && poll.outcome === 'ok') yield { offset: read.from, by: poll };
  }
}

/** A poll to the end, or a look at it, begun after an acknowledgement does not reach it. */
export const staleTail = eachPartition(function* (log, { work }) {
  const acknowledged = acknowledgedBy(log.acknowledged, work);
  for (const { offset, by } of endsOf(log)) {
    work.steps += 1;
    const before = acknowledged.before(by.invokedAt);
    if (!before || before.height < offset) continue;
    const detail = `the log was told to end at ${offset}, after ${before.height} was acknowledged`;
    yield anomaly(log, detail, [before.by, by]);
  }
});
