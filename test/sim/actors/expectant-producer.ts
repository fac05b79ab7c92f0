/** Reads the end, and appends there or nowhere (optimistic concurrency), without sequences. */
import { type Actor, partitionName, pause } from '../world/scene.ts';
import { endInstead, newWish, sendWish } from './expecting.ts';
import { fateOf, recordBatch, refusalOf, requireKnown, valuesOf } from './sending.ts';

export const expectantProducer: Actor = async (scene) => {
  const newValues = valuesOf(scene);
  while (scene.goesOn()) {
    await pause(scene, 200);
    const wish = await newWish(scene, newValues);
    if (wish === undefined) continue;
    const invokedAt = scene.recorder.moment();
    const reply = await sendWish(scene, wish);
    const fate = fateOf(reply, wish.partition, 0);
    const refusal = refusalOf(reply, wish.partition);
    requireKnown(scene, wish.partition, refusal);
    // Delivered twice, the second one finds the end moved by the first.
    const isOpen = fate.outcome === 'fail' && reply.deliveries > 1;
    const logEnd = isOpen ? undefined : endInstead(refusal);
    recordBatch(scene, wish.values, {
      process: scene.name,
      invokedAt,
      completedAt: scene.recorder.moment(),
      partition: partitionName(scene.topic, wish.partition),
      producer: 'expectedEnd',
      expectedEnd: wish.expectedEnd,
      ...fate,
      ...(isOpen && { outcome: 'info' }),
      ...(logEnd !== undefined && { logEnd }),
    });
  }
};
