/** Deletes old records, or all there are. */
import { type Actor, below, partitionName, pause } from '../world/scene.ts';
import { askBounds } from './ends.ts';

export const trimmer: Actor = async (scene) => {
  const { network, recorder, topic } = scene;
  while (scene.goesOn()) {
    await pause(scene, 3_000);
    const partition = below(scene, scene.partitions.count);
    const [bounds] = await askBounds(scene, [partition]);
    if (bounds === undefined) continue;
    const { logStart, logEnd } = bounds;
    const before =
      scene.random() < 0.1 ? ('latest' as const) : logStart + below(scene, logEnd - logStart + 1);
    const invokedAt = recorder.moment();
    const reply = await network.call({
      ask: (broker) => broker.deleteRecords({ partitions: [{ topic, partition, before }] }),
    });
    const result = reply.told === 'answer' ? reply.answer[0]! : undefined;
    const error = reply.told === 'refusal' ? reply.error : result?.error;
    // That one delivery was refused says nothing of the other.
    const isRefused = error?.effect === 'none' && reply.deliveries === 1;
    // What there is then may be more when it is delivered again.
    const isDone = result && !error && !(before === 'latest' && reply.deliveries > 1);
    recorder.record({
      kind: 'delete-records',
      process: scene.name,
      invokedAt,
      completedAt: recorder.moment(),
      partition: partitionName(topic, partition),
      before,
      outcome: isDone ? 'ok' : isRefused ? 'fail' : 'info',
      ...(isDone && { logStart: result.logStartOffset }),
    });
  }
};
