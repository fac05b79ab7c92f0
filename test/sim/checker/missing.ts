/**
 * What is in the log is read.
 *
 *   lost write    0 a   1 ·   2 c ← highest read      b was told 1, or read there by a poll that timed out
 *   unseen        0 a   1 b   2 ·                     c was told 2, and the final reads ended before it
 *
 * Both are judged when all is over: what lies before the highest start that anybody may have set by
 * then is excused, as it may have been deleted before it was read.
 */
import { anomaly, eachPartition } from './anomaly.ts';
import type { Operation } from './history.ts';
import { lastStart, type Place } from './recorded-log.ts';

const shown = ({ value, offset }: Place): string => `${JSON.stringify(value)} at offset ${offset}`;

/** Acknowledged (or read) at or below the highest offset that anyone read, never read by an `ok` poll. */
export const lostWrite = eachPartition(function* (log, { work }) {
  let top = -1;
  let reader: Operation | undefined;
  for (const { poll, read } of log.reads) {
    work.steps += 1;
    for (const [offset] of read.records) {
      if (offset <= top) continue;
      top = offset;
      reader = poll;
    }
  }
  const start = lastStart(log);
  for (const places of log.byOffset.values()) {
    for (const place of places) {
      work.steps += 1;
      if (place.readBy || place.offset > top || place.offset < start) continue;
      const detail = `${shown(place)} was never read, though offset ${top} was`;
      yield anomaly(log, detail, [place.by, log.sends.get(place.value), reader]);
    }
  }
});

/** Acknowledged, or read before, and not read when everything was read at last. */
export const unseen = eachPartition(function* (log, { hasFinalReads, work }) {
  if (!hasFinalReads) return;
  const start = lastStart(log);
  const last = log.reads.findLast(({ poll }) => poll.final)?.poll;
  for (const places of log.byOffset.values()) {
    for (const place of places) {
      work.steps += 1;
      if (place.isReadAtLast || place.offset < start) continue;
      const detail = `${shown(place)} is not among what was read at last`;
      yield anomaly(log, detail, [place.by, log.sends.get(place.value), place.readBy, last]);
    }
  }
  for (const send of log.sends.values()) {
    work.steps += 1;
    // Of one that was told no offset nobody knows whether it was deleted, if anything was.
    if (send.outcome !== 'ok' || send.offset !== undefined || start > 0) continue;
    if (log.byValue.has(send.value)) continue;
    const detail = `${JSON.stringify(send.value)} was acknowledged, and is not among what was read at last`;
    yield anomaly(log, detail, [send, last]);
  }
});
