/**
 * Leader epochs never decrease along offsets.
 *
 *   offset    0    1    2    3
 *   epoch     1    1    3    2 ←     a leader that had been replaced appended at 3
 */
import { anomaly, eachPartition } from './anomaly.ts';
import type { Poll } from './history.ts';

interface Epoch {
  readonly offset: number;
  readonly epoch: number;
  readonly poll: Poll;
}

/** Leader epochs decrease along offsets, or one offset was told two. */
export const epochOrder = eachPartition(function* (log, { work }) {
  const epochs = new Map<number, Epoch>();
  for (const { poll, read } of log.reads) {
    for (const [offset, , epoch] of read.records) {
      work.steps += 1;
      if (epoch === undefined) continue;
      const known = epochs.get(offset);
      if (!known) epochs.set(offset, { offset, epoch, poll });
      else if (known.epoch !== epoch) {
        const detail = `offset ${offset} was told the epochs ${known.epoch} and ${epoch}`;
        yield anomaly(log, detail, [known.poll, poll]);
      }
    }
  }
  let top: Epoch | undefined;
  for (const offset of log.offsets) {
    work.steps += 1;
    const here = epochs.get(offset);
    if (here && top && here.epoch < top.epoch) {
      const detail = `epoch ${here.epoch} at offset ${offset} follows ${top.epoch} at ${top.offset}`;
      yield anomaly(log, detail, [top.poll, here.poll]);
    } else if (here) top = here;
  }
});
