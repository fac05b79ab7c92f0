/** An idempotent producer's id, epoch and sequences. */
import type { BatchProducer } from '../../../lib/record/encode.ts';
import { pause, type Scene } from '../world/scene.ts';

export interface Identity {
  /** What a batch of the next `count` records carries. */
  next(partition: number): BatchProducer;
  /** `count` records of the partition are in the log, or on their way. */
  advance(partition: number, count: number): void;
  /**
   * Begins anew: what was sent before may be in the log or not, and is not sent again. Under the next
   * epoch, as Kafka's clients do (KIP-360), or under another id.
   */
  renew(): Promise<void>;
}

export const newIdentity = async (scene: Scene): Promise<Identity> => {
  let producerId = await takeId(scene);
  let producerEpoch = 0;
  const sequences = new Map<number, number>();
  return {
    next: (partition) => ({
      producerId,
      producerEpoch,
      baseSequence: sequences.get(partition) ?? 0,
    }),
    advance(partition, count) {
      sequences.set(partition, (sequences.get(partition) ?? 0) + count);
    },
    async renew() {
      sequences.clear();
      if (scene.random() < 0.5) {
        producerEpoch += 1;
        return;
      }
      producerId = await takeId(scene);
      producerEpoch = 0;
    },
  };
};

const takeId = async (scene: Scene): Promise<number> => {
  const { network, recorder, producerIds } = scene;
  for (;;) {
    const reply = await network.call({ ask: (broker) => broker.initProducer() });
    if (reply.told === 'answer') {
      const { producerId } = reply.answer;
      if (producerIds.has(producerId)) {
        recorder.complain('producer ids', `${scene.name} was given ${producerId}, as another was`);
      }
      producerIds.add(producerId);
      return producerId;
    }
    await pause(scene, 200);
  }
};
