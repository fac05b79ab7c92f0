/** What a reader can be told, and what it takes when it is not. */
import { StratalogError } from '../../model/errors.ts';
import { MAX_FETCH_MAX_BYTES, MAX_FETCH_WAIT_MS } from '../../model/limits.ts';
import { checkNumber, said } from '../connection.ts';
import { type Deserializer, string } from '../serde.ts';
import type { RawMessage } from './message.ts';

/**
 * Where to begin in every partition. `offsets`: by partition; those that are not named begin at the
 * beginning. `time`: the first record at or after it, a number being ms since the Unix epoch. `last`:
 * as many records before the end.
 */
export type ReadFrom =
  | 'beginning'
  | 'end'
  | { readonly offset: number }
  | { readonly offsets: Readonly<Record<number, number>> | ReadonlyMap<number, number> }
  | { readonly time: number | Date }
  | { readonly last: number };

export interface ReaderOptions<Key = string, Value = string> {
  readonly topic: string;
  /** Default: all, and those that the topic gets later, from their beginning. */
  readonly partitions?: readonly number[];
  /** Default `beginning`. */
  readonly from?: ReadFrom;
  /** `end`: stop where each partition ended when the reader began. Default: wait for more, for ever. */
  readonly until?: 'end';
  /** Default: UTF-8; what is none is an error. */
  readonly key?: Deserializer<Key>;
  /** Default: UTF-8; what is none is an error. */
  readonly value?: Deserializer<Value>;
  /** How long the service may wait for a message when there is none. Default 5,000; in Lambda 1,000 is the most. */
  readonly maxWaitMs?: number;
  /** Of one fetch, over all partitions; an answer holds some 4 MB. Default 4 MiB. */
  readonly maxBytes?: number;
  /** The next fetch begins while less than this is held. 0: only when nothing is. Default 4 MiB. */
  readonly prefetchBytes?: number;
  /** What to do when retention, or somebody, has deleted what is next. Default: OFFSET_OUT_OF_RANGE. */
  readonly onOutOfRange?: 'error' | 'earliest' | 'latest';
  /** Told of a message that a serde refuses, which is then passed over. Default: the error is thrown. */
  readonly onInvalid?: (error: StratalogError, message: RawMessage) => void;
  /** How long it goes on trying while the service cannot be reached or fails. Default 30,000. */
  readonly retryTimeoutMs?: number;
  /** How often to look whether the topic has more partitions. Default 300,000. */
  readonly metadataMaxAgeMs?: number;
  /** Ends the iteration with CANCELLED. */
  readonly signal?: AbortSignal;
}

const MiB = 1024 * 1024;

const DEFAULTS = {
  from: 'beginning',
  maxWaitMs: 5_000,
  maxBytes: 4 * MiB,
  prefetchBytes: 4 * MiB,
  onOutOfRange: 'error',
  retryTimeoutMs: 30_000,
  metadataMaxAgeMs: 300_000,
} as const;

type Optional = 'partitions' | 'until' | 'onInvalid' | 'signal';

/** Options with everything said that has a default. */
export type FullOptions<Key, Value> = Required<Omit<ReaderOptions<Key, Value>, Optional>> &
  Pick<ReaderOptions<Key, Value>, Optional>;

const refuse = (option: string, value: unknown, legal: string): never => {
  const given = typeof value === 'string' ? JSON.stringify(value) : String(value);
  throw new StratalogError('INVALID_CONFIG', `${option} is ${given}; it must be ${legal}.`, {
    context: { option, value: String(value) },
  });
};

/** A time in text would be read as one of some zone or other, so a Date must be made of it. */
const checkTime = (time: unknown): void => {
  const ms = time instanceof Date ? time.getTime() : time;
  if (typeof ms === 'number' && ms >= 0) return;
  refuse('from.time', time, 'a Date, or milliseconds since 1970');
};

/** What programs without types may say: any other `until` would be none, and they would wait for ever. */
const checkWords = (until: unknown, onOutOfRange: unknown): void => {
  if (until !== undefined && until !== 'end') {
    refuse('until', until, '"end", or left out to wait for more');
  }
  if (![undefined, 'error', 'earliest', 'latest'].includes(onOutOfRange as string | undefined)) {
    refuse('onOutOfRange', onOutOfRange, '"error", "earliest" or "latest"');
  }
};

const checkFrom = (from: ReadFrom): void => {
  if (from === 'beginning' || from === 'end') return;
  if (typeof from === 'object' && from !== null) {
    if ('offset' in from) return void checkNumber('from.offset', from.offset, 0);
    if ('time' in from) return void checkTime(from.time);
    if ('last' in from) return void checkNumber('from.last', from.last, 0);
    if ('offsets' in from) return;
  }
  throw new StratalogError(
    'INVALID_CONFIG',
    'from must be "beginning", "end", or an object with offset, offsets, time or last.',
    { context: { option: 'from' } },
  );
};

/** @throws INVALID_CONFIG naming the option, its value and what is legal */
export const fullOptions = <Key, Value>(
  options: ReaderOptions<Key, Value>,
): FullOptions<Key, Value> => {
  // The types allow no deserializer only where keys and values are what the default one gives.
  const serdes = { key: string, value: string } as unknown as {
    readonly key: Deserializer<Key>;
    readonly value: Deserializer<Value>;
  };
  const full = { ...DEFAULTS, ...serdes, ...said(options) };
  checkFrom(full.from);
  checkWords(full.until, full.onOutOfRange);
  checkNumber('maxWaitMs', full.maxWaitMs, 0, MAX_FETCH_WAIT_MS);
  checkNumber('maxBytes', full.maxBytes, 1, MAX_FETCH_MAX_BYTES);
  checkNumber('prefetchBytes', full.prefetchBytes, 0);
  checkNumber('retryTimeoutMs', full.retryTimeoutMs, 0);
  checkNumber('metadataMaxAgeMs', full.metadataMaxAgeMs, 0);
  return full;
};
