import { it } from 'vitest';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import { DYNALITE_CANNOT, startDynalite } from '../engines/dynalite.ts';
import { newDynamoTable } from '../engines/dynamo-table.ts';
import { compareItemStores } from './compare-item-stores.ts';
import { describeItemStore } from './item-store.ts';

const open = async () => {
  const engine = await startDynalite();
  const table = await newDynamoTable(engine);
  return {
    items: table.items,
    close: async () => {
      table.close();
      await engine.close();
    },
  };
};

describeItemStore('DynamoDB, dynalite', async () => {
  const { items, close } = await open();
  return { store: items, close, cannot: DYNALITE_CANNOT };
});

it('does what the store in memory does', async () => {
  const { items, close } = await open();
  await compareItemStores(memoryItems(), items, { runs: 50, without: 'sizeBelow' });
  await close();
});
