/**
 * The heads of a topic's partitions: made, raised to the floor of collection, deleted.
 */
import type { PartitionRef } from '../../model/ids.ts';
import type { Runtime } from '../../model/runtime.ts';
import { absent, atMost, set, type Update } from '../../storage/algebra.ts';
import { counterValue, FLOOR_KEY } from '../../storage/keys/counter.ts';
import { HEAD, headKey, headTombstone, newHeadItem } from '../../storage/keys/head.ts';
import { inParallel } from '../../storage/parallel.ts';
import { insisting } from '../../storage/patience.ts';
import { ConditionFailed, type ItemStore } from '../../storage/ports.ts';
import { TOPIC_CONDITIONS } from './conditions.ts';

/** Items written at a time when a topic is made, grows or is deleted. */
const PARALLEL_WRITES = 64;

/**
 * Makes the heads where there are none, and raises the floor of those that an earlier attempt left. A
 * collection that began meanwhile did not see them all: its floor is taken before this resolves, and so
 * before anyone can append.
 */
export const makeHeads = async (
  items: ItemStore,
  runtime: Runtime,
  refs: readonly PartitionRef[],
): Promise<void> => {
  const floorThen = await readFloor(items);
  await inParallel(refs, PARALLEL_WRITES, (ref) => putHead(items, runtime, ref, floorThen));
  const floor = await readFloor(items);
  if (floor <= floorThen) return;
  await inParallel(refs, PARALLEL_WRITES, (ref) => raiseFloor(items, runtime, ref, floor));
};

/** Puts tombstones in the place of the heads, also of those that are not there (yet). */
export const deleteHeads = (
  items: ItemStore,
  runtime: Runtime,
  refs: readonly PartitionRef[],
  now: number,
): Promise<void> =>
  inParallel(refs, PARALLEL_WRITES, (ref) =>
    insisting(runtime, () => items.put(headTombstone(ref, now))),
  );

const readFloor = async (items: ItemStore): Promise<number> =>
  counterValue(await items.get(FLOOR_KEY));

const putHead = async (
  items: ItemStore,
  runtime: Runtime,
  ref: PartitionRef,
  floor: number,
): Promise<void> => {
  try {
    await insisting(runtime, () =>
      items.put(newHeadItem(ref, floor), { [TOPIC_CONDITIONS.headIsNew]: absent(HEAD.version) }),
    );
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    // An earlier copy of this put was applied; or it is of an attempt to add it, and nobody appends to it yet.
    await raiseFloor(items, runtime, ref, floor);
  }
};

const raiseFloor = async (
  items: ItemStore,
  runtime: Runtime,
  ref: PartitionRef,
  floor: number,
): Promise<void> => {
  const update: Update = {
    if: { [TOPIC_CONDITIONS.floorOnlyGrows]: atMost(HEAD.floor, floor) },
    change: [set(HEAD.floor, floor)],
  };
  try {
    await insisting(runtime, () => items.update(headKey(ref), update));
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
};
