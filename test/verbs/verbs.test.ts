/**
 * Every verb, in random sequences, by every way to the service: each answer is that of a model of a few
 * arrays. See sequences.ts for how to repeat one.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, it, vi } from 'vitest';
import { type LocalHttp, serveHttp } from '../../lib/local/http-server.ts';
import { openStores } from '../../lib/local/stores.ts';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { memoryBlobs } from '../../lib/storage/memory/blobs.ts';
import { memoryItems } from '../../lib/storage/memory/items.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { expectNoDifference, newSeed, runsOr } from './sequences.ts';
import { WAYS } from './world.ts';

const seed = newSeed();

/** Also for many more sequences than usual, and on a machine that is busy. */
vi.setConfig({ testTimeout: 1_200_000 });
let http: LocalHttp;
beforeAll(async () => {
  http = await serveHttp({ port: 0, host: '127.0.0.1', runtime: systemRuntime });
});
afterAll(() => http.close());

const inMemory = () => ({
  port: http.port,
  newLog: () => {
    const stores = { items: memoryItems(), blobs: memoryBlobs(), close: async () => {} };
    return async () => stores;
  },
});

it.each(WAYS)('answers as the model does, alone: %s', async (way) => {
  await expectNoDifference({ ...inMemory(), ways: [way], runs: runsOr(60), seed });
});

it('answers as the model does, whatever way each call takes', async () => {
  await expectNoDifference({ ...inMemory(), runs: runsOr(250), seed });
});

it('answers as the model does when functions and program have brokers of their own', async () => {
  await expectNoDifference({ ...inMemory(), twoBrokers: true, runs: runsOr(150), seed });
});

it('answers as the model does of longer logs', async () => {
  const plans = [
    'produceRecords',
    'produceShares',
    'produceIdempotent',
    'fetchMany',
    'fetchPartition',
    'listOffsets',
    'deleteRecords',
    'describeTopic',
  ] as const;
  const ways = ['direct', 'gateway'] as const;
  await expectNoDifference({ ...inMemory(), ways, plans, maxCalls: 250, runs: runsOr(20), seed });
});

it('answers as the model does from a directory, opened again and again', async () => {
  const root = scratchDirectory();
  let logs = 0;
  const newLog = () => {
    const dataDir = join(root, String(++logs));
    return () => openStores(dataDir, 'never', systemRuntime);
  };
  await expectNoDifference({ port: http.port, newLog, runs: runsOr(10), seed });
});
