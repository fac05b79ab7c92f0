/**
 * Replicas: a store of several copies, of which one takes the writes, and the others learn of them later.
 *
 *   written    a ──── b ───── c
 *   eventual read                 c, or b, or a: whichever copy is asked, and the next may be further behind
 *
 * DynamoDB's eventual reads are like that. A strong read asks the one that takes the writes.
 */
import type { Runtime } from '../../../lib/model/runtime.ts';
import type { Item, ItemKey } from '../../../lib/storage/algebra.ts';
import type { ItemStore } from '../../../lib/storage/ports.ts';
import type { Random } from '../../support/virtual-runtime.ts';

/** How far a copy is behind at most, ms. */
const MOST_BEHIND_MS = 2_000;

interface Version {
  readonly sinceMs: number;
  /** undefined: it is not there. */
  readonly item: Item | undefined;
}

/** `items`, whose eventual reads may ask a copy; `isBehind`: whether this one does. */
export const withReplicas = (
  items: ItemStore,
  runtime: Pick<Runtime, 'monotonicMs'>,
  random: Random,
  isBehind: () => boolean,
): ItemStore => {
  /** Of each item, oldest first: as many as some copy may still tell. */
  const versions = new Map<string, Version[]>();
  const nameOf = ({ pk, sk }: ItemKey): string => `${pk}\0${sk}`;

  const learn = (key: ItemKey, item: Item | undefined): void => {
    const nowMs = runtime.monotonicMs();
    const name = nameOf(key);
    const known = versions.get(name) ?? [{ sinceMs: Number.NEGATIVE_INFINITY, item: undefined }];
    const oldest = known.findLastIndex(({ sinceMs }) => sinceMs <= nowMs - MOST_BEHIND_MS);
    versions.set(name, [...known.slice(Math.max(0, oldest)), { sinceMs: nowMs, item }]);
  };

  /** The item as it was a while ago. */
  const behind = (key: ItemKey, item: Item | undefined, byMs: number): Item | undefined => {
    const thenMs = runtime.monotonicMs() - byMs;
    const then = versions.get(nameOf(key))?.findLast(({ sinceMs }) => sinceMs <= thenMs);
    return then === undefined ? item : then.item;
  };

  return {
    ...items,
    async get(key, options) {
      const item = await items.get(key, options);
      if (options?.consistent !== false || !isBehind()) return item;
      return behind(key, item, random() * MOST_BEHIND_MS);
    },
    async getMany(keys, options) {
      const found = await items.getMany(keys, options);
      if (options?.consistent !== false || !isBehind()) return found;
      const byMs = random() * MOST_BEHIND_MS;
      return found.map((item, index) => behind(keys[index]!, item, byMs));
    },
    async put(item, conditions) {
      await items.put(item, conditions);
      learn(item, item);
    },
    async update(key, update) {
      const item = await items.update(key, update);
      learn(key, item);
      return item;
    },
    async delete(key, conditions) {
      await items.delete(key, conditions);
      learn(key, undefined);
    },
  };
};
