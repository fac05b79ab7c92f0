/**
 * COUNTERS: numbers of the whole installation, one item each.
 *
 *   pk  COUNTERS      sk  floor       `value`: no commit may name a WAL object made before it (ms).
 *                                     Written by the collection of WAL objects, read when a head is made
 *                     sk  producers   `value`: the first producer id that was not given out.
 *                                     Raised by a block at a time, by whoever needs ids
 *
 * They only grow, and are never deleted.
 */
import type { Item, ItemKey } from '../algebra.ts';
import { wholeNumberOrZero } from '../attributes.ts';

/** Migration: none yet. */
export const COUNTER_VERSION = 1;

export const FLOOR_KEY: ItemKey = { pk: 'COUNTERS', sk: 'floor' };
export const PRODUCER_IDS_KEY: ItemKey = { pk: 'COUNTERS', sk: 'producers' };

/** The counter's value, 0 when it was never written. @throws CORRUPT_STORE */
export const counterValue = (item: Item | undefined): number => wholeNumberOrZero(item, 'value');
