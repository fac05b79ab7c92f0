/**
 * Follows all partitions with long polls, and now and then goes somewhere else: back to the beginning,
 * to the end, or to where it was long ago. Deleted records make it go on where the log begins.
 */
import { type Draw, oneIn } from '../draw.ts';
import { type Field, type Life, partitionName, pause, pauseBeforeRetry } from '../field.ts';
import { fetchOnce, type Positions } from './fetching.ts';
import { lookUp } from './offsets.ts';

const SEEKS_ONE_IN = 40;
/** Within a client's timeout. */
const LONGEST_WAIT_MS = 500;

/** Notes that the process reads on from these offsets. */
export const assign = (field: Field, process: string, positions: Positions): void => {
  const { recorder } = field;
  recorder.add({
    process,
    invokedAt: recorder.tick(),
    outcome: 'ok',
    kind: 'assign',
    partitions: [...positions].map(([partition, from]) => ({
      partition: partitionName(field, partition),
      from,
    })),
  });
};

/** Where to go: within what the log is known to hold, as far as nobody deletes meanwhile. */
const drawPositions = async (
  field: Field,
  process: string,
  draw: Draw,
): Promise<Positions | undefined> => {
  const starts = await lookUp(field, process, 'earliest');
  const ends = starts && (await lookUp(field, process, 'latest'));
  if (starts?.size !== field.partitions || ends?.size !== field.partitions) return undefined;
  const to = draw(0, 2);
  return new Map(
    [...ends].map(([partition, end]) => {
      const start = Math.min(starts.get(partition)!, end);
      return [partition, to === 0 ? start : to === 1 ? end : draw(start, end)];
    }),
  );
};

export const reader: Life = async (field, process, draw) => {
  const { over } = field;
  let positions = await drawPositions(field, process, draw);
  while (!positions) {
    if (over.aborted) return;
    await pauseBeforeRetry(field, draw);
    positions = await drawPositions(field, process, draw);
  }
  assign(field, process, positions);
  for (let left = draw(50, 300); left > 0 && !over.aborted; left--) {
    if (oneIn(draw, SEEKS_ONE_IN)) {
      const elsewhere = await drawPositions(field, process, draw);
      if (elsewhere) {
        positions = elsewhere;
        assign(field, process, positions);
      }
    }
    const told = await fetchOnce(field, process, {
      positions,
      asBatches: oneIn(draw, 2),
      maxWaitMs: draw(0, LONGEST_WAIT_MS),
    });
    for (const { partition, problem } of told?.outside ?? []) {
      const { logStartOffset = 0, logEndOffset = 0 } = problem;
      const at = positions.get(partition)!;
      if (at > logEndOffset) {
        field.surprise(`${process} read up to ${at} of ${partition}: ${JSON.stringify(problem)}`);
      }
      positions.set(partition, logStartOffset);
    }
    if (told && told.outside.length > 0) assign(field, process, positions);
    await (told ? pause : pauseBeforeRetry)(field, draw);
  }
};
