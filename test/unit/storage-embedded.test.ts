import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { StratalogError } from '../../lib/model/errors.ts';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { add, set } from '../../lib/storage/algebra.ts';
import { groupSync } from '../../lib/storage/embedded/group-sync.ts';
import { type FsyncMode, openEmbedded } from '../../lib/storage/embedded/open.ts';
import { decodeRecordHead, encodeRecordHead } from '../../lib/storage/embedded/volume-record.ts';
import { BlobMissing, StoreError } from '../../lib/storage/ports.ts';
import { LANES, readHistory } from '../support/embedded-history.ts';
import { scratchDirectory } from '../support/scratch.ts';

const scratch = scratchDirectory();
let directories = 0;
const newDirectory = (): string => join(scratch, String(++directories));

const open = (dataDir: string, fsync: FsyncMode = 'interval', volumeBytes = 64 * 1024) =>
  openEmbedded({ dataDir, fsync, runtime: systemRuntime, volumeBytes });

const errorOf = async (call: Promise<unknown>): Promise<unknown> => {
  try {
    await call;
  } catch (error) {
    return error;
  }
  return undefined;
};

const key = { pk: 'P', sk: 'HEAD' };
const bytesOf = (size: number, value: number): Uint8Array => new Uint8Array(size).fill(value);

describe('a data directory', () => {
  it('keeps items and objects over a restart', async () => {
    for (const fsync of ['always', 'interval', 'never'] as const) {
      const dataDir = newDirectory();
      const first = await open(dataDir, fsync);
      await first.items.update(key, { change: [add('n', 7), set('body', bytesOf(5_000, 3))] });
      await first.items.put({ pk: 'P', sk: 'GONE' });
      await first.items.delete({ pk: 'P', sk: 'GONE' });
      for (let n = 0; n < 40; n++) await first.blobs.put(`wal/${n}`, [bytesOf(n * 200, n)]);
      await first.blobs.put('segments/t/0/x/00.log', [bytesOf(10_000, 9)]);
      await first.blobs.delete(['wal/3', 'wal/39']);
      await first.close();

      const again = await open(dataDir, fsync);
      const item = (await again.items.get(key))!;
      expect([item.n, (item.body as Uint8Array).length]).toEqual([7, 5_000]);
      expect(await again.items.query('P', 'A', 'Z')).toHaveLength(1);
      expect(await again.blobs.list('wal/')).toHaveLength(38);
      expect(Buffer.compare(await again.blobs.get('wal/38'), bytesOf(38 * 200, 38))).toBe(0);
      expect(await errorOf(again.blobs.get('wal/39'))).toBeInstanceOf(BlobMissing);
      expect(await again.blobs.get('segments/t/0/x/00.log')).toHaveLength(10_000);
      await again.close();
    }
  });

  it('is refused with the reason where it cannot be made', async () => {
    const file = newDirectory();
    writeFileSync(file, '');
    for (const dataDir of [file, join(file, 'below'), join(newDirectory(), 'x'.repeat(300))]) {
      const error = (await errorOf(open(dataDir))) as StratalogError;
      expect(error.code).toBe('INVALID_CONFIG');
      expect(error.message).toMatch(
        /^Cannot create the data directory .*: .* \(E[A-Z]+\)\. Choose/,
      );
    }
    await (await open(join(newDirectory(), 'two', 'levels'))).close();
  });

  it('has one holder, who is named', async () => {
    const dataDir = newDirectory();
    const holder = await open(dataDir);
    const error = (await errorOf(open(dataDir))) as StratalogError;
    expect(error).toBeInstanceOf(StratalogError);
    expect(error.code).toBe('DATA_DIRECTORY_LOCKED');
    expect(error.context.pid).toBe(process.pid);
    expect(error.message).toContain(`process ${process.pid}`);
    await holder.items.put(key);
    await holder.close();
    await (await open(dataDir)).close();
  });

  it('refuses calls once it is closed', async () => {
    const { items, blobs, close } = await open(newDirectory());
    await close();
    for (const call of [
      items.get(key),
      items.put(key),
      blobs.put('wal/a', []),
      blobs.get('wal/a'),
      blobs.list(''),
    ]) {
      expect(await errorOf(call)).toBeInstanceOf(StoreError);
    }
  });

  it('keeps its own files out of reach', async () => {
    const { items, blobs, close } = await open(newDirectory());
    await items.put(key);
    for (const own of ['items.db', 'lock.json', 'synced', 'volumes/00000000.vol', 'incoming/1']) {
      const error = (await errorOf(blobs.put(own, [bytesOf(1, 1)]))) as StoreError;
      expect([own, error.reason]).toEqual([own, 'invalid']);
      expect(((await errorOf(blobs.get(own))) as StoreError).reason).toBe('invalid');
    }
    expect(await blobs.list('')).toEqual([]);
    await close();
  });

  it('says so when files cannot hold a key that object stores can', async () => {
    const { blobs, close } = await open(newDirectory());
    await blobs.put('segments/a', [bytesOf(1, 1)]);
    expect(((await errorOf(blobs.put('segments/a/b', []))) as StoreError).reason).toBe('invalid');
    await blobs.put('segments/c/d', [bytesOf(1, 1)]);
    expect(((await errorOf(blobs.put('segments/c', []))) as StoreError).reason).toBe('invalid');
    expect(await errorOf(blobs.get('segments/c'))).toBeInstanceOf(BlobMissing);
    await close();
  });

  it('lists volumes and files in one order', async () => {
    const { blobs, close } = await open(newDirectory());
    for (const one of ['zebra', 'wal/a', 'wal-x', 'segments/a', 'wal0', 'wal/b', 'a/b/c']) {
      await blobs.put(one, []);
    }
    const keys = (await blobs.list('')).map((blob) => blob.key);
    expect(keys).toEqual(['a/b/c', 'segments/a', 'wal-x', 'wal/a', 'wal/b', 'wal0', 'zebra']);
    expect((await blobs.list('wa', { after: 'wal-x', limit: 2 })).map((blob) => blob.key)).toEqual([
      'wal/a',
      'wal/b',
    ]);
    await close();
  });

  it('gives the room of dead volumes to new ones', async () => {
    const dataDir = newDirectory();
    const { blobs, close } = await open(dataDir, 'never');
    const volumes = () => readdirSync(join(dataDir, 'volumes')).length;
    let most = 0;
    for (let round = 0; round < 30; round++) {
      const keys = Array.from({ length: 10 }, (_, n) => `wal/${round}/${n}`);
      for (const one of keys) await blobs.put(one, [bytesOf(15_000, round)]);
      if (round > 0) await blobs.delete(keys.map((one) => one.replace(/\d+/, String(round - 1))));
      most = Math.max(most, volumes());
    }
    expect(most).toBeLessThan(16);
    expect(await blobs.list('wal/')).toHaveLength(10);
    expect(Buffer.compare(await blobs.get('wal/29/5'), bytesOf(15_000, 29))).toBe(0);
    await close();
    const again = await open(dataDir, 'never');
    expect(await again.blobs.list('wal/')).toHaveLength(10);
    await again.close();
  });
});

describe('a process that dies', () => {
  const children = new Set<ChildProcess>();
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
    children.clear();
  });

  /** Runs a writer, hands each line it tells to `told`, and resolves when it has ended. */
  const write = async (
    command: readonly string[],
    told: (line: string, child: ChildProcess) => void | Promise<void>,
  ): Promise<void> => {
    const child = spawn(command[0]!, command.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
    children.add(child);
    for await (const line of createInterface({ input: child.stdout! })) await told(line, child);
  };

  const script = resolve(import.meta.dirname, '../support/embedded-writer.ts');

  const expectAll = async (
    dataDir: string,
    fsync: FsyncMode,
    acknowledged: readonly number[],
  ): Promise<void> => {
    const { items, blobs, close } = await open(dataDir, fsync);
    const named = new Set((await readHistory(items, blobs)).flat());
    expect(acknowledged.filter((n) => !named.has(n))).toEqual([]);
    // What was on its way may be there as well, one write a lane.
    expect(named.size).toBeLessThanOrEqual(acknowledged.length + LANES);
    await close();
  };

  for (const fsync of ['always', 'interval', 'never'] as const) {
    it(`by kill -9 loses nothing that was acknowledged, fsync ${fsync}`, async () => {
      const dataDir = newDirectory();
      const acknowledged: number[] = [];
      await write([process.execPath, script, dataDir, fsync], async (line, child) => {
        if (line === 'open') {
          const error = (await errorOf(open(dataDir))) as StratalogError;
          expect([error.code, error.context.pid]).toEqual(['DATA_DIRECTORY_LOCKED', child.pid]);
        } else {
          acknowledged.push(Number(line));
        }
        if (acknowledged.length === 400) child.kill('SIGKILL');
      });
      await expectAll(dataDir, fsync, acknowledged);
    });
  }

  it('of a full disk has acknowledged nothing that is not there', async () => {
    const dataDir = newDirectory();
    const acknowledged: number[] = [];
    let reason = '';
    // No file may grow beyond 256 KiB: SQLite's log and the volumes meet the bound.
    const limited = `ulimit -f 256; exec "${process.execPath}" "${script}" "${dataDir}" interval`;
    await write(['bash', '-c', limited], (line) => {
      if (/^\d+$/.test(line)) acknowledged.push(Number(line));
      else if (line !== 'open') reason = line;
    });
    expect(['full', 'unavailable']).toContain(reason);
    expect(acknowledged.length).toBeGreaterThan(0);
    await expectAll(dataDir, 'interval', acknowledged);
  });
});

describe('a group of syncs', () => {
  it('covers who asks before it begins, and nobody else', async () => {
    const begun: (() => void)[] = [];
    const sync = groupSync(() => new Promise<void>((done) => begun.push(done)));
    const done: string[] = [];
    const ask = (name: string) => sync().then(() => done.push(name));
    const turn = () => new Promise<void>((next) => systemRuntime.defer(next));

    const asked = [ask('a'), ask('b'), ask('c')];
    expect(begun.length).toBe(1);
    begun[0]!();
    await turn();
    expect([done, begun.length]).toEqual([['a'], 2]);
    asked.push(ask('d'));
    begun[1]!();
    await turn();
    expect([done, begun.length]).toEqual([['a', 'b', 'c'], 3]);
    begun[2]!();
    await Promise.all(asked);
    expect(done).toEqual(['a', 'b', 'c', 'd']);
  });

  it('tells a failure to those it covered only', async () => {
    let runs = 0;
    const sync = groupSync(async () => {
      if (++runs === 1) throw new Error('no');
    });
    const outcomes = await Promise.allSettled([sync(), sync(), sync()]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  });
});

describe('a record in a volume', () => {
  const place = { volume: 7, offset: 0x1234 };

  it('has these bytes', () => {
    const head = encodeRecordHead('object', 'wal/ab', place, 5, 0x01020304);
    expect(head.toString('hex')).toBe(
      [
        '53564f4c', // SVOL
        '01', // version
        '00', // object
        '0600', // key bytes
        '07000000', // volume
        '34120000', // position
        '05000000', // data bytes
        '04030201', // CRC-32 of the data
        'f486a9de', // CRC-32 of the above and the key (zlib's)
        '77616c2f6162', // wal/ab
      ].join(''),
    );
    expect(decodeRecordHead(head, place)).toEqual({
      kind: 'object',
      key: 'wal/ab',
      dataBytes: 5,
      dataCrc: 0x01020304,
      recordBytes: 28 + 6 + 5,
    });
  });

  it('is none elsewhere, nor with any bit changed, nor cut short', () => {
    const head = encodeRecordHead('object', 'wal/ab', place, 5, 0x01020304);
    expect(decodeRecordHead(head, { ...place, volume: 8 })).toBeUndefined();
    expect(decodeRecordHead(head, { ...place, offset: 0 })).toBeUndefined();
    for (let bit = 0; bit < head.length * 8; bit++) {
      const flipped = Buffer.from(head);
      flipped[bit >> 3] = flipped[bit >> 3]! ^ (1 << (bit & 7));
      expect(decodeRecordHead(flipped, place)).toBeUndefined();
    }
    for (let size = 0; size < head.length; size++) {
      expect(decodeRecordHead(head.subarray(0, size), place)).toBeUndefined();
    }
  });
});
