/** The DynamoDB adapter on DynamoDB Local: the contract, random writes, and every verb of the service. */
import { afterAll, beforeAll, it } from 'vitest';
import { serveHttp } from '../../lib/local/http-server.ts';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import { compareItemStores } from '../contract/compare-item-stores.ts';
import { describeItemStore } from '../contract/item-store.ts';
import { newDynamoTable } from '../engines/dynamo-table.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../engines/dynamodb-local.ts';
import { expectNoDifference, newSeed, runsOr } from '../verbs/sequences.ts';

let engine: DynamoDbLocal;
beforeAll(async () => {
  engine = await startDynamoDbLocal();
}, 300_000);
afterAll(() => engine?.close());

describeItemStore('DynamoDB Local', async () => {
  const { items, close } = await newDynamoTable(engine);
  return { store: items, close: async () => close() };
});

it('does what the store in memory does', async () => {
  const { items, close } = await newDynamoTable(engine);
  await compareItemStores(memoryItems(), items, { runs: 300 });
  close();
}, 600_000);

it('answers every verb as the model does', async () => {
  const http = await serveHttp({ port: 0, host: '127.0.0.1', runtime: systemRuntime });
  const newLog = () => {
    const opening = newDynamoTable(engine);
    const blobs = memoryBlobs();
    return async () => ({ items: (await opening).items, blobs, close: async () => {} });
  };
  const runs = runsOr(15);
  await expectNoDifference({ port: http.port, newLog, runs, seed: newSeed() });
  await http.close();
}, 600_000);
