/** What became of the lines of a `produce`: counted as it goes, told at the end. */
import { type ErrorCode, StratalogError } from '../model/errors.ts';
import type { Delivery } from './outbox.ts';
import { print, printJson } from './output.ts';

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
  written(delivery: Delivery): void;
  /** Tells of the first few on standard error. */
  failed(lines: readonly number[], error: StratalogError): void;
  /** Prints the summary. @throws the first failure's code when any line was not written */
  finish(topic: string, bytesRead: number, durationMs: number, json: boolean): void;
}

/** Lines of other partitions may lie between the first and the last. */
const linesText = (lines: readonly number[]): string =>
  lines.length === 1
    ? `Line ${lines[0]} was`
    : `${lines.length} lines from ${lines[0]} to ${lines.at(-1)} were`;

/** @param beforeTelling called before something is printed, to clear the progress line */
export const deliveryReport = (beforeTelling: () => void): DeliveryReport => {
  const partitions = new Map<
    number,
    { readonly records: number; readonly firstOffset: number; readonly lastOffset: number }
  >();
  let records = 0;
  let failedRecords = 0;
  let failures = 0;
  let first: StratalogError | undefined;
  let stop: StratalogError | undefined;

  return {
    get records() {
      return records;
    },
    get stop() {
      return stop;
    },
    written: ({ partition, lines, baseOffset }) => {
      const before = partitions.get(partition);
      partitions.set(partition, {
        records: (before?.records ?? 0) + lines.length,
        firstOffset: before?.firstOffset ?? baseOffset,
        lastOffset: baseOffset + lines.length - 1,
      });
      records += lines.length;
    },
    failed: (lines, error) => {
      failedRecords += lines.length;
      failures += 1;
      first ??= error;
      if (!OF_RECORDS.includes(error.code)) stop ??= error;
      if (failures > MAX_TOLD_FAILURES) return;
      beforeTelling();
      const fate = error.effect === 'unknown' ? 'written or not, nobody knows' : 'not written';
      process.stderr.write(`stratalog: ${linesText(lines)} ${fate}: ${error.message}\n`);
    },
    finish: (topic, bytesRead, durationMs, json) => {
      const untold = failures - MAX_TOLD_FAILURES;
      if (untold > 0) process.stderr.write(`stratalog: ${untold} more failures are not shown.\n`);
      const rows = [...partitions].sort(([a], [b]) => a - b);
      if (json) {
        const ranges = rows.map(([partition, range]) => ({ partition, ...range }));
        printJson({ topic, records, failedRecords, bytesRead, durationMs, partitions: ranges });
      } else {
        const seconds = durationMs / 1000;
        const rate = Math.round(records / Math.max(seconds, 0.001)).toLocaleString('en');
        const places = rows.length === 1 ? '1 partition' : `${rows.length} partitions`;
        print(
          `${records.toLocaleString('en')} records written to ${places} of ${topic} in ${seconds.toFixed(2)} s (${rate} records/s).`,
        );
      }
      if (first !== undefined) {
        throw new StratalogError(
          (stop ?? first).code,
          `${failedRecords.toLocaleString('en')} records were not written${stop === undefined ? '' : ', and reading stopped there'}.`,
        );
      }
    },
  };
};
