/** The comparison with the model is worth something only if it notices what is wrong. */
import { expect, it } from 'vitest';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import { MUTANTS } from './mutants.ts';
import { tryOut } from './sequences.ts';

const newLog = () => {
  const stores = { items: memoryItems(), blobs: memoryBlobs(), close: async () => {} };
  return async () => stores;
};

it.each(Object.entries(MUTANTS))('notices a service that %s', async (_, mutant) => {
  const { failed } = await tryOut({
    port: 0,
    newLog,
    ...mutant,
    ways: ['direct', 'gateway'],
    runs: 200,
    seed: 4,
    endOnFailure: true,
  });
  expect(failed).toBe(true);
});
