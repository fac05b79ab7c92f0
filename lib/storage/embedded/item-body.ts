/**
 * An item as the bytes of a row: a version byte, then the item as a CBOR map (RFC 8949), key included.
 *
 *   ┌─────────┬──────────────────┐
 *   │ 01      │ CBOR map …       │
 *   └─────────┴──────────────────┘
 *
 * CBOR by measurement: a head of 1.9 KB takes 10 µs to encode and 6 µs to decode, against 15 and 12
 * for `node:v8`'s serializer and 15 and 43 for JSON with base64.
 *
 * Migration: a reader of version n reads 1…n; a row is written anew with the newest version whenever
 * its item changes, so that old rows fade out without a rewrite.
 */
import { Encoder } from 'cbor-x';
import type { Item, Value, ValueMap } from '../algebra.ts';
import { StoreError } from '../ports.ts';

const BODY_VERSION = 1;

const cbor = new Encoder({ useRecords: false, mapsAsObjects: true, tagUint8Array: false });

/** The body of a row; the item's size was checked before. */
export const encodeItem = (item: Item): Uint8Array => {
  const encoded = cbor.encode(item);
  const body = Buffer.allocUnsafe(encoded.length + 1);
  body[0] = BODY_VERSION;
  encoded.copy(body, 1);
  return body;
};

/** The item, frozen, sharing the memory of `body`. @throws StoreError corrupt */
export const decodeItem = (body: Uint8Array): Item => {
  if (body[0] !== BODY_VERSION) {
    throw new StoreError(
      'corrupt',
      `an item has version ${body[0]}; this release reads ${BODY_VERSION}. Upgrade it.`,
    );
  }
  try {
    return frozen(cbor.decode(body.subarray(1)) as Item) as Item;
  } catch (cause) {
    throw new StoreError('corrupt', 'an item cannot be decoded', { cause });
  }
};

const frozen = (value: Value): Value => {
  if (typeof value !== 'object' || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) {
    for (const element of value as readonly Value[]) frozen(element);
  } else {
    for (const name in value) frozen((value as ValueMap)[name]!);
  }
  return Object.freeze(value);
};
