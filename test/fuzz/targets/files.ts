/**
 * Files: a data directory that the store left behind, as a bad disk or a hasty hand may change it.
 *
 *   write ── close, or a copy while it is open ──► files ── harm ──► open ── read ── write ── close
 *
 * The start refuses by name, or what is read is what was written, up to the end or (of a store that was
 * killed) to an earlier one; what cannot be read says so. Nothing else is thrown, and nothing hangs.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Broker } from '../../../lib/broker/api.ts';
import { createBroker } from '../../../lib/broker/broker.ts';
import { StratalogError } from '../../../lib/model/errors.ts';
import { type Runtime, systemRuntime } from '../../../lib/model/runtime.ts';
import { type EmbeddedStores, openEmbedded } from '../../../lib/storage/embedded/open.ts';
import { BlobMissing, StoreError } from '../../../lib/storage/ports.ts';
import { type Chance, chanceOf } from '../chance.ts';
import { PARTITIONS, readThrough } from '../readers.ts';
import { smallerList } from '../smaller.ts';
import { spoilt } from '../spoil.ts';
import type { Target } from '../target.ts';
import { fill, ORDER_VALUES } from '../world.ts';

const HOWS = [
  'damaged',
  'damaged',
  'cut',
  'lost',
  'longer',
  'zeroed',
  'exchanged',
  'emptied',
] as const;
const STATES = ['closed', 'killed', 'killed always'] as const;

interface Harm {
  readonly dice: number;
  readonly how: (typeof HOWS)[number];
}

interface Input {
  readonly state: (typeof STATES)[number];
  readonly harms: readonly Harm[];
}

const inputOf = (chance: Chance): Input => ({
  state: chance.pick(STATES),
  harms: Array.from({ length: chance.pick([1, 1, 2, 3]) }, () => ({
    how: chance.pick(HOWS),
    dice: chance.below(2 ** 31),
  })),
});

// ── what was there ───────────────────────────────────────────────────────────────────────────────

/** Paths under the data directory, and what the files hold. */
type Files = ReadonlyMap<string, Uint8Array>;

/** Records of `orders/0` before the sync point. */
const SYNCED_RECORDS = ORDER_VALUES[0]!.length / 2;
/** An object that is a file of its own. */
const SEGMENT = 'segments/orders/0.log';
const SEGMENT_BYTES = new Uint8Array(3_000).fill(7);

/** Sync points come when they are asked for. */
const untimed: Runtime = { ...systemRuntime, every: () => () => undefined };

const open = (dataDir: string, state: Input['state']): Promise<EmbeddedStores> =>
  openEmbedded({
    ...{ dataDir, runtime: untimed, volumeBytes: 8_000 },
    fsync: state === 'killed always' ? 'always' : 'interval',
  });

const brokerOver = ({ items, blobs }: EmbeddedStores): Broker =>
  createBroker({ items, blobs, runtime: untimed, freezes: true });

const filesOf = (directory: string): Files => {
  const paths = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    paths.sort().map((path) => [path.slice(directory.length + 1), readFileSync(path)]),
  );
};

const inScratch = async <T>(work: (directory: string) => Promise<T>): Promise<T> => {
  const scratch = mkdtempSync(join(tmpdir(), 'stratalog-fuzz-'));
  try {
    return await work(scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
};

const left = (state: Input['state']): Promise<Files> =>
  inScratch(async (scratch) => {
    const directory = join(scratch, 'data');
    const stores = await open(directory, state);
    await stores.blobs.put(SEGMENT, [SEGMENT_BYTES]);
    // A deletion, also one of nothing, follows a sync point.
    await fill(brokerOver(stores), () => stores.blobs.delete([]));
    if (state === 'closed') await stores.close();
    // Another process copies: closing SQLite's file here would drop its lock.
    const copy = join(scratch, 'copy');
    execFileSync('cp', ['-r', directory, copy]);
    if (state !== 'closed') await stores.close();
    return filesOf(copy);
  });

const made = new Map<Input['state'], Promise<Files>>();

const filesAfter = (state: Input['state']): Promise<Files> => {
  const files = made.get(state) ?? left(state);
  made.set(state, files);
  return files;
};

const harmed = (files: Files, { dice, how }: Harm): Files => {
  const chance = chanceOf(dice, 0);
  const changed = new Map(files);
  const path = chance.pick([...files.keys()]);
  const bytes = files.get(path)!;
  const at = chance.below(bytes.length + 1);
  switch (how) {
    case 'damaged':
      return changed.set(path, spoilt(bytes, chance));
    case 'cut':
      return changed.set(path, bytes.subarray(0, at));
    case 'lost':
      changed.delete(path);
      return changed;
    case 'longer':
      return changed.set(path, Buffer.concat([bytes, chance.bytes(chance.between(1, 200))]));
    case 'zeroed':
      return changed.set(
        path,
        new Uint8Array(bytes).fill(0, at, at + chance.pick([1, 100, 4_096])),
      );
    case 'exchanged':
      return changed.set(path, files.get(chance.pick([...files.keys()]))!);
    case 'emptied':
      return changed.set(path, new Uint8Array(0));
  }
};

// ── what must hold ───────────────────────────────────────────────────────────────────────────────

/** What a reader may be told of. */
const EXPECTED: readonly string[] = ['CORRUPT_STORE', 'KAFKA_STORAGE_ERROR', 'OFFSET_OUT_OF_RANGE'];

const isSame = (path: string, before: Files, after: Files): boolean => {
  const now = after.get(path);
  return now !== undefined && Buffer.compare(now, before.get(path)!) === 0;
};

/**
 * How many records of `orders/0` must be there if nothing is told. What is damaged of SQLite's log is the
 * end of it to SQLite: only a sync point is missed, and only by the file that has its number.
 */
const syncedOf = (state: Input['state'], before: Files, after: Files): number => {
  if (!isSame('synced', before, after)) return 0;
  return state === 'closed' ? ORDER_VALUES[0]!.length : SYNCED_RECORDS;
};

/** What may be told, by the start or by a read. @throws what is no error of a store's */
const told = (thrown: unknown): string => {
  if (thrown instanceof StratalogError) {
    assert.equal(thrown.code, 'CORRUPT_STORE', thrown.stack);
    return thrown.code;
  }
  if (thrown instanceof StoreError || thrown instanceof BlobMissing) return thrown.name;
  throw thrown;
};

/**
 * @param mayBeGone topics too: SQLite's pages have no checksums, and what an index has lost is not there to it
 * @returns what readers are told
 */
const holdRead = async (
  stores: EmbeddedStores,
  syncedRecords: number,
  mayBeGone: boolean,
): Promise<string> => {
  const broker = brokerOver(stores);
  const outcomes = new Set<string>();
  for (const partition of PARTITIONS) {
    const [, , values] = partition;
    const leastEnd = Math.min(syncedRecords, values.length);
    const error = await readThrough(broker, partition, 'earliest', false, { leastEnd });
    const isGone = error?.code === 'UNKNOWN_TOPIC_OR_PARTITION' && mayBeGone;
    if (error !== undefined) assert(isGone || EXPECTED.includes(error.code), error.stack);
    outcomes.add(error?.code ?? 'read');
  }
  try {
    const bytes = await stores.blobs.get(SEGMENT);
    outcomes.add(Buffer.compare(bytes, SEGMENT_BYTES) === 0 ? 'read' : 'another file');
  } catch (error) {
    outcomes.add(told(error));
  }
  return [...outcomes].sort().join(' ');
};

/** The store takes and gives objects and items as before, or says why not. */
const holdWrite = async ({ items, blobs }: EmbeddedStores): Promise<string> => {
  let outcome = '';
  try {
    await blobs.put('wal/0/new', [SEGMENT_BYTES]);
    const bytes = await blobs.get('wal/0/new');
    assert(Buffer.compare(bytes, SEGMENT_BYTES) === 0, 'a new object has other bytes');
    await items.put({ pk: 'new', sk: 'HEAD', n: 1 });
    assert.equal((await items.get({ pk: 'new', sk: 'HEAD' }))?.n, 1);
  } catch (error) {
    outcome = `, a write says ${told(error)}`;
  }
  return outcome;
};

const run = async ({ state, harms }: Input): Promise<string> => {
  const before = await filesAfter(state);
  const files = harms.reduce(harmed, before);
  return inScratch(async (directory) => {
    for (const [path, bytes] of files) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), bytes);
    }
    let stores: EmbeddedStores;
    try {
      stores = await open(directory, state);
    } catch (error) {
      return `the start says ${told(error)}`;
    }
    const synced = syncedOf(state, before, files);
    const mayBeGone = synced === 0 || !isSame('items.db', before, files);
    try {
      return `${await holdRead(stores, synced, mayBeGone)}${await holdWrite(stores)}`;
    } finally {
      await stores.close().catch(told);
    }
  });
};

/** Every file of a data directory, closed in order or killed. */
export const files: Target<Input> = {
  allowed: [],
  make: inputOf,
  run,
  *smaller(input) {
    for (const harms of smallerList(input.harms)) yield { ...input, harms };
  },
};
