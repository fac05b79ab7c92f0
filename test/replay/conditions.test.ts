/**
 * Every condition of the protocols is needed: with any one taken out, some world goes wrong.
 */
import { describe, expect, it } from 'vitest';
import { APPEND_CONDITIONS } from '../../lib/log/append/once.ts';
import { ROLL_CONDITIONS } from '../../lib/log/append/roll.ts';
import { DELETE_CONDITIONS } from '../../lib/log/delete-records.ts';
import { TOPIC_CONDITIONS } from '../../lib/log/topics/conditions.ts';
import { producerNotNewer } from '../../lib/storage/keys/producer.ts';
import { firstAnomaly, firstTopicAnomaly } from './seeds.ts';

const LOG_CONDITIONS = [
  ...Object.values(APPEND_CONDITIONS),
  ...Object.values(ROLL_CONDITIONS),
  ...Object.values(DELETE_CONDITIONS),
  ...Object.keys(producerNotNewer(0)),
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

  it.each(Object.values(TOPIC_CONDITIONS))(
    '%s, a topic goes wrong',
    async (condition) => {
      expect(await firstTopicAnomaly(0, MOST_SEEDS, condition)).toBeDefined();
    },
    60_000,
  );
});
