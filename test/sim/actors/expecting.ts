/** A send that wants one offset and no other, and what its answer says. */

import type { ProducePartitionResult } from '../../../lib/broker/api.ts';
import { concatBytes } from '../../../lib/bytes/concat.ts';
import type { StratalogError } from '../../../lib/model/errors.ts';
import type { BatchProducer } from '../../../lib/record/encode.ts';
import type { Reply } from '../world/network.ts';
import { below, type Scene } from '../world/scene.ts';
import { askBounds } from './ends.ts';
import { batchWith, drawCount, type valuesOf } from './sending.ts';

/** What is to be appended at one offset, as a whole or not at all. */
export interface Wish {
  readonly partition: number;
  readonly expectedEnd: number;
  readonly values: readonly string[];
  readonly bytes: Uint8Array;
}

/** A wish for where a partition ends; undefined: that was not told. */
export const newWish = async (
  scene: Scene,
  newValues: ReturnType<typeof valuesOf>,
  producerOf?: (partition: number) => BatchProducer,
): Promise<Wish | undefined> => {
  const partition = below(scene, scene.partitions.count);
  const [bounds] = await askBounds(scene, [partition]);
  if (bounds === undefined) return undefined;
  // Now and then from what it only believes.
  const expectedEnd = bounds.logEnd + (scene.random() < 0.05 ? 1 : 0);
  const values = newValues(drawCount(scene));
  const producer = producerOf?.(partition);
  const inOne = scene.random() < 0.5;
  const batches = inOne
    ? [batchWith(scene, values, producer)]
    : values.map((value, index) =>
        batchWith(
          scene,
          [value],
          producer && { ...producer, baseSequence: producer.baseSequence + index },
        ),
      );
  return { partition, expectedEnd, values, bytes: concatBytes(batches) };
};

export const sendWish = (
  { network, topic }: Scene,
  { partition, bytes, expectedEnd }: Wish,
): Promise<Reply<readonly ProducePartitionResult[]> & { readonly deliveries: number }> =>
  network.call({
    ask: (broker) =>
      broker.produce({ topic, partitions: [{ partition, batches: bytes.slice(), expectedEnd }] }),
  });

/** Where the log ended instead, if that is why. */
export const endInstead = (error: StratalogError | undefined): number | undefined =>
  error?.code === 'UNEXPECTED_LOG_END' ? Number(error.context.logEndOffset) : undefined;
