/** Items on a disk that is full: SQLite's bound on pages says so where a test cannot fill the disk. */
import { expect, it } from 'vitest';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { set } from '../../lib/storage/algebra.ts';
import { openDatabase } from '../../lib/storage/embedded/database.ts';
import { makeHealth } from '../../lib/storage/embedded/health.ts';
import { openItemRows } from '../../lib/storage/embedded/item-rows.ts';
import { embeddedItems } from '../../lib/storage/embedded/items.ts';
import { scratchDirectory } from '../support/scratch.ts';

const scratch = scratchDirectory();

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
