/**
 * What an item weighs, by DynamoDB's rules
 * (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html):
 * names and strings by their UTF-8 bytes, binaries by their length, a number 1 byte for two digits, without the
 * zeros at its end, and 1 on top (and 1 for a sign), a boolean 1, a list or a map 3 and 1 for each element.
 */
import type { Item, Value, ValueMap } from './algebra.ts';

/** What DynamoDB's longest number takes: 38 digits. */
const MAX_NUMBER_BYTES = 21;

/** Bytes that DynamoDB counts for `item`; `MAX_ITEM_BYTES` bounds it, write units round it up to KiB. */
export const itemSizeBytes = (item: Item): number => {
  let bytes = 0;
  for (const name in item) bytes += Buffer.byteLength(name) + valueSizeBytes(item[name]!);
  return bytes;
};

const valueSizeBytes = (value: Value): number => {
  switch (typeof value) {
    case 'string':
      return Buffer.byteLength(value);
    case 'number':
      return numberSizeBytes(value);
    case 'boolean':
      return 1;
    default: {
      if (value instanceof Uint8Array) return value.length;
      let bytes = 3;
      if (Array.isArray(value)) {
        for (const element of value as readonly Value[]) bytes += 1 + valueSizeBytes(element);
      } else {
        const map = value as ValueMap;
        for (const name in map) bytes += 1 + Buffer.byteLength(name) + valueSizeBytes(map[name]!);
      }
      return bytes;
    }
  }
};

const numberSizeBytes = (value: number): number => {
  // No store takes one, but a damaged item may have it.
  if (!Number.isFinite(value)) return MAX_NUMBER_BYTES;
  let rest = Math.abs(value);
  while (rest !== 0 && rest % 100 === 0) rest /= 100;
  let pairs = 1;
  for (; rest >= 100; rest /= 100) pairs++;
  return 1 + pairs + (value < 0 ? 1 : 0);
};
