/**
 * One value at one offset.
 *
 *   inconsistent offset    0 a   1 b   1 c      two values at one offset
 *   duplicate              0 a   1 b   2 a      one value at two offsets
 */
import { anomaly, eachPartition, listed } from './anomaly.ts';
import type { Send } from './history.ts';

/** Two values at one (partition, offset). */
export const inconsistentOffset = eachPartition(function* (log, { work }) {
  for (const [offset, places] of log.byOffset) {
    work.steps += 1;
    if (places.length < 2) continue;
    const values = listed(places.map(({ value }) => JSON.stringify(value)));
    const operations = places.flatMap(({ by, value }) => [by, log.sends.get(value)]);
    yield anomaly(log, `offset ${offset} holds ${values}`, operations);
  }
});

/** Without a sequence, or an offset of its own, what is called again is appended again. */
const mayRepeat = ({ producer, attempts }: Send): boolean => producer === 'plain' && attempts !== 1;

/** One value at two offsets, of a producer that does not repeat itself. */
export const duplicate = eachPartition(function* (log, { work }) {
  for (const [value, places] of log.byValue) {
    work.steps += 1;
    const send = log.sends.get(value);
    if (places.length < 2 || (send && mayRepeat(send))) continue;
    const offsets = places.map(({ offset }) => offset).sort((a, b) => a - b);
    const detail = `${JSON.stringify(value)} is at the offsets ${listed(offsets)}`;
    yield anomaly(log, detail, [send, ...places.map(({ by }) => by)]);
  }
});
