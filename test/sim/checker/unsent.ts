/**
 * What was read had been sent.
 *
 *   aborted read    a: send x ──✗ fail              b: poll ──→ x
 *   phantom                                         b: poll ──→ y, and nobody sent y
 */
import { anomaly, eachPartition } from './anomaly.ts';

/** An `ok` poll returns a value whose send failed for certain. */
export const abortedRead = eachPartition(function* (log, { work }) {
  for (const send of log.sends.values()) {
    work.steps += 1;
    if (send.outcome !== 'fail') continue;
    const read = log.byValue.get(send.value)?.find(({ readBy }) => readBy);
    if (!read) continue;
    const detail = `${JSON.stringify(send.value)} was refused, and read at offset ${read.offset}`;
    yield anomaly(log, detail, [send, read.readBy]);
  }
});

/** A value read that nobody sent to this partition. */
export const phantom = eachPartition(function* (log, { work }) {
  for (const [value, places] of log.byValue) {
    work.steps += 1;
    if (log.sends.has(value)) continue;
    const { offset, by } = places[0]!;
    yield anomaly(log, `${JSON.stringify(value)} at offset ${offset} was sent by nobody`, [by]);
  }
});
