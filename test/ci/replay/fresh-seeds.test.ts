/**
 * New seeds on every run, printed, so that the worlds tried are more with every day. To repeat a run:
 * REPLAY_SEED=<first seed> npm run test:replay
 */
import { expect, it } from 'vitest';
import { systemRuntime } from '../../../lib/model/runtime.ts';
import { firstAnomaly, firstOffsetAnomaly, firstTopicAnomaly } from '../../replay/seeds.ts';

const drawn = Buffer.from(systemRuntime.randomBytes(4)).readUInt32BE();
const FIRST = Number(process.env.REPLAY_SEED ?? drawn);

it.each([
  { count: 1_000, anomaly: firstAnomaly, says: 'nothing lands twice, is lost, or is told wrong' },
  { count: 100, anomaly: firstTopicAnomaly, says: 'topics are made, changed and deleted as told' },
  { count: 100, anomaly: firstOffsetAnomaly, says: 'offsets are committed as told' },
])(
  '$count new seeds: $says',
  async ({ count, anomaly }) => {
    console.log(`replay: seeds ${FIRST} to ${FIRST + count - 1}`);
    expect(await anomaly(FIRST, count)).toBeUndefined();
  },
  200_000,
);
