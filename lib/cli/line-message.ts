/** What a line becomes, and what lines of any input are measured and refused by. */
import type { MessageHeaders } from '../client/headers.ts';
import type { ProducerMessage } from '../client/producer/message.ts';
import { StratalogError } from '../model/errors.ts';
import { RECORDS_AT } from '../record/layout.ts';
import type { RecordHeader } from '../record/record.ts';

/** What the SDK's producer takes. */
export type LineMessage = ProducerMessage<Uint8Array, Uint8Array>;

/** What `produce` was told about lines, and what the topic takes. */
export interface LineOptions {
  readonly input: 'text' | 'json';
  readonly keySeparator: string | undefined;
  /** Where all records go; one that names another is refused. */
  readonly partition: number | undefined;
  /** Added to each record's own. */
  readonly headers: readonly RecordHeader[];
  readonly partitions: number;
  readonly maxBatchBytes: number;
}

/** What a record takes in a batch besides its key, value and headers, at most. */
const RECORD_OVERHEAD_BYTES = 40;
const HEADER_OVERHEAD_BYTES = 10;

/** Bytes that key, value and headers of a record may have together. */
export const roomForRecord = ({ maxBatchBytes }: LineOptions): number =>
  maxBatchBytes - RECORDS_AT - RECORD_OVERHEAD_BYTES;

/** Why a line is no record. */
export const badLine = (reason: string): StratalogError =>
  new StratalogError('INVALID_RECORD', reason);

/** @param bytes that a record has at most */
export const tooLong = (bytes: number): StratalogError =>
  new StratalogError(
    'MESSAGE_TOO_LARGE',
    `it is longer than ${bytes} bytes, the largest record that the topic takes (max.message.bytes).`,
  );

/** What headers take in a batch, at most. */
export const headersBytes = (headers: readonly RecordHeader[]): number =>
  headers.reduce(
    (sum, { key, value }) =>
      sum + Buffer.byteLength(key) + (value?.length ?? 0) + HEADER_OVERHEAD_BYTES,
    0,
  );

/** A name that repeats has a list. */
export const messageHeaders = (headers: readonly RecordHeader[]): MessageHeaders =>
  Object.fromEntries(
    [...Map.groupBy(headers, ({ key }) => key)].map(([key, all]) => [
      key,
      all.map(({ value }) => value),
    ]),
  );
