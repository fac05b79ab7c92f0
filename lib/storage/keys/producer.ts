/**
 * PRODUCER#: an idempotent producer that left a head.
 *
 *   pk  P#<topicId>#<partition>      sk  PRODUCER#<producer id>
 *
 * Put by a roll before it removes the producer from the head, only if there is none or an older one
 * (`asOf` ≤ the head's `end` as read). Lives 7 days after that (TTL on `expiresAt`): a producer silent
 * for longer starts at sequence 0 again.
 */
import { PRODUCER_TTL_MS } from '../../model/limits.ts';
import type { Conditions, Item, ItemKey } from '../algebra.ts';
import { absent, anyOf, atMost } from '../algebra.ts';
import { wholeNumber } from '../attributes.ts';

/** Migration: none yet; readers take what they know. */
export const PRODUCER_VERSION = 1;

/** Where a producer that left the head of `pk` is kept. */
export const producerKey = (pk: string, producerId: string): ItemKey => ({
  pk,
  sk: `PRODUCER#${producerId}`,
});

/** What left the head: the rank then, and the `end` of the head it was read from. */
export interface DepartedProducer {
  readonly rank: number;
  readonly asOf: number;
}

/** The item to be stored; `now` (ms) is when its life begins. */
export const producerItem = (
  pk: string,
  producerId: string,
  { rank, asOf }: DepartedProducer,
  now: number,
): Item => ({
  ...producerKey(pk, producerId),
  v: PRODUCER_VERSION,
  rank,
  asOf,
  expiresAt: Math.floor((now + PRODUCER_TTL_MS) / 1000),
});

/** What the item says. @throws CORRUPT_STORE */
export const readProducer = (item: Item): DepartedProducer => ({
  rank: wholeNumber(item, 'rank'),
  asOf: wholeNumber(item, 'asOf'),
});

/** A late put must not bring back an older rank. */
export const producerNotNewer = (asOf: number): Conditions => ({
  'producer-not-newer': anyOf(absent('asOf'), atMost('asOf', asOf)),
});
