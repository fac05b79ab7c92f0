/**
 * What the clients were told, and what must then be in the log.
 *
 *   sent ──┬─ acknowledged at (partition, offset)    must be there, once, and nowhere else
 *          ├─ refused with effect "none"             must not be there
 *          └─ no answer                              may be there, once, or not
 *
 *   seen by a reader at (partition, offset)          must still be there
 *
 * The names of the anomalies are those of Jepsen's Kafka workload where it has one.
 */
import { idOf } from './value.ts';

/** Where a record is. */
export interface Place {
  readonly partition: number;
  readonly offset: number;
}

/** What the clients know, by value id. */
export interface History {
  /** Partition each value was sent to. */
  readonly sent: Map<string, number>;
  /** In the order of the answers. */
  readonly acknowledged: Map<string, Place>;
  readonly refused: Set<string>;
  /** Seen by readers while the service was being killed. */
  readonly seen: Map<string, Place>;
}

export const newHistory = (): History => ({
  sent: new Map(),
  acknowledged: new Map(),
  refused: new Set(),
  seen: new Map(),
});

/** One record as the final read returned it. */
export interface FoundRecord extends Place {
  readonly value: string;
}

export type AnomalyKind =
  | 'lost' // acknowledged, and not in the log
  | 'unread' // seen by a reader, and not in the log
  | 'misplaced' // acknowledged or seen at one place, found at another
  | 'duplicate' // one value at two places
  | 'aborted-read' // refused as certainly not done, and in the log
  | 'phantom' // in the log, and sent by nobody (or to another partition)
  | 'corrupt' // bytes that nobody sent
  | 'gap' // an offset left out, or told twice
  | 'out-of-order' // of one producer and partition, a later value lies before an earlier one
  | 'non-monotonic-send'; // of one producer and partition, a later acknowledgement has a lower offset

export interface Anomaly {
  readonly kind: AnomalyKind;
  readonly detail: string;
}

const at = ({ partition, offset }: Place): string => `${partition}@${offset}`;

const same = (a: Place, b: Place): boolean => a.partition === b.partition && a.offset === b.offset;

/** Where each value is, and what is wrong with the log by itself. */
const readLog = (history: History, found: readonly FoundRecord[], report: Report) => {
  const places = new Map<string, Place>();
  const nextOffsets = new Map<number, number>();
  for (const record of found) {
    const expected = nextOffsets.get(record.partition) ?? 0;
    if (record.offset !== expected) report('gap', `${at(record)} follows offset ${expected - 1}`);
    nextOffsets.set(record.partition, record.offset + 1);

    const id = idOf(record.value);
    if (id === undefined) {
      report('corrupt', `${at(record)} holds ${JSON.stringify(record.value.slice(0, 60))}`);
      continue;
    }
    const before = places.get(id);
    if (before) report('duplicate', `${id} is at ${at(before)} and at ${at(record)}`);
    else places.set(id, { partition: record.partition, offset: record.offset });
    if (history.sent.get(id) !== record.partition) report('phantom', `${id} is at ${at(record)}`);
    if (history.refused.has(id)) report('aborted-read', `${id} is at ${at(record)}`);
  }
  return places;
};

type Report = (kind: AnomalyKind, detail: string) => void;

/** Every way in which the log contradicts what the clients were told; none is what must hold. */
export const check = (history: History, found: readonly FoundRecord[]): readonly Anomaly[] => {
  const anomalies: Anomaly[] = [];
  const report: Report = (kind, detail) => anomalies.push({ kind, detail });
  const places = readLog(history, found, report);

  const lastOf = new Map<string, number>();
  for (const [id, told] of history.acknowledged) {
    const place = places.get(id);
    if (!place) report('lost', `${id} was acknowledged at ${at(told)}`);
    else if (!same(place, told)) report('misplaced', `${id} told ${at(told)}, is at ${at(place)}`);

    const [round, producer] = id.split('.');
    const stream = `${round}.${producer}@${told.partition}`;
    const last = lastOf.get(stream);
    if (last !== undefined && told.offset <= last) {
      report('non-monotonic-send', `${id} got ${at(told)} after ${last}`);
    }
    lastOf.set(stream, told.offset);
  }
  for (const [id, seen] of history.seen) {
    const place = places.get(id);
    if (!place) report('unread', `${id} was read at ${at(seen)}`);
    else if (!same(place, seen))
      report('misplaced', `${id} was at ${at(seen)}, is at ${at(place)}`);
  }
  return anomalies;
};
