/** What `consume` found. */
import type { LogRecord } from '../record/record.ts';

/** A record and where it was found. */
export interface Found {
  readonly topic: string;
  readonly partition: number;
  readonly record: LogRecord;
}
