import { afterAll, beforeAll, it } from 'vitest';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import { compareItemStores } from '../contract/compare-item-stores.ts';
import { describeItemStore } from '../contract/item-store.ts';
import { newDynamoTable } from '../engines/dynamo-table.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../engines/dynamodb-local.ts';

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
});
