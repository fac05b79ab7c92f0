/**
 * One object in a volume file, or the mark that ends a volume. Little-endian:
 *
 *    0  magic "SVOL"            16  data bytes
 *    4  version 1               20  CRC-32 of the data
 *    5  kind: 0 object, 1 end   24  CRC-32 of bytes 0–23 and the key
 *    6  key bytes (u16)         28  key, then data
 *    8  number of the volume
 *   12  position of this record in it
 *
 * Volume and position are part of the record because volumes are recycled in place: what an earlier
 * life left behind the newest record is a record too, but not *this* one. Records follow one another
 * without a gap, and a volume that is followed by another ends with an end mark, so that a scan knows
 * a torn record from the end.
 *
 * Migration: the version is per record; a reader reads 1…n, nothing is rewritten. A new version comes
 * with a new `SCHEMA_VERSION`, which keeps older releases from taking its records for torn ones.
 */
import { crc32 } from 'node:zlib';

const MAGIC = 0x4c4f5653;
const RECORD_VERSION = 1;
export const RECORD_HEADER_BYTES = 28;

type RecordKind = 'object' | 'end';

export interface VolumeRecord {
  readonly kind: RecordKind;
  readonly key: string;
  readonly dataBytes: number;
  readonly dataCrc: number;
  /** Header, key and data. */
  readonly recordBytes: number;
}

/** Where a record stands: volume number and position in that file. */
export interface Place {
  readonly volume: number;
  readonly offset: number;
}

/** CRC-32 of the joined buffers. */
export const crcOf = (buffers: readonly Uint8Array[]): number => {
  let crc = 0;
  for (const buffer of buffers) crc = crc32(buffer, crc);
  return crc;
};

/** Header and key of a record; the data follows. */
export const encodeRecordHead = (
  kind: RecordKind,
  key: string,
  place: Place,
  dataBytes: number,
  dataCrc: number,
): Buffer => {
  const head = Buffer.allocUnsafe(RECORD_HEADER_BYTES + key.length);
  head.writeUInt32LE(MAGIC, 0);
  head[4] = RECORD_VERSION;
  head[5] = kind === 'object' ? 0 : 1;
  head.writeUInt16LE(key.length, 6);
  head.writeUInt32LE(place.volume, 8);
  head.writeUInt32LE(place.offset, 12);
  head.writeUInt32LE(dataBytes, 16);
  head.writeUInt32LE(dataCrc, 20);
  head.write(key, RECORD_HEADER_BYTES, 'latin1');
  head.writeUInt32LE(headCrc(head, key.length), 24);
  return head;
};

const headCrc = (head: Buffer, keyBytes: number): number =>
  crc32(
    head.subarray(RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + keyBytes),
    crc32(head.subarray(0, 24)),
  );

/** The head of the record that begins at `bytes[0]` and belongs at `place`; undefined: there is none. */
export const decodeRecordHead = (bytes: Buffer, place: Place): VolumeRecord | undefined => {
  if (bytes.length < RECORD_HEADER_BYTES) return undefined;
  const keyBytes = bytes.readUInt16LE(6);
  const here =
    bytes.readUInt32LE(0) === MAGIC &&
    bytes[4] === RECORD_VERSION &&
    bytes.readUInt32LE(8) === place.volume &&
    bytes.readUInt32LE(12) === place.offset &&
    bytes.length >= RECORD_HEADER_BYTES + keyBytes &&
    bytes.readUInt32LE(24) === headCrc(bytes, keyBytes);
  if (!here) return undefined;
  const dataBytes = bytes.readUInt32LE(16);
  return {
    kind: bytes[5] === 0 ? 'object' : 'end',
    key: bytes.toString('latin1', RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + keyBytes),
    dataBytes,
    dataCrc: bytes.readUInt32LE(20),
    recordBytes: RECORD_HEADER_BYTES + keyBytes + dataBytes,
  };
};
