/**
 * Any `ItemStore`, with faults (`fault.ts`).
 */
import type { Runtime } from '../../model/runtime.ts';
import type { Conditions, Item, ItemKey, Update } from '../algebra.ts';
import { ConditionFailed, type ItemStore } from '../ports.ts';
import { itemSizeBytes } from '../size.ts';
import type { Fault, FaultPlan, ItemCall } from './fault.ts';
import { type FaultyStore, makeInjector } from './inject.ts';

/** `store` under `plan`. Stale answers are given only to reads that allow them (`consistent: false`): `canHappen`. */
export const faultyItems = (
  store: ItemStore,
  plan: FaultPlan,
  runtime: Runtime,
): ItemStore & FaultyStore => {
  const injector = makeInjector(plan, runtime);
  /** What was read of each key before: some earlier truth, as an eventual read may tell it. */
  const seen = new Map<string, Item | undefined>();

  const call = (
    verb: ItemCall['verb'],
    keys: readonly ItemKey[],
    more: Partial<Pick<ItemCall, 'consistent' | 'update' | 'item' | 'conditions'>> = {},
  ): ItemCall => ({ port: 'items', verb, n: injector.next(), keys, ...more });

  const recall = (key: ItemKey, item: Item | undefined, stale: boolean): Item | undefined => {
    const name = JSON.stringify([key.pk, key.sk]);
    const answer = stale && seen.has(name) ? seen.get(name) : item;
    seen.set(name, answer);
    return answer;
  };

  /** Tells the plan what a write cost, also when a condition refused it: that is billed as well. */
  const weighed = async <T>(
    of: ItemCall,
    apply: () => Promise<T>,
    item: (result: T) => Item | undefined,
  ): Promise<T> => {
    const tell = (weight: Item | undefined) =>
      plan.observe?.(of, weight === undefined ? 0 : itemSizeBytes(weight));
    try {
      const result = await apply();
      tell(item(result));
      return result;
    } catch (error) {
      if (error instanceof ConditionFailed) tell(error.item);
      throw error;
    }
  };

  const isStale = (fault: Fault | undefined): boolean => fault?.kind === 'stale';

  return {
    faults: injector.faults,
    settle: injector.settle,
    get: (key, options) =>
      injector.run({
        call: call('get', [key], { consistent: options?.consistent ?? true }),
        apply: () => store.get(key, options),
        twisted: (fault, item) => recall(key, item, isStale(fault)),
      }),
    getMany: (keys, options) =>
      injector.run({
        call: call('getMany', keys, { consistent: options?.consistent ?? true }),
        apply: () => store.getMany(keys, options),
        twisted: (fault, items) =>
          items.map((item, index) => recall(keys[index]!, item, isStale(fault))),
      }),
    query: (pk, from, to, options) =>
      injector.run({
        call: call('query', [{ pk, sk: from }]),
        apply: () => store.query(pk, from, to, options),
      }),
    due: (duty, before, options) =>
      injector.run({ call: call('due', []), apply: () => store.due(duty, before, options) }),
    put: (item, conditions) => {
      const of = call('put', [item], { item, conditions });
      return injector.run({
        call: of,
        apply: () =>
          weighed(
            of,
            () => store.put(item, conditions),
            () => item,
          ),
        again: () => {
          const copy = structuredClone({ item, conditions }) as Copy<'item'>;
          return () => store.put(copy.item, copy.conditions);
        },
        denied: () => new ConditionFailed(item, item),
      });
    },
    update: (key, update) => {
      const of = call('update', [key], { update });
      return injector.run({
        call: of,
        apply: () =>
          weighed(
            of,
            () => store.update(key, update),
            (item) => item,
          ),
        again: () => {
          const copy = structuredClone(update) as Update;
          return () => store.update(key, copy);
        },
        denied: (item) => new ConditionFailed(key, item),
      });
    },
    delete: (key, conditions) => {
      const of = call('delete', [key], { conditions });
      return injector.run({
        call: of,
        apply: () =>
          weighed(
            of,
            () => store.delete(key, conditions),
            () => undefined,
          ),
        again: () => {
          const copy = structuredClone({ conditions }) as Copy<never>;
          return () => store.delete(key, copy.conditions);
        },
        denied: () => new ConditionFailed(key, undefined),
      });
    },
  };
};

type Copy<Names extends 'item'> = { readonly [Name in Names]: Item } & {
  readonly conditions: Conditions | undefined;
};
