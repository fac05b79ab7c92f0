/** What must hold of the stores when everything has come to rest, whatever anybody was told. */
import { locator } from '../../../lib/log/fetch/locate.ts';
import { headRefs, listTopics, partitionRefs } from '../../../lib/log/topics/find.ts';
import { type PartitionRef, topicName } from '../../../lib/model/ids.ts';
import { MAX_INLINE_BYTES, MAX_TAIL_BYTES } from '../../../lib/model/limits.ts';
import { headKey, ifHead, readHead } from '../../../lib/storage/keys/head.ts';
import { DELETED, readTopic, topicKey } from '../../../lib/storage/keys/topic.ts';
import type { ItemStore } from '../../../lib/storage/ports.ts';
import type { Recorder } from './recorder.ts';
import { partitionName, type Scene } from './scene.ts';

/** Largest tail that appends may leave before somebody rolls it. */
const MOST_BYTES = MAX_TAIL_BYTES + 2 * MAX_INLINE_BYTES;

/** `items`, complaining as soon as a tail is larger than it may be. */
export const watchTails = (
  items: ItemStore,
  { complain }: Pick<Recorder, 'complain'>,
): ItemStore => ({
  ...items,
  async update(key, update) {
    const item = await items.update(key, update);
    const head = item.sk === 'HEAD' ? ifHead(item) : undefined;
    if (head !== undefined) {
      const { tail, tailBytes } = readHead(head);
      if (tailBytes > MOST_BYTES) {
        complain(key.pk, `a tail has ${tail.length} entries of ${tailBytes} bytes`);
      }
    }
    return item;
  },
});

/** Complains about every head that is not what its log says, and about heads of deleted topics. */
export const checkRest = async (scene: Scene): Promise<void> => {
  const { items } = scene.stores;
  for (const topic of await listTopics(items, '', Number.MAX_SAFE_INTEGER)) {
    for (const ref of partitionRefs(topic)) await checkHead(scene, topic.name, ref);
  }
  for (const item of await items.query(DELETED, '', '~')) {
    const topic = readTopic(item);
    const name = topicName(item.name as string);
    // A deletion that was cut short still holds the name: whoever asks for that goes on with it.
    if ((await items.get(topicKey(name)))?.id === topic.id) continue;
    for (const ref of headRefs(topic)) {
      if (ifHead(await items.get(headKey(ref))) === undefined) continue;
      scene.recorder.complain(name, `its name is free, and partition ${ref.partition} has a head`);
    }
  }
};

const checkHead = async (
  { stores: { items }, recorder }: Scene,
  topic: string,
  ref: PartitionRef,
): Promise<void> => {
  const name = partitionName(topic, ref.partition);
  const item = ifHead(await items.get(headKey(ref)));
  if (item === undefined) return recorder.complain(name, 'it has no head');
  const head = readHead(item);
  const tailBytes = head.tail.reduce((sum, entry) => sum + entry.length, 0);
  if (tailBytes !== head.tailBytes) {
    recorder.complain(
      name,
      `entries of its tail have ${tailBytes} bytes, and its head says ${head.tailBytes}`,
    );
  }
  let sizeBytes = 0;
  for await (const { entry } of locator(items, 1).entriesFrom(ref, head, head.start)) {
    sizeBytes += entry.sizeBytes;
  }
  if (sizeBytes !== head.bytes) {
    recorder.complain(name, `its entries have ${sizeBytes} bytes, and its head says ${head.bytes}`);
  }
};
