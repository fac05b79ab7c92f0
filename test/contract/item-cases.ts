/**
 * Every condition and every change, case by case, as DynamoDB has them.
 */
import {
  absent,
  add,
  anyOf,
  append,
  atMost,
  type Change,
  type Condition,
  contains,
  copy,
  copyIfAbsent,
  dropFirst,
  equals,
  exists,
  lessThan,
  not,
  remove,
  set,
  setIfAbsent,
  sizeBelow,
  type ValueMap,
} from '../../lib/storage/algebra.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** The item that the conditions are tried on. */
export const SUBJECT: ValueMap = {
  number: 5,
  negative: -3,
  zero: 0,
  text: 'b',
  high: '\uffff',
  blank: '',
  flag: false,
  bytes: bytes(1, 2),
  noBytes: bytes(),
  list: ['a', 2, bytes(9)],
  emptyList: [],
  map: { key: 3, text: 'x' },
  emptyMap: {},
};

/** Each condition with whether it holds of `SUBJECT`. */
export const CONDITIONS: readonly (readonly [Condition, boolean])[] = [
  [exists('number'), true],
  [exists('zero'), true],
  [exists('blank'), true],
  [exists('flag'), true],
  [exists('emptyList'), true],
  [exists('none'), false],
  [exists('constructor'), false],
  [exists(['map', 'key']), true],
  [exists(['map', 'none']), false],
  [exists(['map', 'constructor']), false],
  [exists(['none', 'key']), false],
  [exists(['number', 'key']), false],
  [absent('none'), true],
  [absent('number'), false],
  [absent(['map', 'key']), false],
  [absent(['map', 'none']), true],
  [absent(['none', 'key']), true],
  [absent(['list', 'key']), true],

  [equals('number', 5), true],
  [equals('number', 4), false],
  [equals('number', '5'), false],
  [equals('negative', -3), true],
  [equals('zero', 0), true],
  [equals('zero', false), false],
  [equals('text', 'b'), true],
  [equals('text', 'B'), false],
  [equals('blank', ''), true],
  [equals('flag', false), true],
  [equals('flag', true), false],
  [equals('bytes', bytes(1, 2)), true],
  [equals('bytes', bytes(1, 2, 3)), false],
  [equals('bytes', bytes(1, 3)), false],
  [equals('none', 5), false],
  [equals(['map', 'key'], 3), true],
  [equals(['map', 'none'], 3), false],

  [atMost('number', 5), true],
  [atMost('number', 6), true],
  [atMost('number', 4), false],
  [atMost('negative', 0), true],
  [atMost('number', '9'), false],
  [atMost('text', 'b'), true],
  [atMost('text', 'c'), true],
  [atMost('text', 'a'), false],
  [atMost('text', 9), false],
  [atMost('flag', 9), false],
  [atMost('list', 9), false],
  [atMost('none', 9), false],
  [atMost(['map', 'key'], 3), true],
  [atMost(['map', 'none'], 3), false],
  [lessThan('number', 6), true],
  [lessThan('number', 5), false],
  [lessThan('text', 'ba'), true],
  [lessThan('text', 'b'), false],
  [lessThan('none', 1), false],
  [lessThan(['map', 'text'], 'y'), true],

  [sizeBelow('list', 4), true],
  [sizeBelow('list', 3), false],
  [sizeBelow('emptyList', 1), true],
  [sizeBelow('emptyList', 0), false],
  [sizeBelow('map', 3), true],
  [sizeBelow('map', 2), false],
  [sizeBelow('text', 2), true],
  [sizeBelow('text', 1), false],
  [sizeBelow('bytes', 3), true],
  [sizeBelow('bytes', 2), false],
  [sizeBelow('none', 9), false],
  [sizeBelow(['map', 'text'], 2), true],
  [sizeBelow(['list', 'text'], 2), false],

  [contains('list', 'a'), true],
  [contains('list', 2), true],
  [contains('list', bytes(9)), true],
  [contains('list', 'A'), false],
  [contains('list', '2'), false],
  [contains('list', bytes(9, 9)), false],
  [contains('emptyList', 'a'), false],
  [contains('number', 5), false],
  [contains('none', 'a'), false],
  // Lists alone: DynamoDB's own looks into these as well.
  [contains('text', 'b'), false],
  [contains('bytes', bytes(1)), false],
  [contains('map', 'key'), false],

  [not(exists('none')), true],
  [not(exists('number')), false],
  [not(equals('none', 5)), true],
  [not(atMost('number', '9')), true],
  [not(contains('list', 'a')), false],
  [not(contains('none', 'a')), true],
  [not(contains('text', 'b')), true],
  [not(sizeBelow('none', 9)), true],
  [not(lessThan('list', 9)), true],
  [not(not(exists('number'))), true],
  [anyOf(exists('none'), exists('number')), true],
  [anyOf(exists('none'), equals('number', 6)), false],
  [anyOf(absent('none')), true],
  [not(anyOf(exists('none'), equals('number', 6))), true],
  [anyOf(not(exists('number')), not(exists('none'))), true],
  [anyOf(anyOf(exists('none'), exists('number')), exists('none')), true],
  [anyOf(contains('list', 'A'), contains('list', 'a')), true],
  [anyOf(), false],
  [not(anyOf()), true],
];

/** Numbers and booleans have no size, so none below anything. */
export const SIZELESS: readonly (readonly [Condition, boolean])[] = [
  [sizeBelow('number', 9), false],
  [sizeBelow('flag', 9), false],
  [not(sizeBelow('number', 9)), true],
];

/** Text is compared by its UTF-8 bytes, not by UTF-16 code units. */
export const TEXT_ORDER: readonly (readonly [Condition, boolean])[] = [
  [lessThan('high', '\u{10000}'), true],
  [not(atMost('high', '\u{10000}')), false],
];

/** What is empty has a size as well. */
export const EMPTY: readonly (readonly [Condition, boolean])[] = [
  [sizeBelow('blank', 1), true],
  [sizeBelow('blank', 0), false],
  [sizeBelow('noBytes', 1), true],
  [sizeBelow('noBytes', 0), false],
];

/** Each condition with whether it holds where there is no item. */
export const WITHOUT_ITEM: readonly (readonly [Condition, boolean])[] = [
  [exists('pk'), false],
  [absent('pk'), true],
  [absent('number'), true],
  [equals('number', 5), false],
  [atMost('number', 5), false],
  [sizeBelow('list', 9), false],
  [contains('list', 'a'), false],
  [not(exists('number')), true],
  [anyOf(absent('number'), atMost('number', 5)), true],
];

export interface ChangeCase {
  readonly name: string;
  /** Undefined: there is no item. */
  readonly before: ValueMap | undefined;
  readonly changes: readonly Change[];
  readonly after: ValueMap | 'invalid';
}

const one = (
  name: string,
  before: ValueMap | undefined,
  changes: readonly Change[],
  after: ValueMap | 'invalid',
): ChangeCase => ({ name, before, changes, after });

/** What each change makes of an item, and what it must refuse. */
export const CHANGES: readonly ChangeCase[] = [
  one('set makes an item', undefined, [set('a', 1)], { a: 1 }),
  one('set makes an attribute', { a: 1 }, [set('b', 'x')], { a: 1, b: 'x' }),
  one('set replaces, whatever the type', { a: 1 }, [set('a', ['x'])], { a: ['x'] }),
  one('set in a map', { m: { x: 1 } }, [set(['m', 'y'], 2)], { m: { x: 1, y: 2 } }),
  one('two keys of one map', { m: {} }, [set(['m', 'x'], 1), set(['m', 'y'], 2)], {
    m: { x: 1, y: 2 },
  }),
  one('set with an inherited name', { m: {} }, [set(['m', 'constructor'], 1)], {
    m: { constructor: 1 },
  }),
  one('set in no map', { a: 1 }, [set(['m', 'x'], 1)], 'invalid'),
  one('set in a number', { m: 1 }, [set(['m', 'x'], 1)], 'invalid'),
  one('setIfAbsent makes', { a: 1 }, [setIfAbsent('b', 2)], { a: 1, b: 2 }),
  one('setIfAbsent leaves', { a: 1 }, [setIfAbsent('a', 2)], { a: 1 }),
  one('setIfAbsent in a map', { m: { x: 1 } }, [setIfAbsent(['m', 'y'], 2)], {
    m: { x: 1, y: 2 },
  }),
  one('copy', { a: 1 }, [copy('b', 'a')], { a: 1, b: 1 }),
  one('copy of a list', { a: [1, 'x'] }, [copy('b', 'a')], { a: [1, 'x'], b: [1, 'x'] }),
  one('copy reads the old value', { a: 1 }, [add('a', 1), copy('b', 'a')], { a: 2, b: 1 }),
  one('copies swap', { a: 1, b: 2 }, [copy('a', 'b'), copy('b', 'a')], { a: 2, b: 1 }),
  one('copy from a map', { m: { x: 7 } }, [copy('a', ['m', 'x'])], { m: { x: 7 }, a: 7 }),
  one('copy of what is absent', { a: 1 }, [copy('b', 'none')], 'invalid'),
  one('copyIfAbsent makes', { a: 1 }, [copyIfAbsent('b', 'a')], { a: 1, b: 1 }),
  one('copyIfAbsent leaves', { a: 1, b: 2 }, [copyIfAbsent('b', 'a')], { a: 1, b: 2 }),
  // DynamoDB looks at both.
  one('copyIfAbsent of what is absent, not needed', { b: 2 }, [copyIfAbsent('b', 'no')], 'invalid'),
  one('copyIfAbsent of what is absent', { a: 1 }, [copyIfAbsent('b', 'none')], 'invalid'),
  one('add', { a: 1 }, [add('a', 41)], { a: 42 }),
  one('add below zero', { a: 1 }, [add('a', -3)], { a: -2 }),
  one('add to nothing', { b: 1 }, [add('a', 3)], { b: 1, a: 3 }),
  one('add makes an item', undefined, [add('a', 3)], { a: 3 }),
  one('add in a map', { m: { x: 1 } }, [add(['m', 'x'], 2), add(['m', 'y'], 5)], {
    m: { x: 3, y: 5 },
  }),
  one('add of large numbers', { a: 9_007_199_254_740_000 }, [add('a', 991)], {
    a: 9_007_199_254_740_991,
  }),
  one('add to a string', { a: 'x' }, [add('a', 1)], 'invalid'),
  one('append', { l: [1] }, [append('l', [2, 'x', bytes(3)])], { l: [1, 2, 'x', bytes(3)] }),
  one('append to nothing', { a: 1 }, [append('l', [1, 2])], { a: 1, l: [1, 2] }),
  one('append makes an item', undefined, [append('l', ['x'])], { l: ['x'] }),
  one('append of nothing', { l: [1] }, [append('l', []), set('a', 1)], { l: [1], a: 1 }),
  one('append of nothing to nothing', { a: 1 }, [append('l', [])], { a: 1, l: [] }),
  one('append of lists', { l: [] }, [append('l', [[1], { x: 2 }])], { l: [[1], { x: 2 }] }),
  one('append in a map', { m: { l: [1] } }, [append(['m', 'l'], [2])], { m: { l: [1, 2] } }),
  one('append to a number', { l: 1 }, [append('l', [2])], 'invalid'),
  one('dropFirst', { l: [1, 2, 3] }, [dropFirst('l', 2)], { l: [3] }),
  one('dropFirst of all', { l: [1, 2] }, [dropFirst('l', 2)], { l: [] }),
  one('dropFirst of more than all', { l: [1, 2] }, [dropFirst('l', 9)], { l: [] }),
  one('dropFirst of none', { l: [1, 2] }, [dropFirst('l', 0)], { l: [1, 2] }),
  one('dropFirst of none of no list', { l: 1 }, [dropFirst('l', 0)], 'invalid'),
  one('dropFirst in a map', { m: { l: [1, 2] } }, [dropFirst(['m', 'l'], 1)], { m: { l: [2] } }),
  one('dropFirst of as many as there may be', { l: [1, 2] }, [dropFirst('l', 256)], { l: [] }),
  one('dropFirst of no list', { l: 1 }, [dropFirst('l', 1)], 'invalid'),
  one('dropFirst of nothing', { a: 1 }, [dropFirst('l', 1)], 'invalid'),
  one('remove', { a: 1, b: 2 }, [remove('a')], { b: 2 }),
  one('remove of nothing', { b: 2 }, [remove('a')], { b: 2 }),
  one('remove in a map', { m: { x: 1, y: 2 } }, [remove(['m', 'x'])], { m: { y: 2 } }),
  one('remove of nothing in a map', { m: { y: 2 } }, [remove(['m', 'x'])], { m: { y: 2 } }),
  one('remove in no map', { m: 1, a: 1 }, [remove(['m', 'x'])], 'invalid'),
  one('remove in what is absent', { a: 1 }, [remove(['m', 'x'])], 'invalid'),
  one('nothing', { a: 1 }, [], { a: 1 }),
  one('nothing, and an item is made', undefined, [], {}),
  one('the last key of a map', { m: { x: 1 } }, [remove(['m', 'x'])], { m: {} }),
  one(
    'all at once',
    { n: 1, l: [1, 2], m: { x: 1, y: 2 }, old: 'x' },
    [
      add('n', 2),
      append('t', [bytes(1)]),
      dropFirst('l', 1),
      set(['m', 'z'], 3),
      remove(['m', 'x']),
      copy('was', 'n'),
      setIfAbsent('dueAt', 5),
      remove('old'),
    ],
    { n: 3, t: [bytes(1)], l: [2], m: { y: 2, z: 3 }, was: 1, dueAt: 5 },
  ),
  one('one bad change spoils all', { a: 1, s: 'x' }, [add('a', 1), add('s', 1)], 'invalid'),
];

/** What makes no sense whatever the item is. */
export const UNSOUND: readonly ChangeCase[] = [
  one('the key is not to be changed', { a: 1 }, [set('pk', 'other')], 'invalid'),
  one('nor a part of the key', { a: 1 }, [remove('sk')], 'invalid'),
  one('two changes of one attribute', { a: 1 }, [add('a', 1), set('a', 2)], 'invalid'),
  one('two changes of one list', { l: [1] }, [append('l', [2]), dropFirst('l', 1)], 'invalid'),
  one('two changes of one key', { m: {} }, [set(['m', 'x'], 1), set(['m', 'x'], 2)], 'invalid'),
  one('a map and its key', { m: {} }, [set('m', {}), set(['m', 'x'], 2)], 'invalid'),
  one('a key and its map', { m: {} }, [set(['m', 'x'], 2), remove('m')], 'invalid'),
  one('a fraction', { a: 1 }, [set('a', 1.5)], 'invalid'),
  one('a number beyond the safe ones', { a: 1 }, [add('a', 2 ** 53)], 'invalid'),
  one('no number', { a: 1 }, [append('l', [Number.NaN])], 'invalid'),
  one('a copy of itself, if absent', { a: 1 }, [copyIfAbsent('a', 'a')], 'invalid'),
  one(
    'a copy of itself, if absent, in a map',
    {},
    [copyIfAbsent(['m', 'a'], ['m', 'a'])],
    'invalid',
  ),
  one('less than nothing dropped', { l: [1] }, [dropFirst('l', -1)], 'invalid'),
  one('more dropped than an update can', { l: [1] }, [dropFirst('l', 257)], 'invalid'),
  one('an attribute without a name', { a: 1 }, [set('', 1)], 'invalid'),
  one('a key without a name', { a: 1 }, [set('b', { '': 1 })], 'invalid'),
  one('a prototype', { a: 1 }, [set('__proto__', 1)], 'invalid'),
];
