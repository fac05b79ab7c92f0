/**
 * Append, read and check-end of a partition, each at one moment between its beginning and its end.
 *
 * Offsets are a total order, so nothing has to be searched. Let T(o) be the moment at which the log
 * came to hold offset o; what is asked is whether there are such moments with T(0) ≤ T(1) ≤ T(2) ≤ …
 *
 *   not before                                        not after
 *   send of o began                      ≤  T(o)  ≤   send of o was acknowledged
 *   a look that told end = o began       ≤  T(o)      a poll that got o ended, or a look that told end = o + 1
 *
 * There are, unless some offset had to come in after moment t, and one at or above it before t:
 * otherwise take for T(o) the latest "not before" of all offsets up to o. A look at end = E then has its
 * moment, as T(E−1) ≤ its end and T(E) ≥ its beginning. This is all of linearizability for these three.
 */
import { anomaly, eachPartition } from './anomaly.ts';
import { highest, type Rise } from './highest.ts';
import { doneAt, type Operation } from './history.ts';
import type { PartitionLog } from './recorded-log.ts';

/** Offset (`at`) and the moment (`height`) before which the log did not hold it. */
function* notBefore(log: PartitionLog): Generator<Rise<Operation>> {
  for (const [value, places] of log.byValue) {
    const send = log.sends.get(value);
    if (!send) continue;
    for (const { offset } of places) yield { at: offset, height: send.invokedAt, by: send };
  }
  for (const { offset, by } of log.ends) yield { at: offset, height: by.invokedAt, by };
  for (const { poll, read } of log.reads) {
    if (poll.outcome === 'ok' && read.records.length === 0 && read.logEnd === undefined) {
      yield { at: read.from, height: poll.invokedAt, by: poll };
    }
  }
}

/** Offset (`at`) and the moment (`height`) after which the log held it. */
function* notAfter(log: PartitionLog): Generator<Rise<Operation>> {
  for (const { offset, by } of log.acknowledged) yield { at: offset, height: doneAt(by), by };
  for (const { offset, by } of log.ends) yield { at: offset - 1, height: doneAt(by), by };
  for (const { poll, read } of log.reads) {
    const last = read.records.at(-1);
    if (last) yield { at: last[0], height: doneAt(poll), by: poll };
  }
}

/** Answers that no order of appends, reads and looks at the end gives. */
export const linearizability = eachPartition(function* (log, { work }) {
  const latest = highest(notBefore(log), work);
  for (const { at, height, by } of notAfter(log)) {
    work.steps += 1;
    const late = latest.until(at);
    if (!late || late.height <= height) continue;
    const detail = `the log held offset ${at} by ${height}, and did not yet hold ${late.at} at ${late.height}`;
    yield anomaly(log, detail, [late.by, by]);
  }
});
