/**
 * A reader reads on.
 *
 *   asked for 3, or stood at 3      got 4 5     poll skip, if something is known to be at 3
 *                                   got 2 3     non-monotonic poll
 *                                   got 3 5     gap: no offset is left out, known or not
 *
 * A reader's place is kept per process and partition, until the process assigns itself partitions or
 * crashes. Records that may have been deleted by the end of the poll may be jumped over.
 */
import { type Anomaly, anomaly, type Rule } from './anomaly.ts';
import { doneAt, type Poll, type Read } from './history.ts';
import { firstFrom, type PartitionLog, type RecordedLog, startBy } from './recorded-log.ts';

/** From one record of a process to the next that it got. */
interface Step {
  readonly log: PartitionLog;
  readonly poll: Poll;
  /** The poll that got what came before. */
  readonly previous: Poll | undefined;
  /** The offset to go on with. */
  readonly expected: number;
  readonly offset: number;
  /** Whether both lie in the answer to one poll, or at least in what was asked of it. */
  readonly isWithinPoll: boolean;
}

interface Position {
  readonly next: number;
  readonly poll: Poll;
}

function* stepsOf(
  log: PartitionLog,
  poll: Poll,
  read: Read,
  position: Position | undefined,
): Generator<Step> {
  const [first] = read.records;
  if (first && position && position.next !== read.from) {
    // The process asked for something else than what comes next: it skips, or goes back, by itself.
    const of = { expected: position.next, offset: first[0], previous: position.poll };
    yield { log, poll, isWithinPoll: false, ...of };
  }
  let expected = read.from;
  let previous = position?.next === read.from ? position.poll : undefined;
  for (const [offset] of read.records) {
    yield { log, poll, previous, expected, offset, isWithinPoll: true };
    expected = offset + 1;
    previous = poll;
  }
}

/** Every step of every reader, in the order of each. */
function* steps({ history, partitions, work }: RecordedLog): Generator<Step> {
  const places = new Map<string, Map<string, Position>>();
  for (const one of history.operations) {
    work.steps += 1;
    if (one.kind === 'crash') places.delete(one.process);
    else if (one.kind === 'assign') {
      if (one.outcome !== 'fail') places.set(one.process, new Map());
    } else if (one.kind === 'poll' && one.outcome === 'ok') {
      let positions = places.get(one.process);
      if (!positions) {
        positions = new Map();
        places.set(one.process, positions);
      }
      for (const read of one.reads) {
        work.steps += read.records.length;
        yield* stepsOf(partitions.get(read.partition)!, one, read, positions.get(read.partition));
        const last = read.records.at(-1);
        if (last) positions.set(read.partition, { next: last[0] + 1, poll: one });
      }
    }
  }
}

const ruleOf = (judge: (step: Step, log: RecordedLog) => Anomaly | undefined): Rule =>
  function* (log) {
    for (const step of steps(log)) {
      if (step.offset === step.expected) continue;
      const found = judge(step, log);
      if (found) yield found;
    }
  };

/** The next poll, or the next record of a poll, jumps over existing values. */
export const pollSkip = ruleOf(({ log, poll, previous, expected, offset }, { work }) => {
  if (offset < expected) return undefined;
  const kept = Math.max(expected, startBy(log, doneAt(poll)));
  const skipped = firstFrom(log, kept, work);
  if (!skipped || skipped.offset >= offset) return undefined;
  const { by, value } = skipped;
  const detail = `jumps from offset ${expected} to ${offset}, over ${JSON.stringify(value)} at ${skipped.offset}`;
  return anomaly(log, detail, [previous, poll, by, log.sends.get(value)]);
});

/** The next poll, or the next record of a poll, goes back. */
export const nonMonotonicPoll = ruleOf(({ log, poll, previous, expected, offset }) =>
  offset < expected
    ? anomaly(log, `goes back to offset ${offset} where ${expected} comes next`, [previous, poll])
    : undefined,
);

/** Offsets that are not contiguous, on a topic without transactions or compaction. */
export const gap = ruleOf(({ log, poll, previous, expected, offset, isWithinPoll }) => {
  if (offset < expected || !isWithinPoll || log.facts.compacted) return undefined;
  if (offset <= startBy(log, doneAt(poll))) return undefined;
  return anomaly(log, `offset ${offset} follows where ${expected} comes next`, [previous, poll]);
});
