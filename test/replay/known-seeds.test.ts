import { expect, it } from 'vitest';
import { firstAnomaly, firstTopicAnomaly } from './seeds.ts';

it('1,000 seeds, the same every time: nothing lands twice, is lost, or is told wrong', async () => {
  expect(await firstAnomaly(0, 1_000)).toBeUndefined();
}, 200_000);

it('500 seeds, the same every time: topics are made and deleted as told', async () => {
  expect(await firstTopicAnomaly(0, 500)).toBeUndefined();
}, 100_000);
