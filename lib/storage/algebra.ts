/**
 * Items, and the small algebra of conditions and changes in which every write is told.
 *
 *   update = { if: { name: condition, … }, change: [change, …] }
 *
 * It is exactly what DynamoDB's condition and update expressions can say about one item, with their
 * semantics: a comparison with an attribute that is absent, or of another type, is false; `not` turns
 * that into true; a change reads the item as it was before the update; two changes never touch the
 * same path. `interpret.ts` runs it over a plain object, `aws/expressions.ts` compiles it, and `sound.ts`
 * refuses for both what makes no sense.
 *
 * Conditions carry names. They are the protocol's vocabulary: a refusal is explained by them
 * (`failing`), and tests take one out by its name to show that it is needed.
 */

/** What an attribute can hold; numbers are safe integers, names are not empty. */
export type Value = string | number | boolean | Uint8Array | readonly Value[] | ValueMap;
export interface ValueMap {
  readonly [name: string]: Value;
}

/** DynamoDB's partition key and sort key. */
export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

/** An item: its key beside its attributes. Never modified once it was handed out. */
export interface Item extends ItemKey {
  readonly [attribute: string]: Value;
}

/** An attribute, or one key of an attribute that is a map (the map must exist to be changed). */
export type Path = string | readonly [attribute: string, key: string];

/** One test of one item; what each means is said where it is written, below. */
export type Condition =
  | { readonly op: 'exists'; readonly path: Path }
  | { readonly op: 'absent'; readonly path: Path }
  | {
      readonly op: 'equals';
      readonly path: Path;
      readonly value: string | number | boolean | Uint8Array;
    }
  | { readonly op: 'atMost'; readonly path: Path; readonly value: string | number }
  | { readonly op: 'lessThan'; readonly path: Path; readonly value: string | number }
  | { readonly op: 'sizeBelow'; readonly path: Path; readonly size: number }
  | { readonly op: 'contains'; readonly path: Path; readonly value: string | number | Uint8Array }
  | { readonly op: 'not'; readonly condition: Condition }
  | { readonly op: 'anyOf'; readonly conditions: readonly Condition[] };

/** All must hold. The names are told in errors and known to the tests. */
export type Conditions = Readonly<Record<string, Condition>>;

export type Change =
  | { readonly op: 'set'; readonly path: Path; readonly value: Value }
  | { readonly op: 'setIfAbsent'; readonly path: Path; readonly value: Value }
  /** `path` takes the old value of `from`, which must exist. */
  | { readonly op: 'copy'; readonly path: Path; readonly from: Path }
  /** `from` must exist even where `path` does. */
  | { readonly op: 'copyIfAbsent'; readonly path: Path; readonly from: Path }
  /** An absent number counts as 0. */
  | { readonly op: 'add'; readonly path: Path; readonly amount: number }
  /** To the end of a list; an absent list counts as empty. */
  | { readonly op: 'append'; readonly path: Path; readonly values: readonly Value[] }
  /** Drops the first `count` (0 to `MAX_DROP_FIRST`) elements of a list; fewer there: all of them. */
  | { readonly op: 'dropFirst'; readonly path: Path; readonly count: number }
  | { readonly op: 'remove'; readonly path: Path };

/**
 * All changes are made, in one step, if all conditions hold; else none. Where there is no item, removals
 * alone may or may not make one: whoever removes asks for it by a condition.
 */
export interface Update {
  readonly if?: Conditions;
  readonly change: readonly Change[];
}

// ── how they are written ─────────────────────────────────────────────────────────────────────────

export const exists = (path: Path): Condition => ({ op: 'exists', path });
export const absent = (path: Path): Condition => ({ op: 'absent', path });
export const equals = (path: Path, value: string | number | boolean | Uint8Array): Condition => ({
  op: 'equals',
  path,
  value,
});
/** The attribute is ≤ `value`. */
export const atMost = (path: Path, value: string | number): Condition => ({
  op: 'atMost',
  path,
  value,
});
/** The attribute is < `value`. */
export const lessThan = (path: Path, value: string | number): Condition => ({
  op: 'lessThan',
  path,
  value,
});
/** A list or map has fewer than `size` elements, a string or binary fewer than `size` bytes. */
export const sizeBelow = (path: Path, size: number): Condition => ({ op: 'sizeBelow', path, size });
/** A list has an element equal to `value`. */
export const contains = (path: Path, value: string | number | Uint8Array): Condition => ({
  op: 'contains',
  path,
  value,
});
export const not = (condition: Condition): Condition => ({ op: 'not', condition });
export const anyOf = (...conditions: readonly Condition[]): Condition => ({
  op: 'anyOf',
  conditions,
});

export const set = (path: Path, value: Value): Change => ({ op: 'set', path, value });
export const setIfAbsent = (path: Path, value: Value): Change => ({
  op: 'setIfAbsent',
  path,
  value,
});
export const copy = (path: Path, from: Path): Change => ({ op: 'copy', path, from });
export const copyIfAbsent = (path: Path, from: Path): Change => ({
  op: 'copyIfAbsent',
  path,
  from,
});
export const add = (path: Path, amount: number): Change => ({ op: 'add', path, amount });
export const append = (path: Path, values: readonly Value[]): Change => ({
  op: 'append',
  path,
  values,
});
export const dropFirst = (path: Path, count: number): Change => ({ op: 'dropFirst', path, count });
export const remove = (path: Path): Change => ({ op: 'remove', path });
