/** Asks again and again where the partitions begin and end. */
import { oneIn } from '../draw.ts';
import { type Life, pause, pauseBeforeRetry } from '../field.ts';
import { lookUp } from './offsets.ts';

export const offsetWatcher: Life = async (field, process, draw) => {
  for (let left = draw(50, 300); left > 0 && !field.over.aborted; left--) {
    const told = await lookUp(field, process, oneIn(draw, 3) ? 'earliest' : 'latest');
    await (told ? pause : pauseBeforeRetry)(field, draw);
  }
};
