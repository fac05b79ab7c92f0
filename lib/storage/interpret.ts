/**
 * Runs the update algebra over a plain item, for the stores that have no expressions of their own
 * (memory, embedded) and for explaining a refusal.
 */
import type {
  Change,
  Condition,
  Conditions,
  Item,
  ItemKey,
  Path,
  Value,
  ValueMap,
} from './algebra.ts';
import { StoreError } from './ports.ts';
import { showPath } from './sound.ts';

type Draft = Record<string, Value>;

const isMap = (value: Value | undefined): value is ValueMap =>
  typeof value === 'object' && !Array.isArray(value) && !(value instanceof Uint8Array);

/** The value at `path`, or undefined. */
export const valueAt = (item: ValueMap | undefined, path: Path): Value | undefined => {
  if (item === undefined) return undefined;
  if (typeof path === 'string') return ownProperty(item, path);
  const map = ownProperty(item, path[0]);
  return isMap(map) ? ownProperty(map, path[1]) : undefined;
};

/** An attribute may be called `constructor`: what every object inherits is none. */
const ownProperty = (map: ValueMap, name: string): Value | undefined =>
  Object.hasOwn(map, name) ? map[name] : undefined;

/** Deep equality of two values; binaries by their bytes, maps whatever the order of their keys. */
export const sameValue = (left: Value | undefined, right: Value | undefined): boolean => {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object') return false;
  if (left instanceof Uint8Array || right instanceof Uint8Array) {
    if (!(left instanceof Uint8Array) || !(right instanceof Uint8Array)) return false;
    return sameBytes(left, right);
  }
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((value, index) => sameValue(value, right[index]));
  }
  const leftMap = left as ValueMap;
  const rightMap = right as ValueMap;
  const names = Object.keys(leftMap);
  return (
    names.length === Object.keys(rightMap).length &&
    names.every((name) => sameValue(leftMap[name], rightMap[name]))
  );
};

const sameBytes = (left: Uint8Array, right: Uint8Array): boolean => {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index++) if (left[index] !== right[index]) return false;
  return true;
};

/** Orders as DynamoDB does: numbers by value, strings by their UTF-8 bytes; unlike types do not compare. */
const compare = (left: Value | undefined, right: string | number): number | undefined => {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'string' && typeof right === 'string') return compareStrings(left, right);
  return undefined;
};

/**
 * UTF-8 byte order of two strings, without encoding them: it is the order of their code units, but
 * that surrogates (0xd800–0xdfff), which stand for the highest code points, come after the rest.
 */
export const compareStrings = (left: string, right: string): number => {
  if (left === right) return 0;
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) return aboveSurrogates(a) - aboveSurrogates(b);
  }
  return left.length - right.length;
};

const aboveSurrogates = (unit: number): number =>
  unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800;

const sizeOf = (value: Value | undefined): number | undefined => {
  if (value instanceof Uint8Array) return value.length;
  if (Array.isArray(value)) return value.length;
  if (typeof value === 'string') return Buffer.byteLength(value);
  return isMap(value) ? Object.keys(value).length : undefined;
};

/** Whether `condition` holds of `item`; an item that does not exist has no attributes. */
export const holds = (condition: Condition, item: ValueMap | undefined): boolean => {
  switch (condition.op) {
    case 'exists':
      return valueAt(item, condition.path) !== undefined;
    case 'absent':
      return valueAt(item, condition.path) === undefined;
    case 'equals':
      return sameValue(valueAt(item, condition.path), condition.value);
    case 'atMost': {
      const order = compare(valueAt(item, condition.path), condition.value);
      return order !== undefined && order <= 0;
    }
    case 'lessThan': {
      const order = compare(valueAt(item, condition.path), condition.value);
      return order !== undefined && order < 0;
    }
    case 'sizeBelow': {
      const size = sizeOf(valueAt(item, condition.path));
      return size !== undefined && size < condition.size;
    }
    case 'contains': {
      const list = valueAt(item, condition.path);
      return Array.isArray(list) && list.some((element) => sameValue(element, condition.value));
    }
    case 'not':
      return !holds(condition.condition, item);
    case 'anyOf':
      return condition.conditions.some((one) => holds(one, item));
  }
};

/** The names of the conditions that do not hold. */
export const failing = (conditions: Conditions | undefined, item: ValueMap | undefined): string[] =>
  Object.entries(conditions ?? {})
    .filter(([, condition]) => !holds(condition, item))
    .map(([name]) => name);

/** Whether all hold. */
export const allHold = (
  conditions: Conditions | undefined,
  item: ValueMap | undefined,
): boolean => {
  for (const name in conditions) if (!holds(conditions[name]!, item)) return false;
  return true;
};

/**
 * The item after `changes`, which are sound (`sound.ts`); the one given stays as it is.
 * @throws StoreError invalid, where DynamoDB would refuse the expression
 */
export const applyChanges = (
  key: ItemKey,
  before: Item | undefined,
  changes: readonly Change[],
): Item => {
  const draft: Draft = before === undefined ? { pk: key.pk, sk: key.sk } : { ...before };
  const ownMaps = new Set<string>();

  const write = (path: Path, value: Value | undefined): void => {
    let target = draft;
    let name: string;
    if (typeof path === 'string') {
      name = path;
    } else {
      const [attribute, mapKey] = path;
      const map = draft[attribute];
      if (!isMap(map)) throw invalid(`${attribute}.${mapKey}: ${attribute} is no map`);
      target = ownMaps.has(attribute) ? (map as Draft) : { ...map };
      ownMaps.add(attribute);
      draft[attribute] = target;
      name = mapKey;
    }
    if (value === undefined) delete target[name];
    else target[name] = value;
  };

  for (const change of changes) {
    const old = valueAt(before, change.path);
    switch (change.op) {
      case 'set':
        write(change.path, change.value);
        break;
      case 'setIfAbsent':
        if (old === undefined) write(change.path, change.value);
        break;
      case 'copy':
      case 'copyIfAbsent': {
        const from = valueAt(before, change.from);
        if (from === undefined)
          throw invalid(`${showPath(change.from)} is absent and cannot be copied`);
        if (change.op === 'copy' || old === undefined) write(change.path, from);
        break;
      }
      case 'add':
        if (old !== undefined && typeof old !== 'number')
          throw invalid(`${showPath(change.path)} is no number`);
        write(change.path, (old ?? 0) + change.amount);
        break;
      case 'append':
        if (old !== undefined && !Array.isArray(old))
          throw invalid(`${showPath(change.path)} is no list`);
        write(
          change.path,
          old === undefined ? change.values : [...(old as Value[]), ...change.values],
        );
        break;
      case 'dropFirst':
        if (!Array.isArray(old)) throw invalid(`${showPath(change.path)} is no list`);
        write(change.path, old.slice(change.count));
        break;
      case 'remove':
        write(change.path, undefined);
        break;
    }
  }
  return draft as Item;
};

const invalid = (message: string): StoreError =>
  new StoreError('invalid', message, { effect: 'none' });
