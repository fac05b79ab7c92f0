/**
 * The same with sequences: sends each decision until it is told what became of it. What was refused is
 * not in the log, so that the next decision has its sequence.
 */
import { type Actor, partitionName, pause, type Scene } from '../world/scene.ts';
import { endInstead, newWish, sendWish, type Wish } from './expecting.ts';
import { newIdentity } from './producer-identity.ts';
import { type Fate, fateOf, recordBatch, refusalOf, requireKnown, valuesOf } from './sending.ts';

const MOST_ROUNDS = 8;

export const expectantIdempotentProducer: Actor = async (scene) => {
  const newValues = valuesOf(scene);
  const identity = await newIdentity(scene);
  while (scene.goesOn()) {
    await pause(scene, 150);
    const wish = await newWish(scene, newValues, identity.next);
    if (wish === undefined) continue;
    const invokedAt = scene.recorder.moment();
    const fate = await decide(scene, wish);
    recordBatch(scene, wish.values, {
      process: scene.name,
      invokedAt,
      completedAt: scene.recorder.moment(),
      partition: partitionName(scene.topic, wish.partition),
      producer: 'expectedEnd',
      expectedEnd: wish.expectedEnd,
      ...fate,
    });
    if (fate.outcome === 'ok') identity.advance(wish.partition, wish.values.length);
    if (fate.outcome === 'info') await identity.renew();
  }
};

/** Sends it until its fate is told. */
const decide = async (scene: Scene, wish: Wish): Promise<Fate & { logEnd?: number }> => {
  let deliveries = 0;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const copies = Array.from({ length: scene.random() < 0.3 ? 2 : 1 }, () =>
      sendWish(scene, wish),
    );
    let refused: Fate | undefined;
    const replies = await Promise.all(copies);
    deliveries += replies.reduce((sum, reply) => sum + reply.deliveries, 0);
    for (const reply of replies) {
      const error = refusalOf(reply, wish.partition);
      requireKnown(scene, wish.partition, error);
      const fate = fateOf(reply, wish.partition, 0);
      if (fate.outcome === 'ok') return fate;
      if (error?.code === 'DUPLICATE_SEQUENCE_NUMBER') return { outcome: 'ok' };
      const logEnd = endInstead(error);
      // The log may come to end there, and another delivery find it so.
      const isFinal = deliveries === 1 || Number(logEnd) > wish.expectedEnd;
      if (logEnd !== undefined && isFinal) refused = { ...fate, logEnd } as Fate;
    }
    if (refused) return refused;
    await pause(scene, 100);
  }
  return { outcome: 'info' };
};
