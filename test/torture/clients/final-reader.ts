/** Reads everything when all has come to rest: each partition from where it begins to where it ends. */
import { type Draw, forked } from '../draw.ts';
import { type Field, PATIENCE_MS, pauseBeforeRetry } from '../field.ts';
import { fetchOnce } from './fetching.ts';
import { lookUp } from './offsets.ts';
import { assign } from './reader.ts';

const PROCESS = 'last.0';

/** @throws Error when it has not come to the end in a time that is long enough for anybody */
export const readEverything = async (field: Field, draw: Draw): Promise<void> => {
  const { runtime, partitions } = field;
  const pauses = forked(draw);
  const untilMs = runtime.monotonicMs() + PATIENCE_MS;
  const patiently = async <Told>(ask: () => Promise<Told | undefined>): Promise<Told> => {
    for (;;) {
      const told = await ask();
      if (told !== undefined) return told;
      if (runtime.monotonicMs() > untilMs) {
        throw new Error(`the log could not be read in ${PATIENCE_MS} ms after all was well`);
      }
      await pauseBeforeRetry(field, pauses);
    }
  };
  const starts = await patiently(async () => {
    const told = await lookUp(field, PROCESS, 'earliest');
    return told?.size === partitions ? told : undefined;
  });
  assign(field, PROCESS, new Map(starts));
  for (let partition = 0; partition < partitions; partition++) {
    const positions = new Map([[partition, starts.get(partition)!]]);
    for (let isAtEnd = false; !isAtEnd; ) {
      const from = positions.get(partition)!;
      const asBatches = draw(0, 1) === 0;
      const { ends } = await patiently(() =>
        fetchOnce(field, PROCESS, { positions, asBatches, maxWaitMs: 0, isFinal: true }),
      );
      const end = ends.get(partition) ?? Number.POSITIVE_INFINITY;
      const at = positions.get(partition)!;
      isAtEnd = at >= end;
      if (!isAtEnd && at <= from) {
        throw new Error(`${partition}@${from} cannot be read, and the log ends at ${end}`);
      }
    }
  }
};
