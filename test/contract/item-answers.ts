/** Keys, and what stores answer, for the contract of item stores. */
import { expect } from 'vitest';
import type { ItemKey, Value } from '../../lib/storage/algebra.ts';
import { sameValue } from '../../lib/storage/interpret.ts';
import { ConditionFailed, StoreError } from '../../lib/storage/ports.ts';
import { unique } from './engine.ts';

/** Of a partition of its own. */
export const newKey = (sk = 'HEAD'): ItemKey => ({ pk: `T#${unique()}`, sk });

/** What a call resolves to, or the error of the port that it rejects with. */
export const outcomeOf = async <T>(call: Promise<T>): Promise<T | ConditionFailed | StoreError> => {
  try {
    return await call;
  } catch (error) {
    if (error instanceof ConditionFailed || error instanceof StoreError) return error;
    throw error;
  }
};

/** Deep equality of values, whatever class of `Uint8Array` carries the bytes. */
export const expectSame = (actual: Value | undefined, expected: Value | undefined): void => {
  if (sameValue(actual, expected)) return;
  expect(actual).toEqual(expected);
  throw new Error('the values differ in a way that toEqual does not see');
};

/** Refused as senseless, before anything happened. */
export const expectInvalid = (outcome: unknown): void => {
  expect(outcome).toBeInstanceOf(StoreError);
  const { reason, effect, retriable } = outcome as StoreError;
  expect({ reason, effect, retriable }).toEqual({
    reason: 'invalid',
    effect: 'none',
    retriable: false,
  });
};

/** The sort key of a row. */
export const log = (offset: number): string => `LOG#${String(offset).padStart(20, '0')}`;
