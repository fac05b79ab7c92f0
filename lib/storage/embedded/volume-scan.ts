/**
 * Reads volumes record by record and checks every checksum: what an unclean start does with all that
 * lies behind the synced position.
 */
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { type Position, positionOf } from './position.ts';
import { decodeRecordHead, type Place, RECORD_HEADER_BYTES } from './volume-record.ts';

/** The longest key is 1,024 bytes. */
const MAX_HEAD_BYTES = RECORD_HEADER_BYTES + 1024;
const READ_BYTES = 1 << 20;

/** An object whose record is whole. */
export interface FoundObject {
  readonly key: string;
  readonly position: Position;
  readonly sizeBytes: number;
}

export interface Scan {
  readonly objects: readonly FoundObject[];
  /** Where the first bad record stands, or the next one would. */
  readonly end: Place;
}

/**
 * Good records from `from` on, up to the first that is not.
 * @param pathOf the file of a volume
 */
export const scanVolumes = (from: Place, pathOf: (volume: number) => string): Scan => {
  const objects: FoundObject[] = [];
  let { volume, offset } = from;
  while (existsSync(pathOf(volume))) {
    const scan = scanVolume(pathOf(volume), { volume, offset }, objects);
    if (!scan.ended) return { objects, end: { volume, offset: scan.offset } };
    volume++;
    offset = 0;
  }
  return { objects, end: { volume, offset } };
};

const scanVolume = (
  path: string,
  from: Place,
  objects: FoundObject[],
): { readonly offset: number; readonly ended: boolean } => {
  const fd = openSync(path, 'r');
  const head = Buffer.allocUnsafe(MAX_HEAD_BYTES);
  const data = Buffer.allocUnsafe(READ_BYTES);
  try {
    const fileBytes = fstatSync(fd).size;
    for (let { volume, offset } = from; ; ) {
      const place = { volume, offset };
      const read = readSync(fd, head, 0, MAX_HEAD_BYTES, offset);
      const record = decodeRecordHead(head.subarray(0, read), place);
      if (record === undefined) return { offset, ended: false };
      if (record.kind === 'end') return { offset: offset + record.recordBytes, ended: true };
      const dataStart = offset + record.recordBytes - record.dataBytes;
      if (dataStart + record.dataBytes > fileBytes) return { offset, ended: false };
      if (crcOfRange(fd, data, dataStart, record.dataBytes) !== record.dataCrc) {
        return { offset, ended: false };
      }
      const { key, dataBytes } = record;
      objects.push({ key, position: positionOf(place), sizeBytes: dataBytes });
      offset += record.recordBytes;
    }
  } finally {
    closeSync(fd);
  }
};

const crcOfRange = (fd: number, buffer: Buffer, start: number, size: number): number => {
  let crc = 0;
  for (let done = 0; done < size; ) {
    const read = readSync(fd, buffer, 0, Math.min(buffer.length, size - done), start + done);
    if (read === 0) return -1;
    crc = crc32(buffer.subarray(0, read), crc);
    done += read;
  }
  return crc;
};
