/**
 * Every condition of the protocols is needed: with any one taken out, some world goes wrong.
 */
import { describe, expect, it } from 'vitest';
import { APPEND_CONDITIONS } from '../../lib/log/append/once.ts';
import { ROLL_CONDITIONS } from '../../lib/log/append/roll.ts';
import { DELETE_CONDITIONS } from '../../lib/log/delete-records.ts';
import { TOPIC_CONDITIONS } from '../../lib/log/topics/conditions.ts';
import { producerNotNewer } from '../../lib/storage/keys/producer.ts';
import { deletedTopicGrows } from '../../lib/storage/keys/topic.ts';
import { REVISION_AS_READ } from '../../lib/storage/revise.ts';
import { firstAnomaly, firstOffsetAnomaly, firstTopicAnomaly } from './seeds.ts';

const LOG_CONDITIONS = [
  ...Object.values(APPEND_CONDITIONS),
  ...Object.values(ROLL_CONDITIONS),
  ...Object.values(DELETE_CONDITIONS),
  ...Object.keys(producerNotNewer(0)),
];

const TOPICS_CONDITIONS = [
  ...Object.values(TOPIC_CONDITIONS),
  ...Object.keys(deletedTopicGrows({ reserved: 0 })),
  REVISION_AS_READ,
];

const MOST_SEEDS = 300;

describe('without', () => {
  it.each(LOG_CONDITIONS)(
    '%s, a history goes wrong',
    async (condition) => {
      expect(await firstAnomaly(0, MOST_SEEDS, condition)).toBeDefined();
    },
    60_000,
  );

  it.each(TOPICS_CONDITIONS)(
    '%s, a topic goes wrong',
    async (condition) => {
      expect(await firstTopicAnomaly(0, MOST_SEEDS, condition)).toBeDefined();
    },
    60_000,
  );

  it(`${REVISION_AS_READ}, a committed offset goes wrong`, async () => {
    expect(await firstOffsetAnomaly(0, MOST_SEEDS, REVISION_AS_READ)).toBeDefined();
  }, 60_000);
});
