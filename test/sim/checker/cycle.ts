/**
 * Write-read, process and real-time edges form a cycle.
 *
 *                     b:  │ poll ──→ x │
 *                                          a:  │ send x │
 *
 * Two operations of each cycle are enough to see it. Real time orders all that do not overlap, and a
 * process's own order says nothing that real time does not say of what it did one after the other.
 * So walk a cycle in which no value is read before its send began: every write-read edge leads from a
 * send to a poll that ends no earlier than the send begins, every other edge from an end to a later
 * beginning. The beginnings of its sends then grow from each to the next, and never come back.
 * So some value on every cycle is read before its send began, and that is looked for.
 *
 * With the order of offsets as further edges a cycle is what `linearizability.ts` looks for.
 */
import { anomaly, eachPartition } from './anomaly.ts';
import { doneAt } from './history.ts';

/** A value was read by a poll that ended before its send began. */
export const cycle = eachPartition(function* (log, { work }) {
  for (const { poll, read } of log.reads) {
    for (const [offset, value] of read.records) {
      work.steps += 1;
      const send = log.sends.get(value);
      if (!send || doneAt(poll) >= send.invokedAt) continue;
      const detail = `${JSON.stringify(value)} was read at offset ${offset} before it was sent`;
      yield anomaly(log, detail, [poll, send]);
    }
  }
});
