/** Asks where a partition begins and ends, and writes down what was told. */
import { partitionName, type Scene } from '../world/scene.ts';

export interface Bounds {
  readonly logStart: number;
  readonly logEnd: number;
}

/** The bounds of each of `partitions`; undefined where they were not told. */
export const askBounds = async (
  { network, recorder, topic, name }: Scene,
  partitions: readonly number[],
): Promise<readonly (Bounds | undefined)[]> => {
  const invokedAt = recorder.moment();
  const reply = await network.call({
    ask: (broker) =>
      broker.listOffsets({
        partitions: partitions.flatMap((partition) => [
          { topic, partition, at: 'earliest' as const },
          { topic, partition, at: 'latest' as const },
        ]),
      }),
  });
  const completedAt = recorder.moment();
  const bounds = partitions.map((_, index): Bounds | undefined => {
    if (reply.told !== 'answer') return undefined;
    const [earliest, latest] = reply.answer.slice(index * 2, index * 2 + 2);
    if (earliest!.error || latest!.error) return undefined;
    return { logStart: earliest!.offset, logEnd: latest!.offset };
  });
  recorder.record({
    kind: 'list-offsets',
    process: name,
    invokedAt,
    completedAt,
    outcome: reply.told === 'answer' ? 'ok' : reply.told === 'refusal' ? 'fail' : 'info',
    partitions: partitions.flatMap((partition, index) => {
      const told = bounds[index];
      return told ? [{ partition: partitionName(topic, partition), ...told }] : [];
    }),
  });
  return bounds;
};
