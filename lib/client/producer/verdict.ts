/**
 * What to do about a batch that failed, by what is known of all its attempts.
 *
 *                                            no attempt can have        some attempt may
 *                                            been written               have been written
 *   the service may yet take it              again                      again, if idempotent
 *   it does not know our sequence            again as somebody new      give up
 *   it has it already                        give up                    it is written
 *   it refuses some of the records           again in two halves        give up
 *   anything else                            give up                    give up
 *
 * To send again is to send the same bytes: under one identity and sequence they are written once,
 * however often they arrive. Without an identity a second copy would be a second record.
 */
import type { ErrorCode, StratalogError } from '../../model/errors.ts';

/** `fail` with an open fate leaves a gap in what is known: the partition then needs a new identity. */
export type Verdict = 'again' | 'renew' | 'split' | 'written' | 'fail';

/** What is known of a batch, its last attempt included. */
export interface Attempts {
  readonly isIdempotent: boolean;
  /** Attempts so far. */
  readonly count: number;
  /** Whether an attempt before this one may have been written. */
  readonly mayBeWritten: boolean;
  /** Whether it was sent under a new identity already. */
  readonly wasRenewed: boolean;
  readonly canSplit: boolean;
}

/** The service has forgotten the identity, or knows it otherwise than we do. */
const OF_IDENTITY: readonly ErrorCode[] = [
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
];

/** One record may be the reason for which the others were refused too. */
const OF_RECORDS: readonly ErrorCode[] = [
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
];

/** Retriable, and yet likely to stay: a topic that is gone, bytes that are damaged wherever they pass. */
const SOON_SETTLED: readonly ErrorCode[] = ['UNKNOWN_TOPIC_OR_PARTITION', 'CORRUPT_MESSAGE'];
const SETTLED_AFTER_ATTEMPTS = 3;

export const verdictOn = (
  { code, effect, retriable }: StratalogError,
  { isIdempotent, count, mayBeWritten, wasRenewed, canSplit }: Attempts,
): Verdict => {
  if (code === 'DUPLICATE_SEQUENCE_NUMBER') {
    // Of a first attempt a proxy may have sent two copies, or the identity is another's: nobody knows.
    return mayBeWritten ? 'written' : 'fail';
  }
  if (OF_IDENTITY.includes(code)) {
    return isIdempotent && !mayBeWritten && !wasRenewed ? 'renew' : 'fail';
  }
  if (effect === 'unknown') return isIdempotent ? 'again' : 'fail';
  if (retriable) {
    const isSettled = SOON_SETTLED.includes(code) && count >= SETTLED_AFTER_ATTEMPTS;
    return isSettled ? 'fail' : 'again';
  }
  return canSplit && !mayBeWritten && OF_RECORDS.includes(code) ? 'split' : 'fail';
};
