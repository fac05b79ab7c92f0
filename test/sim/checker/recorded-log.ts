/**
 * A history as the rules want it: per partition, which value was seen at which offset and by whom.
 *
 *   log[p][o] = values that polls of any outcome read at o,
 *             ∪ values whose send was told o: acknowledged, or `info` with a value that an `ok` poll read
 */
import { firstIndex, type Highest, highest, type Rise, type Work } from './highest.ts';
import {
  doneAt,
  type History,
  type Operation,
  type PartitionFacts,
  type Poll,
  type Read,
  type Send,
} from './history.ts';

/** A value at an offset. */
export interface Place {
  readonly offset: number;
  readonly value: string;
  /** Who told of it first. */
  readonly by: Operation;
  /** The first `ok` poll that read it. */
  readBy?: Poll;
  /** Whether a final, `ok` poll read it. */
  isReadAtLast: boolean;
}

/** A poll, and what it asked and got of one partition. */
export interface PartitionRead {
  readonly poll: Poll;
  readonly read: Read;
}

/** An answer that told an offset: of a bound of the log, or of a value sent. */
export interface Told<By = Operation> {
  readonly offset: number;
  readonly by: By;
}

export interface PartitionLog {
  readonly name: string;
  readonly facts: PartitionFacts;
  readonly sends: Map<string, Send>;
  /** Mostly one place for each offset, and for each value. */
  readonly byOffset: Map<number, Place[]>;
  readonly byValue: Map<string, Place[]>;
  /** Of `byOffset`, ascending. */
  readonly offsets: readonly number[];
  readonly reads: PartitionRead[];
  /** Sends that are `ok` and were told an offset. */
  readonly acknowledged: Told<Send>[];
  readonly starts: Told[];
  readonly ends: Told[];
  /** Where each deletion may have moved the start to, by when it was asked. */
  readonly deletions: Rise<Operation>[];
  /** The highest start that there may have been by a moment. */
  readonly possibleStart: Highest<Operation>;
}

/** A whole history, indexed; rules only read it, and count what they do. */
export interface RecordedLog {
  /** Operations by invocation. */
  readonly history: History;
  readonly partitions: ReadonlyMap<string, PartitionLog>;
  /** Whether somebody read everything when all had come to rest. */
  readonly hasFinalReads: boolean;
  readonly work: Work;
}

const empty = (name: string, facts: PartitionFacts, work: Work) => ({
  name,
  facts,
  sends: new Map<string, Send>(),
  byOffset: new Map<number, Place[]>(),
  byValue: new Map<string, Place[]>(),
  offsets: [] as number[],
  reads: [] as PartitionRead[],
  acknowledged: [] as Told<Send>[],
  starts: [] as Told[],
  ends: [] as Told[],
  deletions: [] as Rise<Operation>[],
  possibleStart: highest<Operation>([], work),
});
type Filling = ReturnType<typeof empty>;

const placeOf = (
  { byOffset, byValue }: Filling,
  offset: number,
  value: string,
  by: Operation,
  work: Work,
): Place => {
  const values = byOffset.get(offset) ?? [];
  const offsets = byValue.get(value) ?? [];
  // A log gone wrong may tell one offset of everything: the shorter list is short even then.
  const known = (values.length < offsets.length ? values : offsets).find((one) => {
    work.steps += 1;
    return one.offset === offset && one.value === value;
  });
  if (known) return known;
  const place: Place = { offset, value, by, isReadAtLast: false };
  if (values.push(place) === 1) byOffset.set(offset, values);
  if (offsets.push(place) === 1) byValue.set(value, offsets);
  return place;
};

const addBounds = (
  log: Filling,
  { logStart, logEnd }: { logStart?: number; logEnd?: number },
  by: Operation,
): void => {
  if (logStart !== undefined) log.starts.push({ offset: logStart, by });
  if (logEnd !== undefined) log.ends.push({ offset: logEnd, by });
};

const addSend = (log: Filling, send: Send, work: Work): void => {
  if (log.sends.has(send.value)) {
    throw new Error(
      `${JSON.stringify(send.value)} was sent twice to ${log.name}: values must be unique for the checker to tell records apart`,
    );
  }
  log.sends.set(send.value, send);
  addBounds(log, send, send);
  const { offset } = send;
  if (send.outcome !== 'ok' || offset === undefined) return;
  log.acknowledged.push({ offset, by: send });
  placeOf(log, offset, send.value, send, work);
};

const addRead = (log: Filling, poll: Poll, read: Read, work: Work): void => {
  log.reads.push({ poll, read });
  addBounds(log, read, poll);
  for (const [offset, value] of read.records) {
    work.steps += 1;
    const place = placeOf(log, offset, value, poll, work);
    if (poll.outcome !== 'ok') continue;
    place.readBy ??= poll;
    if (poll.final) place.isReadAtLast = true;
  }
};

/** No start was ever above the one told when all had come to rest: what was asked and came to nothing excuses nothing. */
const startAtLast = ({ reads }: Filling): number => {
  const told = reads.flatMap(({ poll, read }) =>
    poll.final && poll.outcome === 'ok' && read.logStart !== undefined ? [read.logStart] : [],
  );
  return told.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...told);
};

/** What is known when every operation has been looked at once. */
const finish = (log: Filling, work: Work): void => {
  for (const send of log.sends.values()) {
    if (send.outcome !== 'info' || send.offset === undefined) continue;
    if (log.byValue.get(send.value)?.some(({ readBy }) => readBy)) {
      placeOf(log, send.offset, send.value, send, work);
    }
  }
  log.offsets = [...log.byOffset.keys()].sort((a, b) => {
    work.steps += 1;
    return a - b;
  });
  // Retention tells nobody when it moves a start: who is told a start was told no later than it began.
  const retained = log.facts.retained ? log.starts : [];
  const atLast = startAtLast(log);
  log.possibleStart = highest(
    [
      ...log.deletions,
      ...retained.map(({ offset, by }) => ({ at: by.invokedAt, height: offset, by })),
    ].map((rise) => ({ ...rise, height: Math.min(rise.height, atLast) })),
    work,
  );
};

/**
 * @param history operations by invocation
 * @throws Error if a value was sent twice to one partition: nothing could be told apart then
 */
export const recordedLog = (history: History): RecordedLog => {
  const work: Work = { steps: 0 };
  const partitions = new Map<string, Filling>();
  const logOf = (name: string): Filling => {
    let log = partitions.get(name);
    if (!log) {
      log = empty(name, history.partitions?.[name] ?? {}, work);
      partitions.set(name, log);
    }
    return log;
  };
  let hasFinalReads = false;
  for (const one of history.operations) {
    work.steps += 1;
    if (one.kind === 'send') addSend(logOf(one.partition), one, work);
    else if (one.kind === 'poll') {
      hasFinalReads ||= one.final === true && one.outcome === 'ok';
      for (const read of one.reads) addRead(logOf(read.partition), one, read, work);
    } else if (one.kind === 'list-offsets') {
      for (const told of one.partitions) addBounds(logOf(told.partition), told, one);
    } else if (one.kind === 'delete-records' && one.outcome !== 'fail') {
      const log = logOf(one.partition);
      addBounds(log, one, one);
      const latest = one.logStart ?? Number.POSITIVE_INFINITY;
      const height = one.before === 'latest' ? latest : one.before;
      log.deletions.push({ at: one.invokedAt, height, by: one });
    }
  }
  for (const log of partitions.values()) finish(log, work);
  return { history, partitions, hasFinalReads, work };
};

/** The highest start that there may have been by `moment`; 0 if nothing moved it. */
export const startBy = (log: PartitionLog, moment: number): number =>
  log.possibleStart.until(moment)?.height ?? 0;

/** The highest start that there may have been by the end of everything: what lies before it may be gone. */
export const lastStart = (log: PartitionLog): number => startBy(log, Number.POSITIVE_INFINITY);

/** The highest offset acknowledged by a moment. */
export const acknowledgedBy = (sends: readonly Told<Send>[], work: Work): Highest<Send> =>
  highest(
    sends.map(({ offset, by }) => ({ at: doneAt(by), height: offset, by })),
    work,
  );

/** The first known place at `offset` or after it. */
export const firstFrom = (
  { offsets, byOffset }: PartitionLog,
  offset: number,
  work: Work,
): Place | undefined => {
  const index = firstIndex(offsets.length, (one) => offsets[one]! >= offset, work);
  return index < offsets.length ? byOffset.get(offsets[index]!)![0] : undefined;
};
