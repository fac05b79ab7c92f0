/**
 * Items in memory: no I/O, no timers, every answer after one microtask, the same calls in the same
 * order give the same answers.
 *
 *   partitions   pk → rows in order of sk           get, query
 *   duties       duty → rows in order of dueAt      due; only items that carry both attributes are in it
 */
import { OrderedMap } from '@js-sdsl/ordered-map';
import type { Item, ItemKey } from '../algebra.ts';
import { evaluateDelete, evaluatePut, evaluateUpdate } from '../evaluate.ts';
import { compareStrings } from '../interpret.ts';
import type { ItemStore } from '../ports.ts';

type Rows = OrderedMap<string, Item>;

/** Where an item stands in the work list: by time, then by key, so that the order is total. */
interface DueKey extends ItemKey {
  readonly dueAt: number;
}

const compareDue = (left: DueKey, right: DueKey): number =>
  left.dueAt - right.dueAt ||
  compareStrings(left.pk, right.pk) ||
  compareStrings(left.sk, right.sk);

export const memoryItems = (): ItemStore => {
  const partitions = new Map<string, Rows>();
  const duties = new Map<string, OrderedMap<DueKey, Item>>();

  const read = ({ pk, sk }: ItemKey): Item | undefined => partitions.get(pk)?.getElementByKey(sk);

  const index = (item: Item | undefined, present: boolean): void => {
    if (typeof item?.duty !== 'string' || typeof item.dueAt !== 'number') return;
    let queue = duties.get(item.duty);
    if (queue === undefined) {
      queue = new OrderedMap<DueKey, Item>([], compareDue);
      duties.set(item.duty, queue);
    }
    const { pk, sk, dueAt } = item;
    if (present) queue.setElement({ pk, sk, dueAt }, item);
    else queue.eraseElementByKey({ pk, sk, dueAt });
  };

  const write = (before: Item | undefined, item: Item): void => {
    let rows = partitions.get(item.pk);
    if (rows === undefined) {
      rows = new OrderedMap<string, Item>([], compareStrings);
      partitions.set(item.pk, rows);
    }
    rows.setElement(item.sk, item);
    index(before, false);
    index(item, true);
  };

  return {
    async get(key) {
      return read(key);
    },
    async getMany(keys) {
      return keys.map(read);
    },
    async query(pk, from, to, { limit = Infinity, reverse = false } = {}) {
      const rows = partitions.get(pk);
      if (rows === undefined) return [];
      const found: Item[] = [];
      const first = rows.begin();
      const at = reverse ? rows.reverseLowerBound(to) : rows.lowerBound(from);
      while (at.isAccessible() && found.length < limit) {
        const item = at.pointer[1];
        if (compareStrings(item.sk, from) < 0 || compareStrings(item.sk, to) > 0) break;
        found.push(item);
        // An iterator may step behind the last row, but not before the first.
        if (!reverse) at.next();
        else if (at.equals(first)) break;
        else at.pre();
      }
      return found;
    },
    async due(duty, before, { limit = Infinity } = {}) {
      const found: Item[] = [];
      const queue = duties.get(duty);
      if (queue === undefined) return found;
      for (const at = queue.begin(); at.isAccessible() && found.length < limit; at.next()) {
        const item = at.pointer[1];
        if ((item.dueAt as number) > before) break;
        found.push(item);
      }
      return found;
    },
    async put(item, conditions) {
      const before = read(item);
      write(before, evaluatePut(item, before, conditions));
    },
    async update(key, update) {
      const before = read(key);
      const item = evaluateUpdate(key, before, update);
      write(before, item);
      return item;
    },
    async delete(key, conditions) {
      const before = read(key);
      evaluateDelete(key, before, conditions);
      if (before === undefined) return;
      const rows = partitions.get(key.pk)!;
      rows.eraseElementByKey(key.sk);
      if (rows.empty()) partitions.delete(key.pk);
      index(before, false);
    },
  };
};
