/** A disk that is full: bounds on SQLite's pages and on the size of files say so where a test cannot fill the disk. */
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { set } from '../../lib/storage/algebra.ts';
import { openDatabase } from '../../lib/storage/embedded/database.ts';
import { makeHealth } from '../../lib/storage/embedded/health.ts';
import { openItemRows } from '../../lib/storage/embedded/item-rows.ts';
import { embeddedItems } from '../../lib/storage/embedded/items.ts';
import { openEmbedded } from '../../lib/storage/embedded/open.ts';
import { scratchDirectory } from '../support/scratch.ts';

const scratch = scratchDirectory();
const cli = resolve(import.meta.dirname, '../../lib/cli/main.ts');

it('a write without room is taken back, tells that it did nothing, and leaves the store at work', async () => {
  const health = makeHealth();
  const database = openDatabase(scratch, systemRuntime, health);
  const { store } = embeddedItems({
    database,
    rows: openItemRows(database),
    runtime: systemRuntime,
    health,
    cacheBytes: 1_000,
    syncEach: false,
    objectsEnd: () => 0,
    committed: () => {},
  });
  const key = { pk: 'P', sk: 'HEAD' };
  const body = (sizeBytes: number) => ({ change: [set('body', new Uint8Array(sizeBytes))] });
  const sizeOf = async () => ((await store.get(key))!.body as Uint8Array).length;
  await store.update(key, body(10));

  const pages = Number(database.sql.prepare('PRAGMA page_count').get()?.page_count);
  database.sql.exec(`PRAGMA max_page_count = ${pages}`);
  await expect(store.update(key, body(100_000))).rejects.toMatchObject({
    reason: 'full',
    effect: 'none',
  });
  expect(await sizeOf()).toBe(10);

  database.sql.exec('PRAGMA max_page_count = 1000000');
  await store.update(key, body(20_000));
  expect(await sizeOf()).toBe(20_000);
  database.close();
});

it('a start without room says so, and which directory is meant', async () => {
  const dataDir = join(scratch, 'data');
  const stores = await openEmbedded({ dataDir, fsync: 'interval', runtime: systemRuntime });
  await stores.close();
  const command = `ulimit -f 0; exec "$0" "${cli}" dev --json --http-port 0 --data-dir "${dataDir}"`;
  const { stderr } = spawnSync('bash', ['-c', command, process.execPath], { encoding: 'utf8' });
  const { code, message, retriable, effect } = JSON.parse(stderr);
  expect({ code, retriable, effect }).toEqual({
    code: 'KAFKA_STORAGE_ERROR',
    retriable: true,
    effect: 'none',
  });
  expect(message).toContain(`There is no room on the disk of the data directory ${dataDir}`);
});
