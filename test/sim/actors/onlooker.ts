/** Looks where the partitions begin and end, and at the installation, which is always the same. */
import { type Actor, pause, type Scene } from '../world/scene.ts';
import { askBounds } from './ends.ts';

export const onlooker: Actor = async (scene) => {
  while (scene.goesOn()) {
    await askBounds(scene, [...Array(scene.partitions.count).keys()]);
    if (scene.random() < 0.1) await askName(scene);
    await pause(scene, 600);
  }
};

const askName = async ({ network, recorder, clusterIds }: Scene): Promise<void> => {
  const reply = await network.call({ ask: (broker) => broker.describeCluster() });
  if (reply.told !== 'answer') return;
  clusterIds.add(reply.answer.clusterId);
  if (clusterIds.size > 1) {
    recorder.complain('the installation', `it has the names ${[...clusterIds].join(' and ')}`);
  }
};
