/** Changes the topic that everybody uses: its configs, and now and then it gets another partition. */
import type { TopicDescription } from '../../../lib/broker/api.ts';
import type { Reply } from '../world/network.ts';
import { type Actor, pause, type Scene } from '../world/scene.ts';

const MOST_PARTITIONS = 5;

export const configAdmin: Actor = async (scene) => {
  const { network, topic } = scene;
  while (scene.goesOn()) {
    await pause(scene, 5_000);
    const dice = scene.random();
    if (dice < 0.3) {
      await grow(scene);
    } else if (dice < 0.8) {
      const type = scene.random() < 0.5 ? 'LogAppendTime' : 'CreateTime';
      const set = { 'message.timestamp.type': type };
      learn(scene, await network.call({ ask: (broker) => broker.alterConfigs({ topic, set }) }));
    } else {
      learn(scene, await network.call({ ask: (broker) => broker.describeTopic(topic) }));
    }
  }
};

/** Adds a partition, and asks until it is there or is told not to be. */
const grow = async (scene: Scene): Promise<void> => {
  const { network, topic, partitions, recorder } = scene;
  const wanted = partitions.count + 1;
  if (wanted > MOST_PARTITIONS) return;
  for (let attempt = 0; ; attempt++) {
    const reply = await network.call({
      ask: (broker) => broker.addPartitions({ topic, partitions: wanted }),
    });
    learn(scene, reply);
    if (partitions.count >= wanted) return;
    // An earlier one of ours may have been the one that made it.
    if (reply.told === 'refusal' && reply.error.code === 'INVALID_PARTITIONS') {
      if (attempt === 0 && reply.deliveries === 1 && reply.error.effect === 'none') {
        recorder.complain(topic, `partition ${wanted} was refused: ${reply.error.message}`);
      }
      learn(scene, await network.call({ ask: (broker) => broker.describeTopic(topic) }));
    }
    await pause(scene, 500);
  }
};

/** How many partitions there are now; never fewer than were told before. */
const learn = ({ partitions, recorder, topic }: Scene, reply: Reply<TopicDescription>): void => {
  if (reply.told !== 'answer') return;
  // It was asked before the answer came: others may have been told of more meanwhile, if there were others.
  const told = reply.answer.partitions.length;
  if (told < partitions.count) {
    recorder.complain(topic, `it was told to have ${told} partitions, after ${partitions.count}`);
  }
  partitions.count = Math.max(partitions.count, told);
};
