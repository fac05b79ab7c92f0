/**
 * What makes no sense whatever the item is, and every store refuses alike, before it evaluates anything:
 * two changes of one path, a change of the key, a number that is no safe integer. What only the item
 * can tell (an addition to text) comes after the conditions.
 */
import { MAX_DROP_FIRST } from '../model/limits.ts';
import type { Change, Condition, Conditions, ItemKey, Path, Update } from './algebra.ts';
import { StoreError } from './ports.ts';

/** @throws StoreError invalid */
export const requireSoundUpdate = (key: ItemKey, update: Update): void => {
  requireSoundWrite(key, update.if);
  const paths = new ChangedPaths();
  for (const change of update.change) {
    requireSoundChange(change);
    paths.add(change.path);
  }
};

/** Of a write without changes: a put, a deletion. @throws StoreError invalid */
export const requireSoundWrite = (key: ItemKey, conditions: Conditions | undefined): void => {
  if (key.pk === '' || key.sk === '') throw invalid('pk and sk must not be empty');
  for (const name in conditions) requireSoundCondition(conditions[name]!);
};

const requireSoundCondition = (condition: Condition): void => {
  switch (condition.op) {
    case 'equals':
    case 'atMost':
    case 'lessThan':
    case 'contains':
      if (typeof condition.value === 'number') requireInteger(condition.value, condition.path);
      break;
    case 'sizeBelow':
      requireInteger(condition.size, condition.path);
      break;
    case 'not':
      requireSoundCondition(condition.condition);
      break;
    case 'anyOf':
      for (const one of condition.conditions) requireSoundCondition(one);
      break;
  }
};

const requireSoundChange = (change: Change): void => {
  const { path } = change;
  const attribute = typeof path === 'string' ? path : path[0];
  if (attribute === 'pk' || attribute === 'sk') {
    throw invalid(`the key attribute ${attribute} cannot change`);
  }
  requireName(attribute);
  if (typeof path !== 'string') requireName(path[1]);
  if (change.op === 'copyIfAbsent' && samePath(change.from, path)) {
    throw invalid(`${showPath(path)} cannot be copied to itself`);
  }
  if (change.op === 'add') requireInteger(change.amount, path);
  if (change.op === 'dropFirst') {
    requireInteger(change.count, path);
    if (change.count < 0 || change.count > MAX_DROP_FIRST) {
      throw invalid(`${showPath(path)}: dropFirst takes 0 to ${MAX_DROP_FIRST} elements`);
    }
  }
};

/** Of an attribute, or a key of a map: DynamoDB takes none that is empty, and JavaScript has one that is no name. */
export const requireName = (name: string): void => {
  if (name === '' || name === '__proto__') throw invalid(`"${name}" is no name`);
};

/** Paths changed so far: attributes as a whole, or some keys of one. */
class ChangedPaths {
  readonly #keys = new Map<string, Set<string> | 'whole'>();

  add(path: Path): void {
    if (typeof path === 'string') {
      if (this.#keys.has(path)) throw twice(path);
      this.#keys.set(path, 'whole');
      return;
    }
    const keys = this.#keys.get(path[0]);
    if (keys === undefined) this.#keys.set(path[0], new Set([path[1]]));
    else if (keys === 'whole' || keys.has(path[1])) throw twice(path);
    else keys.add(path[1]);
  }
}

const twice = (path: Path): StoreError =>
  invalid(`two changes touch ${showPath(path)}; there can be one`);

const requireInteger = (value: number, path: Path): void => {
  if (!Number.isSafeInteger(value)) throw invalid(`${showPath(path)}: ${value} is no safe integer`);
};

const samePath = (left: Path, right: Path): boolean =>
  typeof left === 'string' || typeof right === 'string'
    ? left === right
    : left[0] === right[0] && left[1] === right[1];

/** A path for people. */
export const showPath = (path: Path): string => (typeof path === 'string' ? path : path.join('.'));

const invalid = (message: string): StoreError =>
  new StoreError('invalid', message, { effect: 'none' });
