/**
 * Items in memory that hold anything, also what no adapter takes: numbers that are no safe integers, as a
 * stray write of another program or a damaged disk may leave them. Small, and searched from end to end.
 */
import type { Item } from '../../lib/storage/algebra.ts';
import { evaluateDelete, evaluatePut, evaluateUpdate } from '../../lib/storage/evaluate.ts';
import { compareStrings } from '../../lib/storage/interpret.ts';
import type { ItemStore } from '../../lib/storage/ports.ts';

/** A store that begins with `items`. */
export const rawItems = (items: readonly Item[]): ItemStore & { all(): readonly Item[] } => {
  const nameOf = ({ pk, sk }: { readonly pk: string; readonly sk: string }): string =>
    `${pk}\0${sk}`;
  const held = new Map<string, Item>(items.map((item) => [nameOf(item), item]));
  return {
    all: () => [...held.values()],
    get: async (key) => held.get(nameOf(key)),
    getMany: async (keys) => keys.map((key) => held.get(nameOf(key))),
    query: async (pk, from, to, { limit = Infinity, reverse = false } = {}) => {
      const found = [...held.values()]
        .filter((item) => item.pk === pk)
        .filter(({ sk }) => compareStrings(sk, from) >= 0 && compareStrings(sk, to) <= 0)
        .sort((left, right) => compareStrings(left.sk, right.sk));
      return (reverse ? found.reverse() : found).slice(0, limit);
    },
    // Nobody asks for work that is due here.
    due: async () => [],
    put: async (item, conditions) => {
      held.set(nameOf(item), evaluatePut(item, held.get(nameOf(item)), conditions));
    },
    update: async (key, update) => {
      const item = evaluateUpdate(key, held.get(nameOf(key)), update);
      held.set(nameOf(key), item);
      return item;
    },
    delete: async (key, conditions) => {
      evaluateDelete(key, held.get(nameOf(key)), conditions);
      held.delete(nameOf(key));
    },
  };
};
