/**
 * Power loss, played with files: what was written after the last sync is cut, flipped or zeroed at
 * random, in the volumes and in SQLite's log independently, as a disk may leave it. What must remain is
 * a prefix of the acknowledged writes, at least up to the sync, with every object that it names.
 */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StratalogError } from '../../lib/model/errors.ts';
import { type Runtime, systemRuntime } from '../../lib/model/runtime.ts';
import { append, set } from '../../lib/storage/algebra.ts';
import {
  type EmbeddedStores,
  type FsyncMode,
  openEmbedded,
} from '../../lib/storage/embedded/open.ts';
import {
  LANES,
  laneKey,
  objectBytes,
  objectKey,
  readHistory,
} from '../support/embedded-history.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { type Random, seeded } from '../support/virtual-runtime.ts';

const scratch = scratchDirectory();
let directories = 0;
const newDirectory = (): string => join(scratch, String(++directories));

/** Sync points come when the test asks for them. */
const untimed: Runtime = { ...systemRuntime, every: () => () => undefined };

const open = (dataDir: string, fsync: FsyncMode = 'interval'): Promise<EmbeddedStores> =>
  openEmbedded({ dataDir, fsync, runtime: untimed, volumeBytes: 100_000 });

/** Deletes follow a sync point, also when there is nothing to delete. */
const sync = ({ blobs }: EmbeddedStores): Promise<void> => blobs.delete([]);

/** Writes [from, to), one after the other: an object, the item that names it, a row, a counter. */
const write = async ({ items, blobs }: EmbeddedStores, from: number, to: number): Promise<void> => {
  for (let n = from; n < to; n++) {
    await blobs.put(objectKey(n), [objectBytes(n)]);
    await items.update(laneKey(n % LANES), { change: [append('named', [n])] });
    await items.put({ pk: 'rows', sk: `ROW#${String(n).padStart(8, '0')}`, n });
    await items.update({ pk: 'count', sk: 'HEAD' }, { change: [set('next', n + 1)] });
  }
};

/** Sizes of the files in which something may be lost: the volumes, and SQLite's log. */
const sizes = (dataDir: string): ReadonlyMap<string, number> => {
  const volumes = readdirSync(join(dataDir, 'volumes')).map((name) => join('volumes', name));
  return new Map(
    [...volumes, 'items.db-wal'].map((path) => [path, statSync(join(dataDir, path)).size]),
  );
};

const errorOf = async (call: Promise<unknown>): Promise<unknown> => {
  try {
    await call;
  } catch (error) {
    return error;
  }
  return undefined;
};

/** As the files are now. Another process copies: closing SQLite's file here would drop its lock. */
const snapshot = (dataDir: string): string => {
  const copy = newDirectory();
  execFileSync('cp', ['-r', dataDir, copy]);
  return copy;
};

/** Cuts, flips or zeroes something of a file, at or after `from`. */
const damage = (path: string, from: number, random: Random): void => {
  const { size } = statSync(path);
  if (size <= from) return;
  const at = from + Math.floor(random() * (size - from));
  const fd = openSync(path, 'r+');
  try {
    const how = random();
    if (how < 0.35) {
      ftruncateSync(fd, at);
    } else if (how < 0.6) {
      const byte = Buffer.alloc(1);
      readSync(fd, byte, 0, 1, at);
      writeSync(fd, Buffer.from([byte[0]! ^ (1 << Math.floor(random() * 8))]), 0, 1, at);
    } else if (how < 0.8) {
      // A page that never reached the disk, with later ones that did.
      writeSync(fd, Buffer.alloc(Math.min(4_096, size - at)), 0, Math.min(4_096, size - at), at);
    } else {
      writeSync(fd, Buffer.alloc(size - at), 0, size - at, at);
    }
  } finally {
    closeSync(fd);
  }
};

/** Checks the state against the writes, and returns how many of them it holds. */
const prefixOf = async ({ items, blobs }: EmbeddedStores): Promise<number> => {
  const next = ((await items.get({ pk: 'count', sk: 'HEAD' }))?.next as number) ?? 0;
  const named = (await readHistory(items, blobs)).flat().sort((left, right) => left - right);
  const rows = (await items.query('rows', 'ROW#', 'ROW#~')).map(({ n }) => n as number);
  // The three items of a write are three writes: the counter may lag behind the others by one.
  for (const numbers of [named, rows]) {
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, n) => n));
    expect(numbers.length - next).toBeGreaterThanOrEqual(0);
    expect(numbers.length - next).toBeLessThanOrEqual(1);
  }
  return next;
};

describe('after power loss', () => {
  for (const [fsync, epochs] of [
    ['interval', 3],
    ['never', 1],
  ] as const) {
    it(`a prefix remains, fsync ${fsync}`, async () => {
      const seed = 20_260_101;
      const random = seeded(seed);
      const dataDir = newDirectory();
      const stores = await open(dataDir, fsync);
      let written = 0;
      let rolledBack = 0;
      let kept = 0;
      for (let epoch = 0; epoch < epochs; epoch++) {
        const synced = written + Math.floor(random() * 60);
        await write(stores, written, synced);
        await sync(stores);
        const syncedSizes = sizes(dataDir);
        written = synced + 1 + Math.floor(random() * 60);
        await write(stores, synced, written);
        const whole = snapshot(dataDir);
        for (let round = 0; round < 7; round++) {
          const copy = snapshot(whole);
          const volumesToo = round % 3 !== 0;
          for (const path of sizes(copy).keys()) {
            if (path === 'items.db-wal' ? random() < 0.5 : volumesToo && random() < 0.7) {
              damage(join(copy, path), syncedSizes.get(path) ?? 0, random);
            }
          }
          const reopened = await open(copy, fsync);
          const prefix = await prefixOf(reopened);
          expect(prefix).toBeGreaterThanOrEqual(synced);
          expect(prefix).toBeLessThanOrEqual(written);
          if (prefix === written) kept++;
          if (prefix === synced) rolledBack++;

          // It goes on from there, and survives the next crash as well.
          await write(reopened, 1_000_000, 1_000_003);
          const again = snapshot(copy);
          await reopened.close();
          const third = await open(again, fsync);
          expect((await third.items.get({ pk: 'count', sk: 'HEAD' }))?.next).toBe(1_000_003);
          for (const n of [1_000_000, 1_000_001, 1_000_002]) {
            expect(Buffer.compare(await third.blobs.get(objectKey(n)), objectBytes(n))).toBe(0);
          }
          await third.close();
          rmSync(copy, { recursive: true });
          rmSync(again, { recursive: true });
        }
        const undamaged = await open(whole, fsync);
        expect(await prefixOf(undamaged)).toBe(written);
        await undamaged.close();
      }
      await stores.close();
      // The dice must have shown all there is to see.
      expect(rolledBack).toBeGreaterThanOrEqual(epochs);
      expect(kept).toBeGreaterThanOrEqual(epochs);
    });
  }

  it('what lay behind a torn object does not come back', async () => {
    const dataDir = newDirectory();
    const stores = await open(dataDir);
    const keys = ['a', 'b', 'c', 'd', 'e'].map((name) => `wal/${name}`);
    for (const key of keys) await stores.blobs.put(key, [new Uint8Array(500).fill(1)]);
    const copy = snapshot(dataDir);
    await stores.close();
    const fd = openSync(join(copy, 'volumes', '00000000.vol'), 'r+');
    writeSync(fd, Buffer.from([2]), 0, 1, 2 * (28 + 5 + 500) + 100);
    closeSync(fd);

    const reopened = await open(copy);
    const namesOf = async ({ blobs }: EmbeddedStores) =>
      (await blobs.list('wal/')).map(({ key }) => key);
    expect(await namesOf(reopened)).toEqual(['wal/a', 'wal/b']);
    // As large as the torn one: the old records behind it would follow without a gap.
    await reopened.blobs.put('wal/x', [new Uint8Array(500).fill(3)]);
    const again = snapshot(copy);
    await reopened.close();
    const third = await open(again);
    expect(await namesOf(third)).toEqual(['wal/a', 'wal/b', 'wal/x']);
    await third.close();
  });

  it('everything remains, fsync always', async () => {
    const dataDir = newDirectory();
    const stores = await open(dataDir, 'always');
    await write(stores, 0, 40);
    const acknowledged = sizes(dataDir);
    // On their way when the power went: neither was answered.
    void stores.blobs.put(objectKey(40), [objectBytes(40)]).catch(() => undefined);
    void stores.items.put({ pk: 'other', sk: 'HEAD' }).catch(() => undefined);
    await new Promise<void>((next) => systemRuntime.defer(next));
    const whole = snapshot(dataDir);
    const random = seeded(3);
    for (let round = 0; round < 8; round++) {
      const copy = snapshot(whole);
      for (const [path, size] of acknowledged) damage(join(copy, path), size, random);
      const reopened = await open(copy, 'always');
      expect(await prefixOf(reopened)).toBe(40);
      await reopened.close();
    }
    await stores.close();
  });
});

describe('when something is missing that was synced', () => {
  const damaged = async (spoil: (dataDir: string) => void): Promise<unknown> => {
    const dataDir = newDirectory();
    const stores = await open(dataDir);
    await write(stores, 0, 60);
    await sync(stores);
    const copy = snapshot(dataDir);
    await stores.close();
    spoil(copy);
    await errorOf(open(copy));
    // The directory is not held by the start that failed, nor mended by it.
    return errorOf(open(copy));
  };

  const cut = (path: string, size: number) => (dataDir: string) => {
    const fd = openSync(join(dataDir, path), 'r+');
    ftruncateSync(fd, size);
    closeSync(fd);
  };

  const cases: Readonly<Record<string, (dataDir: string) => void>> = {
    'a volume is cut short': cut('volumes/00000000.vol', 50_000),
    'a volume is gone': (dataDir) => rmSync(join(dataDir, 'volumes/00000001.vol')),
    'the newest volume is cut short': (dataDir) => {
      const newest = readdirSync(join(dataDir, 'volumes')).sort().at(-1)!;
      cut(join('volumes', newest), statSync(join(dataDir, 'volumes', newest)).size - 1)(dataDir);
    },
    "SQLite's log is cut short": cut('items.db-wal', 20_000),
    "SQLite's log is gone": (dataDir) => rmSync(join(dataDir, 'items.db-wal')),
    "SQLite's file is none": (dataDir) => {
      const fd = openSync(join(dataDir, 'items.db'), 'r+');
      writeSync(fd, Buffer.alloc(4_096, 'x'), 0, 4_096, 0);
      closeSync(fd);
      rmSync(join(dataDir, 'items.db-wal'));
    },
  };
  for (const [name, spoil] of Object.entries(cases)) {
    it(`the start says so: ${name}`, async () => {
      const error = await damaged(spoil);
      expect(error).toBeInstanceOf(StratalogError);
      expect((error as StratalogError).code).toBe('CORRUPT_STORE');
    });
  }
});

it("a page of SQLite's file that is spoilt is told by its name, and holds the directory for nobody", async () => {
  const dataDir = newDirectory();
  const stores = await open(dataDir);
  await write(stores, 0, 60);
  await stores.close();
  const pageBytes = 4_096;
  const pages = statSync(join(dataDir, 'items.db')).size / pageBytes;
  let refused = 0;
  for (let page = 0; page < pages; page++) {
    const copy = snapshot(dataDir);
    const fd = openSync(join(copy, 'items.db'), 'r+');
    writeSync(fd, Buffer.alloc(pageBytes - 100, 'x'), 0, pageBytes - 100, page * pageBytes + 100);
    closeSync(fd);
    for (let start = 0; start < 2; start++) {
      const reopened = await open(copy).catch((error: unknown) => error);
      if (reopened instanceof Error) {
        expect(reopened).toMatchObject({ name: 'StratalogError', code: 'CORRUPT_STORE' });
        expect(reopened.message).toContain(copy);
        refused++;
      } else {
        await (reopened as EmbeddedStores).close().catch(() => undefined);
      }
    }
  }
  expect(refused).toBeGreaterThan(0);
});
