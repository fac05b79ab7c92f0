/**
 * Collects objects that nothing names: raises the floor of heads to come, then of every head, and only then
 * looks for what is named. It works on the stores as they are, without the service.
 */
import { decodeEntry } from '../../../lib/log/entry.ts';
import { headRefs } from '../../../lib/log/topics/find.ts';
import { WAL_PREFIX, walKey } from '../../../lib/log/wal.ts';
import type { PartitionRef } from '../../../lib/model/ids.ts';
import { absent, anyOf, atMost, type ItemKey, set } from '../../../lib/storage/algebra.ts';
import { readChunk } from '../../../lib/storage/keys/chunk.ts';
import { FLOOR_KEY } from '../../../lib/storage/keys/counter.ts';
import { HEAD, headKey, ifHead, partitionKey, readHead } from '../../../lib/storage/keys/head.ts';
import { readTopic, TOPICS } from '../../../lib/storage/keys/topic.ts';
import { ConditionFailed } from '../../../lib/storage/ports.ts';
import type { Stores } from '../../support/log.ts';
import { type Actor, pause } from '../world/scene.ts';

/** Objects younger than this stay, ms; at most. */
const LONGEST_MARGIN_MS = 2_000;

export const collector: Actor = async (scene) => {
  const { runtime, stores } = scene;
  while (scene.goesOn()) {
    await pause(scene, 2_000);
    const floor = runtime.now() - Math.floor(scene.random() * LONGEST_MARGIN_MS);
    await raise(stores, FLOOR_KEY, 'value', floor);
    const refs = (await stores.items.query(TOPICS, '', '~')).map(readTopic).flatMap(headRefs);
    for (const ref of refs) {
      await raiseFloor(stores, ref, floor);
      await pause(scene, 2);
    }
    // Looking takes its time: whatever is appended meanwhile has to be above the floor.
    const named = new Set<string>();
    for (const ref of refs) {
      await pause(scene, 20);
      for (const key of await objectsOf(stores, ref)) named.add(key);
    }
    await pause(scene, 500);
    for (const { key } of await stores.blobs.list(WAL_PREFIX)) {
      const timeMs = Number.parseInt(key.split('/')[2]!.slice(0, 12), 16);
      if (timeMs < floor && !named.has(key)) await stores.blobs.delete([key]);
    }
  }
};

/** Of a head that is there: what was deleted has none, and a topic that is made takes the floor itself. */
const raiseFloor = async (stores: Stores, ref: PartitionRef, floor: number): Promise<void> => {
  if (ifHead(await stores.items.get(headKey(ref))) === undefined) return;
  await raise(stores, headKey(ref), HEAD.floor, floor);
};

/** Sets `attribute` to `floor`, unless another collector was further. */
const raise = async (
  { items }: Stores,
  key: ItemKey,
  attribute: string,
  floor: number,
): Promise<void> => {
  const onlyGrows = anyOf(absent(attribute), atMost(attribute, floor));
  try {
    await items.update(key, {
      if: { 'not-raised-further': onlyGrows },
      change: [set(attribute, floor)],
    });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
};

/** Objects that the rows and the tail of a partition name. */
const objectsOf = async ({ items }: Stores, ref: PartitionRef): Promise<readonly string[]> => {
  const head = ifHead(await items.get(headKey(ref)));
  if (head === undefined) return [];
  const rows = await items.query(partitionKey(ref), 'LOG#', 'LOG#~');
  const entries = [...rows.flatMap((row) => readChunk(row).entries), ...readHead(head).tail];
  return entries.flatMap((bytes) => {
    const { place } = decodeEntry(bytes);
    return 'inline' in place ? [] : [walKey(place.objectId)];
  });
};
