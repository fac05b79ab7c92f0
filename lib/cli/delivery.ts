/** What became of the lines of a `produce`: counted as it goes, told at the end. */

import type { SendOutcome } from '../client/producer/delivery.ts';
import { type ErrorCode, StratalogError } from '../model/errors.ts';
import { print, printJson } from './output.ts';
import { countOf, countText } from './quantities.ts';

/** Failures told one by one; the others are counted. */
const MAX_TOLD_FAILURES = 10;

/** Failures of single records; any other means that the next record would fail as well. */
const OF_RECORDS: readonly ErrorCode[] = [
  'MESSAGE_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
];

export interface DeliveryReport {
  /** Records written so far. */
  readonly records: number;
  /** The failure that makes it useless to go on. */
  readonly stop: StratalogError | undefined;
  /** What became of lines, one outcome each. Tells of the first few failures on standard error. */
  settled(lines: readonly number[], outcomes: readonly SendOutcome[]): void;
  /** Whether any line is not known to be written. */
  readonly hasFailures: boolean;
  /** Lines that could not be sent, and why. Told like other failures. */
  failed(lines: readonly number[], error: StratalogError): void;
  /** Lines that were not sent for what became of others: only counted. */
  heldBack(lines: readonly number[]): void;
  /** Prints the summary. @throws the first failure's code when any line is not known to be written */
  finish(summary: Summary): void;
}

/** What the summary says besides the fate of the lines. */
export interface Summary {
  readonly topic: string;
  readonly bytesRead: number;
  readonly durationMs: number;
  /** Whether someone ended it before its input did. */
  readonly interrupted: boolean;
  /** Why the input could not be read to its end. */
  readonly unread: StratalogError | undefined;
  readonly json: boolean;
}

/** Lines of one fate; others may lie between the first and the last. */
interface Lines {
  readonly count: number;
  readonly first: number;
  readonly last: number;
}

const NO_LINES: Lines = { count: 0, first: Number.POSITIVE_INFINITY, last: 0 };

const including = ({ count, first, last }: Lines, lines: readonly number[]): Lines => ({
  count: count + lines.length,
  first: Math.min(first, lines[0] ?? first),
  last: Math.max(last, lines.at(-1) ?? last),
});

const linesText = (lines: readonly number[]): string =>
  lines.length === 1
    ? `Line ${lines[0]} was`
    : `${countOf(lines.length, 'line')} (${lines[0]} to ${lines.at(-1)}) were`;

const recordsText = (count: number): string => countOf(count, 'record');

/** Where the records of one partition went. */
interface Range {
  records: number;
  firstOffset: number;
  lastOffset: number;
}

/** How many, and where in the input. */
const fateText = (lines: Lines, fate: string): string[] => {
  if (lines.count === 0) return [];
  const where =
    lines.first === lines.last ? `line ${lines.first}` : `lines ${lines.first} to ${lines.last}`;
  const verb = lines.count === 1 ? 'was' : 'were';
  return [`${recordsText(lines.count)} (${where}) ${verb} ${fate}.`];
};

/** @param beforeTelling called before something is printed, to clear the progress line */
export const deliveryReport = (beforeTelling: () => void): DeliveryReport => {
  const partitions = new Map<number, Range>();
  let written = NO_LINES;
  let notWritten = NO_LINES;
  let unknown = NO_LINES;
  let failures = 0;
  let first: StratalogError | undefined;
  let stop: StratalogError | undefined;

  const printSummary = ({ topic, bytesRead, durationMs, json }: Summary, lastLine: number) => {
    const rows = [...partitions].sort(([a], [b]) => a - b);
    const records = written.count;
    if (json) {
      printJson({
        topic,
        records,
        failedRecords: notWritten.count,
        unknownRecords: unknown.count,
        lastLine,
        bytesRead,
        durationMs,
        partitions: rows.map(([partition, range]) => ({ partition, ...range })),
      });
      return;
    }
    const seconds = durationMs / 1000;
    const rate = countText(Math.round(records / Math.max(seconds, 0.001)));
    const places = countOf(rows.length, 'partition');
    print(
      `${recordsText(records)} written to ${places} of ${topic} in ${seconds.toFixed(2)} s (${rate} records/s).`,
    );
  };

  /** −1: it is there, and the service can no longer tell where. */
  const place = (partition: number, offset: number) => {
    const range = partitions.get(partition);
    if (range === undefined) {
      partitions.set(partition, { records: 1, firstOffset: offset, lastOffset: offset });
      return;
    }
    range.records += 1;
    range.lastOffset = Math.max(range.lastOffset, offset);
    if (range.firstOffset < 0 || (offset >= 0 && offset < range.firstOffset))
      range.firstOffset = offset;
  };

  const fail = (lines: readonly number[], error: StratalogError) => {
    const isOpen = error.effect === 'unknown';
    if (isOpen) unknown = including(unknown, lines);
    else notWritten = including(notWritten, lines);
    failures += 1;
    first ??= error;
    if (!OF_RECORDS.includes(error.code)) stop ??= error;
    if (failures > MAX_TOLD_FAILURES) return;
    beforeTelling();
    const fate = isOpen ? 'written or not, nobody knows' : 'not written';
    process.stderr.write(`stratalog: ${linesText(lines)} ${fate}: ${error.message}\n`);
  };

  return {
    get records() {
      return written.count;
    },
    get stop() {
      return stop;
    },
    settled: (lines, outcomes) => {
      const done: number[] = [];
      const failed = new Map<StratalogError, number[]>();
      for (const [i, outcome] of outcomes.entries()) {
        const line = lines[i]!;
        if (outcome.error === undefined) {
          place(outcome.partition, outcome.offset);
          done.push(line);
        } else {
          const others = failed.get(outcome.error);
          if (others === undefined) failed.set(outcome.error, [line]);
          else others.push(line);
        }
      }
      written = including(written, done);
      for (const [error, those] of failed) fail(those, error);
    },
    get hasFailures() {
      return first !== undefined;
    },
    failed: fail,
    heldBack: (lines) => {
      notWritten = including(notWritten, lines);
    },
    finish: (summary) => {
      const untold = failures - MAX_TOLD_FAILURES;
      if (untold > 0) {
        const more = untold === 1 ? '1 more failure is' : `${untold} more failures are`;
        process.stderr.write(`stratalog: ${more} not shown.\n`);
      }
      const lastLine = Math.max(written.last, notWritten.last, unknown.last);
      printSummary(summary, lastLine);
      if (summary.interrupted && !summary.json) {
        process.stderr.write(`stratalog: Interrupted; reading stopped after line ${lastLine}.\n`);
      }
      const { unread } = summary;
      const cause = stop ?? first ?? unread;
      if (cause === undefined) return;
      const sentences = [
        ...(unread === undefined
          ? []
          : [`${unread.message} Reading stopped after line ${lastLine}.`]),
        ...fateText(notWritten, 'not written'),
        ...fateText(unknown, 'written or not, nobody knows'),
        ...(stop === undefined || unread !== undefined
          ? []
          : [`Reading stopped after line ${lastLine}.`]),
      ];
      throw new StratalogError(cause.code, sentences.join(' '), {
        effect: unknown.count > 0 ? 'unknown' : 'none',
        context: {
          failedRecords: notWritten.count,
          unknownRecords: unknown.count,
          ...(first === undefined ? {} : { firstLine: Math.min(notWritten.first, unknown.first) }),
          lastLine,
        },
      });
    },
  };
};
