/** Looks where the partitions begin and end. */
import { type Actor, pause } from '../world/scene.ts';
import { askBounds } from './ends.ts';

export const onlooker: Actor = async (scene) => {
  while (scene.goesOn()) {
    await askBounds(scene, [...Array(scene.partitions.count).keys()]);
    await pause(scene, 600);
  }
};
