/**
 * Entry: where one or more record batches of one partition lie. What a tail and a chunk are lists of.
 *
 *   byte 0     01 │ idempotent │ transactional │ control │ abort │ inline │ extension
 *              └ version 1
 *   uvarint    [extension] its size, and its bytes: skipped by whoever does not know them
 *   uvarint    size of the batches, bytes
 *   uvarint    records
 *   varlong    largest record timestamp, ms, −1: none
 *              [idempotent]  varlong producer id, uvarint epoch, uvarint first sequence
 *   [inline]   8 random bytes, then the batches
 *   else       14 bytes WAL object id, uvarint position in the object
 *
 * 27 bytes or so without a producer, 35 with one. Offsets are implied by what comes before it. The
 * random bytes (an object's id has its own) make every entry unlike every other: it is its own mark.
 *
 * Migration: version 2 would be read beside version 1; entries are never rewritten.
 */
import { BadBytes, Reader } from '../bytes/reader.ts';
import { Writer } from '../bytes/writer.ts';
import { StratalogError } from '../model/errors.ts';
import type { ItemKey } from '../storage/algebra.ts';
import { damaged } from '../storage/attributes.ts';
import { WAL_ID_BYTES } from './wal.ts';

const VERSION = 0b01;
const VERSION_SHIFT = 6;
const IDEMPOTENT = 0b100000;
const INLINE = 0b000010;
const EXTENSION = 0b000001;
const NONCE_BYTES = 8;

/** One run of one idempotent producer. */
export interface EntryProducer {
  readonly id: number;
  readonly epoch: number;
  readonly firstSequence: number;
}

/** What an entry is made of. `batches` are joined. */
export interface EntryFacts {
  /** Size of the batches in bytes. */
  readonly sizeBytes: number;
  readonly recordCount: number;
  /** ms; −1: no record has a timestamp. */
  readonly maxTimestamp: number;
  readonly producer: EntryProducer | undefined;
  readonly place:
    | { readonly objectId: Uint8Array; readonly position: number }
    | { readonly nonce: Uint8Array; readonly batches: readonly Uint8Array[] };
}

/** An entry as read. */
export interface Entry extends Omit<EntryFacts, 'place'> {
  readonly place:
    | { readonly objectId: Uint8Array; readonly position: number }
    /** Shared with the item: copy before writing into it. */
    | { readonly inline: Uint8Array };
}

/** The bytes of an entry, as drawn above. */
export const encodeEntry = (facts: EntryFacts): Uint8Array => {
  const inline = 'nonce' in facts.place;
  const writer = new Writer(inline ? 48 + facts.sizeBytes : 48);
  writer.int8(
    (VERSION << VERSION_SHIFT) |
      (facts.producer === undefined ? 0 : IDEMPOTENT) |
      (inline ? INLINE : 0),
  );
  writer.unsignedVarint(facts.sizeBytes);
  writer.unsignedVarint(facts.recordCount);
  writer.varlong(facts.maxTimestamp);
  if (facts.producer !== undefined) {
    writer.varlong(facts.producer.id);
    writer.unsignedVarint(facts.producer.epoch);
    writer.unsignedVarint(facts.producer.firstSequence);
  }
  if ('nonce' in facts.place) {
    writer.bytes(facts.place.nonce);
    for (const batch of facts.place.batches) writer.bytes(batch);
  } else {
    writer.bytes(facts.place.objectId);
    writer.unsignedVarint(facts.place.position);
  }
  return writer.finish();
};

/** @throws CORRUPT_STORE when the bytes are no entry of a version that this code reads. */
export const decodeEntry = (bytes: Uint8Array): Entry =>
  reading(bytes, (reader, flags) => {
    const sizeBytes = reader.unsignedVarint();
    const recordCount = reader.unsignedVarint();
    const maxTimestamp = reader.varlong();
    const producer =
      (flags & IDEMPOTENT) === 0
        ? undefined
        : {
            id: reader.varlong(),
            epoch: reader.unsignedVarint(),
            firstSequence: reader.unsignedVarint(),
          };
    if ((flags & INLINE) === 0) {
      const objectId = reader.bytes(WAL_ID_BYTES);
      return {
        sizeBytes,
        recordCount,
        maxTimestamp,
        producer,
        place: { objectId, position: reader.unsignedVarint() },
      };
    }
    reader.bytes(NONCE_BYTES);
    return {
      sizeBytes,
      recordCount,
      maxTimestamp,
      producer,
      place: { inline: reader.bytes(sizeBytes) },
    };
  });

/** The record count alone, for stepping through a tail. @throws CORRUPT_STORE */
export const entryRecordCount = (bytes: Uint8Array): number =>
  reading(bytes, (reader) => {
    reader.unsignedVarint();
    return reader.unsignedVarint();
  });

const reading = <T>(bytes: Uint8Array, read: (reader: Reader, flags: number) => T): T => {
  try {
    const reader = new Reader(bytes);
    const flags = reader.int8();
    const version = (flags & 0xff) >> VERSION_SHIFT;
    if (version !== VERSION) throw new BadBytes(0, `entry version ${version}, not ${VERSION}`);
    if ((flags & EXTENSION) !== 0) reader.bytes(reader.unsignedVarint());
    return read(reader, flags);
  } catch (error) {
    if (!(error instanceof BadBytes)) throw error;
    throw new StratalogError('CORRUPT_STORE', `A stored entry cannot be read: ${error.message}.`, {
      cause: error,
    });
  }
};

/**
 * Holds the entries that an item lists to the offsets [`from`, `to`) that it claims for them.
 * @throws CORRUPT_STORE naming the item
 */
export const requireEntries = (
  key: ItemKey,
  entries: readonly Uint8Array[],
  from: number,
  to: number,
): void => {
  const records = naming(key, () => recordsIn(entries));
  if (records === to - from) return;
  const problem = `its entries have ${records} records, and it claims the offsets ${from} to ${to}`;
  throw damaged(key, problem);
};

/** An entry that an item lists. @throws CORRUPT_STORE naming the item */
export const entryOf = (key: ItemKey, bytes: Uint8Array): Entry =>
  naming(key, () => decodeEntry(bytes));

const naming = <T>(key: ItemKey, read: () => T): T => {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof StratalogError && error.cause instanceof BadBytes)) throw error;
    throw damaged(key, `an entry in it cannot be read, ${error.cause.message}`);
  }
};

/** Adds up record counts. */
export const recordsIn = (entries: readonly Uint8Array[]): number =>
  entries.reduce((sum, entry) => sum + entryRecordCount(entry), 0);
