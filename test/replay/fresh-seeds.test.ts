/**
 * New seeds on every run, printed, so that the worlds tried are more with every day. To repeat a run:
 * REPLAY_SEED=<first seed> npx vitest run test/replay/fresh-seeds.test.ts
 */
import { expect, it } from 'vitest';
import { systemRuntime } from '../../lib/model/runtime.ts';
import { firstAnomaly } from './seeds.ts';

const COUNT = 1_000;

it('1,000 new seeds: nothing lands twice, is lost, or is told wrong', async () => {
  const drawn = Buffer.from(systemRuntime.randomBytes(4)).readUInt32BE();
  const first = Number(process.env.REPLAY_SEED ?? drawn);
  console.log(`replay: seeds ${first} to ${first + COUNT - 1}`);
  expect(await firstAnomaly(first, COUNT)).toBeUndefined();
}, 200_000);
