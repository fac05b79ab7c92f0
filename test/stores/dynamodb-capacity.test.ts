/**
 * What DynamoDB bills for appends, as DynamoDB Local counts it: rolls and the index included.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import { newDynamoTable } from '../engines/dynamo-table.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../engines/dynamodb-local.ts';
import { APPEND_MIXES, appendMix } from '../support/append-mixes.ts';
import { countConsumed } from '../support/consumed.ts';
import { meteredItems, newMeter } from '../support/meter.ts';
import { virtualRuntime } from '../support/virtual-runtime.ts';

const APPENDS = 10_000;

let engine: DynamoDbLocal;
beforeAll(async () => {
  engine = await startDynamoDbLocal();
}, 300_000);
afterAll(() => engine?.close());

/** As functions append: what answered may be frozen, so it answers after its roll. */
const AS_IN_LAMBDA = { answerAfterRoll: true };

/** What the unit tests count for the same appends. */
const countedUnits = async (mix: (typeof APPEND_MIXES)[number]): Promise<number> => {
  const runtime = virtualRuntime(7);
  const meter = newMeter();
  const stores = { items: meteredItems(memoryItems(), () => meter), blobs: memoryBlobs() };
  await runtime.drive(() => appendMix(stores, runtime, mix, APPENDS, AS_IN_LAMBDA));
  return meter.writeUnits;
};

it.concurrent.each(APPEND_MIXES)(
  '$what: at most $mostUnits write units an append',
  async (mix) => {
    const { client, items, close } = await newDynamoTable(engine);
    const consumed = countConsumed(client);
    const stores = { items, blobs: memoryBlobs() };
    await appendMix(stores, systemRuntime, mix, APPENDS, AS_IN_LAMBDA);
    close();

    const counted = await countedUnits(mix);
    console.log(
      `${mix.what}: ${(consumed.writeUnits / APPENDS).toFixed(3)} write units an append (counted ${(counted / APPENDS).toFixed(3)}), ${consumed.calls} calls`,
    );
    // Nobody else appends: only what a busy machine answered too late is sent again, and refused.
    expect(consumed.refused).toBeLessThanOrEqual(APPENDS / 1_000);
    expect(consumed.writeUnits / APPENDS).toBeLessThanOrEqual(mix.mostUnits);
    // The unit tests count what is billed; near a whole KiB a byte decides.
    expect(Math.abs(consumed.writeUnits / counted - 1)).toBeLessThan(0.05);
  },
  900_000,
);
