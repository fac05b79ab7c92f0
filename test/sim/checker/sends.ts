/**
 * Offsets follow the order of sends.
 *
 *   non-monotonic send    a: send x ──→ 7    a: send y ──→ 4
 *   real-time order       a: send x ──→ 7 │  b:   │ send y ──→ 4
 *   expected end          a: send x, if the log ends at 5 ──→ 6
 */
import { anomaly, eachPartition, type Rule } from './anomaly.ts';
import type { Rise } from './highest.ts';
import type { Send } from './history.ts';
import { acknowledgedBy, type PartitionLog } from './recorded-log.ts';

const shown = ({ value }: Send, offset: number): string =>
  `${JSON.stringify(value)} is at ${offset}`;

const lowerThan = (log: PartitionLog, before: Rise<Send>, send: Send, offset: number) =>
  anomaly(log, `${shown(before.by, before.height)}, and sent later, ${shown(send, offset)}`, [
    before.by,
    send,
  ]);

/**
 * Within a process and partition: a later send gets a lower offset.
 *
 * Sends that are under way together have an order only if their producer numbers them.
 */
export const nonMonotonicSend: Rule = eachPartition(function* (log, { work }) {
  for (const inOrder of Map.groupBy(log.acknowledged, ({ by }) => by.process).values()) {
    const done = acknowledgedBy(inOrder, work);
    let numbered: Rise<Send> | undefined;
    for (const { offset, by } of inOrder) {
      work.steps += 1;
      const isNumbered = by.producer === 'idempotent';
      const before = [done.before(by.invokedAt), isNumbered ? numbered : undefined].find(
        (one) => one && one.height > offset,
      );
      if (before) yield lowerThan(log, before, by, offset);
      if (isNumbered && offset > (numbered?.height ?? -1)) {
        numbered = { at: by.invokedAt, height: offset, by };
      }
    }
  }
});

/** Send A completed before send B began, but offset(A) > offset(B). */
export const realTimeOrder = eachPartition(function* (log, { work }) {
  const acknowledged = acknowledgedBy(log.acknowledged, work);
  for (const [value, places] of log.byValue) {
    work.steps += 1;
    const send = log.sends.get(value);
    if (!send) continue;
    const before = acknowledged.before(send.invokedAt);
    const offset = places.reduce((least, place) => Math.min(least, place.offset), Infinity);
    if (before && before.height > offset) yield lowerThan(log, before, send, offset);
  }
});

/** A value lies elsewhere than where alone its producer wanted it, or was refused although it fitted. */
export const expectedEnd = eachPartition(function* (log, { work }) {
  for (const send of log.sends.values()) {
    work.steps += 1;
    if (send.producer !== 'expectedEnd' || send.expectedEnd === undefined) continue;
    const wanted = `${JSON.stringify(send.value)} was sent for offset ${send.expectedEnd}`;
    const elsewhere = log.byValue
      .get(send.value)
      ?.find(({ offset }) => offset !== send.expectedEnd);
    if (elsewhere)
      yield anomaly(log, `${wanted}, and is at ${elsewhere.offset}`, [send, elsewhere.by]);
    if (send.outcome === 'fail' && send.logEnd === send.expectedEnd) {
      yield anomaly(log, `${wanted}, where the log ended, and was refused`, [send]);
    }
  }
});
