/**
 * Large files that objects are appended to: a flush costs one `writev` and no file.
 *
 *   volumes/00000007.vol   object object … object end
 *   volumes/00000008.vol   object object …                ← the newest one is written to
 *   volumes/spare-….vol    all objects dead: takes the place of the next volume, pages and all
 *
 * Objects that arrive in one turn of the event loop are written by one synchronous `writev`, which is
 * what measured best: the bytes go to the page cache at memory speed. Reads of the newest two volumes
 * are synchronous as well (their pages are there), others go to a thread of the pool.
 */
import {
  closeSync,
  fdatasync,
  fsync,
  ftruncateSync,
  openSync,
  read,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writevSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Runtime } from '../../model/runtime.ts';
import { StoreError } from '../ports.ts';
import { groupSync } from './group-sync.ts';
import type { Health } from './health.ts';
import { type Position, placeOf, positionOf } from './position.ts';
import { crcOf, encodeRecordHead, type Place, RECORD_HEADER_BYTES } from './volume-record.ts';

const fdatasyncAsync = promisify(fdatasync);
const fsyncAsync = promisify(fsync);
const readAsync = promisify(read);

/** Lengths in a record are 32 bits. */
const MAX_OBJECT_BYTES = 2 ** 32 - 1;
/** Buffers that one `writev` takes (IOV_MAX on Linux and macOS). */
const MAX_IOVECS = 1024;
/** Dead volumes kept for reuse. */
const MAX_SPARES = 2;

/** The file of a volume. */
export const volumePath = (directory: string, volume: number): string =>
  join(directory, `${String(volume).padStart(8, '0')}.vol`);

/** Numbers of the volumes in a directory, ascending. */
export const listVolumes = (directory: string): readonly number[] =>
  readdirSync(directory)
    .map((name) => /^(\d{8,})\.vol$/.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((left, right) => left - right);

export interface Volumes {
  /** Where the next object goes; all that was written lies below. */
  readonly end: Position;
  /** All below it is on the disk. */
  readonly synced: Position;
  /** Writes an object with all others of this turn. `placed` is called when it is in the file, before the promise resolves. */
  append(
    key: string,
    buffers: readonly Uint8Array[],
    sizeBytes: number,
    placed: (position: Position) => void,
  ): Promise<void>;
  /** `size` bytes from `start` of the object at `position`. */
  read(
    position: Position,
    key: string,
    start: number,
    size: number,
  ): Uint8Array | Promise<Uint8Array>;
  /** Resolves when everything written before the call is on the disk, names of files included. */
  sync(): Promise<void>;
  /** Frees a volume below the newest; its file is kept for reuse or deleted, once nobody reads it. */
  free(volume: number): void;
  /** Volumes below `before`, ascending. */
  below(before: Position): readonly number[];
  close(): void;
}

interface Volume {
  readonly fd: number;
  /** Reads under way on a thread. */
  reads: number;
  freed: boolean;
}

interface Append {
  readonly key: string;
  readonly buffers: readonly Uint8Array[];
  readonly sizeBytes: number;
  readonly placed: (position: Position) => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface VolumesOptions {
  readonly directory: string;
  /** Where the next object goes. */
  readonly end: Place;
  /** Size at which the next volume is begun. */
  readonly volumeBytes: number;
  readonly runtime: Runtime;
  readonly health: Health;
}

export const openVolumes = ({
  directory,
  end,
  volumeBytes,
  runtime,
  health,
}: VolumesOptions): Volumes => {
  const volumes = new Map<number, Volume>();
  const spares: string[] = [];
  const dirty = new Set<number>();
  const directoryFd = openSync(directory, 'r');
  let directoryDirty = false;
  let { volume: newest, offset } = end;
  let synced = positionOf(end);
  let queue: Append[] = [];

  const open = (number: number, flags: string): Volume => {
    const volume = { fd: openSync(volumePath(directory, number), flags), reads: 0, freed: false };
    volumes.set(number, volume);
    return volume;
  };

  const begin = (number: number): void => {
    const spare = spares.pop();
    if (spare !== undefined) renameSync(spare, volumePath(directory, number));
    open(number, spare === undefined ? 'w+' : 'r+');
    directoryDirty = true;
    newest = number;
    offset = 0;
  };

  for (const number of listVolumes(directory)) open(number, 'r+');
  if (!volumes.has(newest)) begin(newest);

  /** Ends the newest volume, so that a scan goes on to the next. */
  const roll = (): void => {
    const mark = encodeRecordHead('end', '', { volume: newest, offset }, 0, 0);
    writeAll(volumes.get(newest)!.fd, [mark], offset);
    dirty.add(newest);
    begin(newest + 1);
  };

  /** Writes a run of appends that the newest volume takes, and answers none of them. */
  const writeRun = (run: readonly Append[]): Position[] => {
    const buffers: Uint8Array[] = [];
    const positions: Position[] = [];
    let at = offset;
    for (const { key, buffers: data, sizeBytes } of run) {
      const place = { volume: newest, offset: at };
      const head = encodeRecordHead('object', key, place, sizeBytes, crcOf(data));
      buffers.push(head);
      for (const buffer of data) if (buffer.length > 0) buffers.push(buffer);
      positions.push(positionOf(place));
      at += head.length + sizeBytes;
    }
    const { fd } = volumes.get(newest)!;
    dirty.add(newest);
    try {
      writeAll(fd, buffers, offset);
    } catch (error) {
      // Nothing of a failed run stays; the scan of the next start must not find half of it.
      ftruncateSync(fd, offset);
      throw error;
    }
    offset = at;
    return positions;
  };

  const flush = (): void => {
    const batch = queue;
    queue = [];
    for (let from = 0; from < batch.length; ) {
      let to = from;
      let bytes = offset;
      for (; to < batch.length; to++) {
        bytes += RECORD_HEADER_BYTES + batch[to]!.key.length + batch[to]!.sizeBytes;
        if (bytes > volumeBytes && (to > from || offset > 0)) break;
      }
      try {
        health.require();
        // Nothing fits any more: the rest goes into the next volume.
        if (to === from) {
          roll();
          continue;
        }
        const run = batch.slice(from, to);
        writeRun(run).forEach((position, index) => {
          run[index]!.placed(position);
          run[index]!.resolve();
        });
        from = to;
      } catch (error) {
        const judged = health.judge(error, 'writing objects', 'none');
        for (const { reject } of batch.slice(from)) reject(judged);
        return;
      }
    }
  };

  const retire = (number: number, volume: Volume): void => {
    if (!volume.freed || volume.reads > 0) return;
    closeSync(volume.fd);
    const path = volumePath(directory, number);
    if (spares.length >= MAX_SPARES) {
      rmSync(path, { force: true });
    } else {
      const spare = join(directory, `spare-${number}.vol`);
      renameSync(path, spare);
      spares.push(spare);
    }
  };

  return {
    get end() {
      return positionOf({ volume: newest, offset });
    },
    get synced() {
      return synced;
    },
    append(key, buffers, sizeBytes, placed) {
      return new Promise((resolve, reject) => {
        if (sizeBytes > MAX_OBJECT_BYTES) {
          throw new StoreError('invalid', `the object ${key} has 4 GiB or more`, {
            effect: 'none',
          });
        }
        queue.push({ key, buffers, sizeBytes, placed, resolve, reject });
        if (queue.length === 1) runtime.defer(flush);
      });
    },
    read(position, key, start, size) {
      const place = placeOf(position);
      const volume = volumes.get(place.volume);
      if (volume === undefined) throw lost(key, place);
      const at = place.offset + RECORD_HEADER_BYTES + key.length + start;
      const bytes = Buffer.allocUnsafe(size);
      if (place.volume >= newest - 1) {
        if (readSync(volume.fd, bytes, 0, size, at) < size) throw lost(key, place);
        return bytes;
      }
      volume.reads++;
      return readAsync(volume.fd, bytes, 0, size, at)
        .then(({ bytesRead }) => {
          if (bytesRead < size) throw lost(key, place);
          return bytes;
        })
        .finally(() => {
          volume.reads--;
          retire(place.volume, volume);
        });
    },
    sync: groupSync(async () => {
      health.require();
      const targets = [...dirty].map((number) => volumes.get(number)?.fd);
      const names = directoryDirty;
      const covered = positionOf({ volume: newest, offset });
      dirty.clear();
      directoryDirty = false;
      try {
        for (const fd of targets) if (fd !== undefined) await fdatasyncAsync(fd);
        if (names) await fsyncAsync(directoryFd);
        synced = covered;
      } catch (error) {
        throw health.judge(error, 'syncing objects');
      }
    }),
    free(number) {
      const volume = volumes.get(number);
      if (volume === undefined || number >= newest) return;
      volumes.delete(number);
      dirty.delete(number);
      volume.freed = true;
      retire(number, volume);
    },
    below: (before) =>
      [...volumes.keys()].filter(
        (number) => positionOf({ volume: number + 1, offset: 0 }) <= before,
      ),
    close() {
      for (const { fd } of volumes.values()) closeSync(fd);
      for (const spare of spares) rmSync(spare, { force: true });
      closeSync(directoryFd);
    },
  };
};

/** All of `buffers`, also when the file system takes them in parts. */
const writeAll = (fd: number, buffers: readonly Uint8Array[], start: number): void => {
  let rest = buffers;
  for (let at = start; rest.length > 0; ) {
    let written = writevSync(fd, rest.slice(0, MAX_IOVECS), at);
    at += written;
    let whole = 0;
    while (whole < rest.length && written >= rest[whole]!.length) written -= rest[whole++]!.length;
    rest =
      written === 0
        ? rest.slice(whole)
        : [rest[whole]!.subarray(written), ...rest.slice(whole + 1)];
  }
};

const lost = (key: string, { volume, offset }: Place): StoreError =>
  new StoreError('corrupt', `the object ${key} is not in volume ${volume} at ${offset}`);
