/** What `consume` found, as the record that it was written as. */
import type { MessageHeaders } from '../client/headers.ts';
import type { RawMessage } from '../client/reader/message.ts';
import type { LogRecord, RecordHeader } from '../record/record.ts';

/** A record and where it was found. */
export interface Found {
  readonly topic: string;
  readonly partition: number;
  readonly record: LogRecord;
}

const NO_HEADERS: readonly RecordHeader[] = [];

const headersOf = (headers: MessageHeaders): readonly RecordHeader[] => {
  const list: RecordHeader[] = [];
  for (const [key, values] of Object.entries(headers)) {
    for (const value of Array.isArray(values) ? values : [values]) {
      list.push({ key, value: typeof value === 'string' ? Buffer.from(value) : (value ?? null) });
    }
  }
  return list.length === 0 ? NO_HEADERS : list;
};

/** The record of a message that was read without serdes. */
export const foundOf = (message: RawMessage): Found => {
  const { topic, partition, offset, timestamp, key, value, headers } = message;
  return {
    topic,
    partition,
    record: { offset, timestamp, key, value, headers: headersOf(headers) },
  };
};
