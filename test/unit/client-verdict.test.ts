/** What is made of each failure of a batch, by what is known of its attempts. */
import { expect, it } from 'vitest';
import { type Attempts, verdictOn } from '../../lib/client/producer/verdict.ts';
import { type Effect, type ErrorCode, StratalogError } from '../../lib/model/errors.ts';

const FIRST: Attempts = {
  isIdempotent: true,
  count: 1,
  mayBeWritten: false,
  wasRenewed: false,
  canSplit: false,
};
const LATER = { ...FIRST, count: 2, mayBeWritten: true };
const SIMPLE = { ...FIRST, isIdempotent: false };

it.each<[ErrorCode, Effect, Partial<Attempts>, string]>([
  ['CONNECTION_FAILED', 'none', FIRST, 'again'],
  ['CONNECTION_FAILED', 'unknown', FIRST, 'again'],
  ['CONNECTION_FAILED', 'unknown', { ...LATER, count: 99 }, 'again'],
  ['UNKNOWN_SERVER_ERROR', 'unknown', FIRST, 'again'],
  ['THROTTLING_QUOTA_EXCEEDED', 'none', LATER, 'again'],
  ['CONNECTION_FAILED', 'none', SIMPLE, 'again'],
  ['CONNECTION_FAILED', 'unknown', SIMPLE, 'fail'],
  ['OUT_OF_ORDER_SEQUENCE_NUMBER', 'none', FIRST, 'renew'],
  ['UNKNOWN_PRODUCER_ID', 'none', FIRST, 'renew'],
  ['INVALID_PRODUCER_EPOCH', 'none', FIRST, 'renew'],
  ['OUT_OF_ORDER_SEQUENCE_NUMBER', 'none', { ...FIRST, wasRenewed: true }, 'fail'],
  ['OUT_OF_ORDER_SEQUENCE_NUMBER', 'none', LATER, 'fail'],
  ['DUPLICATE_SEQUENCE_NUMBER', 'unknown', LATER, 'written'],
  ['DUPLICATE_SEQUENCE_NUMBER', 'unknown', FIRST, 'fail'],
  ['MESSAGE_TOO_LARGE', 'none', FIRST, 'fail'],
  ['MESSAGE_TOO_LARGE', 'none', { ...FIRST, canSplit: true }, 'split'],
  ['INVALID_RECORD', 'none', { ...SIMPLE, canSplit: true }, 'split'],
  ['MESSAGE_TOO_LARGE', 'none', { ...LATER, canSplit: true }, 'fail'],
  ['UNKNOWN_TOPIC_OR_PARTITION', 'none', FIRST, 'again'],
  ['UNKNOWN_TOPIC_OR_PARTITION', 'none', { ...FIRST, count: 3 }, 'fail'],
  ['UNEXPECTED_LOG_END', 'none', FIRST, 'fail'],
  ['UNEXPECTED_LOG_END', 'none', LATER, 'fail'],
  ['CLUSTER_AUTHORIZATION_FAILED', 'none', FIRST, 'fail'],
])('%s, effect %s, after %o: %4$s', (code, effect, attempts, verdict) => {
  const error = new StratalogError(code, 'no', { effect });
  expect(verdictOn(error, { ...FIRST, ...attempts })).toBe(verdict);
});
