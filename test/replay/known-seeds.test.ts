import { expect, it } from 'vitest';
import { firstAnomaly, firstOffsetAnomaly, firstTopicAnomaly } from './seeds.ts';

it('1,000 seeds, the same every time: nothing lands twice, is lost, or is told wrong', async () => {
  expect(await firstAnomaly(0, 1_000)).toBeUndefined();
}, 200_000);

it('200 seeds, the same every time: topics are made, changed and deleted as told', async () => {
  expect(await firstTopicAnomaly(0, 200)).toBeUndefined();
}, 100_000);

it('100 seeds, the same every time: offsets are committed as told', async () => {
  expect(await firstOffsetAnomaly(0, 100)).toBeUndefined();
}, 100_000);
