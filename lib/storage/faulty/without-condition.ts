/**
 * A store that forgets one condition: the mutant of a protocol. A condition whose loss no test notices
 * is either not needed or not tested. A condition that is there once for each of many things, such as
 * `rank-as-read#4711`, goes by the part before the `#`.
 */
import type { Conditions } from '../algebra.ts';
import type { ItemStore } from '../ports.ts';

/** `store`, with the condition called `name` taken out of every write. */
export const withoutCondition = (store: ItemStore, name: string): ItemStore => {
  const strip = (conditions: Conditions | undefined): Conditions =>
    Object.fromEntries(
      Object.entries(conditions ?? {}).filter(
        ([one]) => one !== name && !one.startsWith(`${name}#`),
      ),
    );
  return {
    get: (key, options) => store.get(key, options),
    getMany: (keys, options) => store.getMany(keys, options),
    query: (pk, from, to, options) => store.query(pk, from, to, options),
    due: (duty, before, options) => store.due(duty, before, options),
    put: (item, conditions) => store.put(item, strip(conditions)),
    update: (key, update) => store.update(key, { ...update, if: strip(update.if) }),
    delete: (key, conditions) => store.delete(key, strip(conditions)),
  };
};
