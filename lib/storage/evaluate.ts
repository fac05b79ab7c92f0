/**
 * One write against one item, as the stores without expressions of their own (memory, embedded) run
 * it: what was given is checked and copied, conditions are evaluated, and what comes out is frozen, so
 * that neither the caller's buffers nor the reader's hands reach into the store.
 */
import { MAX_ITEM_BYTES } from '../model/limits.ts';
import type { Change, Conditions, Item, ItemKey, Update, Value, ValueMap } from './algebra.ts';
import { allHold, applyChanges } from './interpret.ts';
import { ConditionFailed, StoreError } from './ports.ts';
import { itemSizeBytes } from './size.ts';
import { requireName, requireSoundUpdate, requireSoundWrite } from './sound.ts';

/**
 * The item that `update` makes of `before`.
 * @throws ConditionFailed with `before`; StoreError invalid
 */
export const evaluateUpdate = (key: ItemKey, before: Item | undefined, update: Update): Item => {
  requireSoundUpdate(key, update);
  const changes = update.change.map(ownChange);
  requireConditions(key, before, update.if);
  return store(applyChanges(key, before, changes));
};

/**
 * The item that is stored for `item`.
 * @throws ConditionFailed with `before`; StoreError invalid
 */
export const evaluatePut = (
  item: Item,
  before: Item | undefined,
  conditions: Conditions | undefined,
): Item => {
  requireSoundWrite(item, conditions);
  const stored = store({ ...(ownValue(item, 'item') as Item) });
  requireConditions(item, before, conditions);
  return stored;
};

/**
 * That the item may be deleted.
 * @throws ConditionFailed with `before`; StoreError invalid
 */
export const evaluateDelete = (
  key: ItemKey,
  before: Item | undefined,
  conditions: Conditions | undefined,
): void => {
  requireSoundWrite(key, conditions);
  requireConditions(key, before, conditions);
};

const requireConditions = (
  key: ItemKey,
  before: Item | undefined,
  conditions: Conditions | undefined,
): void => {
  if (!allHold(conditions, before)) throw new ConditionFailed(key, before);
};

/** A copy that shares no memory with `value`. @throws StoreError invalid when it is none of the seven types */
export const ownValue = (value: Value, where: string): Value => {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (!Number.isSafeInteger(value)) throw invalid(`${where} is ${value}, no safe integer`);
      return value;
    case 'object': {
      if (value instanceof Uint8Array) return new Uint8Array(value);
      if (Array.isArray(value)) {
        return Object.freeze(value.map((element: Value) => ownValue(element, where)));
      }
      if (value === null) break;
      const map: Record<string, Value> = {};
      for (const name of Object.keys(value)) {
        requireName(name);
        map[name] = ownValue((value as ValueMap)[name]!, `${where}.${name}`);
      }
      return Object.freeze(map);
    }
  }
  throw invalid(`${where} is ${String(value)}, which no attribute can hold`);
};

const ownChange = (change: Change): Change => {
  switch (change.op) {
    case 'set':
    case 'setIfAbsent':
      return { ...change, value: ownValue(change.value, String(change.path)) };
    case 'append':
      return {
        ...change,
        values: change.values.map((value) => ownValue(value, String(change.path))),
      };
    default:
      return change;
  }
};

/** Freezes what an update made anew (the rest is frozen already) and holds it to the size limit. */
const store = (item: Item): Item => {
  for (const name in item) {
    const value = item[name];
    if (typeof value === 'object' && !(value instanceof Uint8Array)) Object.freeze(value);
  }
  const bytes = itemSizeBytes(item);
  if (bytes > MAX_ITEM_BYTES) {
    throw invalid(`the item ${item.pk} / ${item.sk} has ${bytes} bytes, over ${MAX_ITEM_BYTES}`);
  }
  return Object.freeze(item);
};

const invalid = (message: string): StoreError =>
  new StoreError('invalid', message, { effect: 'none' });
