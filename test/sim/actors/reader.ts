/** Reads some partitions on and on; turns back, or starts again, as readers do. */
import { type Actor, below, partitionName, pause, type Scene } from '../world/scene.ts';
import { askBounds } from './ends.ts';
import { nextOf, readOf } from './reading.ts';

const MOST_POLLS_OF_A_LIFE = 40;

export const reader: Actor = async (scene) => {
  const { recorder } = scene;
  for (let life = 1; scene.goesOn(); life++) {
    const process = `${scene.name}, life ${life}`;
    const positions = await takePositions(scene, process);
    for (let left = below(scene, MOST_POLLS_OF_A_LIFE); left > 0 && scene.goesOn(); left--) {
      await poll(scene, process, positions);
      await pause(scene, 150);
    }
    const now = recorder.moment();
    recorder.record({
      kind: 'crash',
      process,
      invokedAt: now,
      completedAt: recorder.moment(),
      outcome: 'ok',
    });
  }
};

type Positions = Map<number, number>;

/** Reads these partitions from these offsets on. */
const assign = ({ recorder, topic }: Scene, process: string, positions: Positions): void => {
  recorder.record({
    kind: 'assign',
    process,
    invokedAt: recorder.moment(),
    completedAt: recorder.moment(),
    outcome: 'ok',
    partitions: [...positions].map(([partition, from]) => ({
      partition: partitionName(topic, partition),
      from,
    })),
  });
};

/** Some partitions, from their start or from somewhere in them. */
const takePositions = async (scene: Scene, process: string): Promise<Positions> => {
  const positions: Positions = new Map();
  const all = [...Array(scene.partitions.count).keys()];
  const bounds = await askBounds(scene, all);
  for (const partition of all) {
    const told = bounds[partition];
    if (told === undefined || scene.random() < 0.2) continue;
    const span = told.logEnd - told.logStart + 1;
    positions.set(partition, told.logStart + (scene.random() < 0.5 ? 0 : below(scene, span)));
  }
  assign(scene, process, positions);
  return positions;
};

const poll = async (scene: Scene, process: string, positions: Positions): Promise<void> => {
  const { network, recorder, topic } = scene;
  const wanted = [...positions];
  if (scene.random() < 0.5) wanted.reverse();
  const maxWaitMs = scene.random() < 0.5 ? 0 : scene.random() * 2_000;
  const maxBytes = scene.random() < 0.5 ? 1_000 : 1 << 20;
  const invokedAt = recorder.moment();
  const reply = await network.call({
    ask: (broker) =>
      broker.fetch({
        partitions: wanted.map(([partition, offset]) => ({ topic, partition, offset })),
        maxWaitMs,
        maxBytes,
      }),
  });
  const completedAt = recorder.moment();
  const call = { process, invokedAt, completedAt } as const;
  if (reply.told !== 'answer') {
    const outcome = reply.told === 'refusal' ? 'fail' : 'info';
    recorder.record({ ...call, kind: 'poll', outcome, reads: [] });
    return;
  }
  let hasTurned = false;
  const isAllTold = reply.answer.every(({ error }) => !error);
  const reads = reply.answer.flatMap((result, index) => {
    const [partition, from] = wanted[index]!;
    if (result.error) {
      const start = startInstead(scene, call, partition, from, result.error);
      if (start !== undefined) {
        positions.set(partition, start);
        hasTurned = true;
      }
      return [];
    }
    const read = readOf(scene, from, result);
    positions.set(partition, nextOf(scene, read, result.nextOffset));
    // However little it takes, of the first that has anything it gets a batch.
    if (isAllTold && index === 0 && read.records.length === 0 && from < result.highWatermark) {
      recorder.complain(read.partition, `nothing was read at ${from}, and the log ends later`);
    }
    return [read];
  });
  const outcome = reads.length > 0 || wanted.length === 0 ? 'ok' : 'fail';
  recorder.record({ ...call, kind: 'poll', outcome, reads });
  if (hasTurned) assign(scene, process, positions);
};

/** Where the log starts, if what was asked for is not in it; what was told of its bounds is written down. */
const startInstead = (
  { recorder, topic }: Scene,
  call: { readonly process: string; readonly invokedAt: number; readonly completedAt: number },
  partition: number,
  from: number,
  { code, context }: { readonly code: string; readonly context: Readonly<Record<string, unknown>> },
): number | undefined => {
  if (code === 'UNKNOWN_TOPIC_OR_PARTITION') {
    recorder.complain(partitionName(topic, partition), 'a fetch was told that it does not exist');
  }
  if (code !== 'OFFSET_OUT_OF_RANGE') return undefined;
  const logStart = Number(context.logStartOffset);
  const logEnd = Number(context.logEndOffset);
  const name = partitionName(topic, partition);
  const told = { partition: name, logStart, logEnd };
  recorder.record({ ...call, kind: 'list-offsets', outcome: 'ok', partitions: [told] });
  if (from >= logStart && from <= logEnd) {
    recorder.complain(name, `${from} was called out of range, which is ${logStart} to ${logEnd}`);
  }
  return logStart;
};
