/**
 * Drives the same random writes into two item stores and compares every answer and every item.
 */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Change, Condition, Conditions, Item, Path } from '../../lib/storage/algebra.ts';
import { set } from '../../lib/storage/algebra.ts';
import { sameValue } from '../../lib/storage/interpret.ts';
import { ConditionFailed, type ItemStore, StoreError } from '../../lib/storage/ports.ts';
import { unique } from './engine.ts';

type Command =
  | {
      readonly verb: 'update';
      readonly sk: string;
      readonly conditions: Conditions;
      readonly change: readonly Change[];
    }
  | {
      readonly verb: 'put';
      readonly sk: string;
      readonly conditions: Conditions;
      readonly attributes: Attributes;
    }
  | { readonly verb: 'delete'; readonly sk: string; readonly conditions: Conditions };

type Attributes = Readonly<Record<string, Item[string]>>;

const SKS = ['HEAD', 'LOG#1', 'LOG#2'];

// Few names and small values, so that commands meet each other's work.
const scalar = fc.oneof(
  fc.integer({ min: -3, max: 9 }),
  fc.constantFrom('', 'a', 'b', 'ab'),
  fc.uint8Array({ maxLength: 3 }),
);
const value = fc.oneof(
  scalar,
  fc.boolean(),
  fc.array(scalar, { maxLength: 4 }),
  fc.dictionary(fc.constantFrom('x', 'y', 'z'), scalar, { maxKeys: 3 }),
);
const path: fc.Arbitrary<Path> = fc.oneof(
  fc.constantFrom('n', 'text', 'list', 'map', 'other'),
  fc
    .constantFrom('map', 'other')
    .chain((map) => fc.constantFrom('x', 'y').map((key): Path => [map, key])),
);
const ordered = fc.oneof(fc.integer({ min: -3, max: 9 }), fc.constantFrom('a', 'b'));

const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    fc.record({ op: fc.constantFrom('exists' as const, 'absent' as const), path }),
    fc.record({ op: fc.constant('equals' as const), path, value: scalar }),
    fc.record({
      op: fc.constantFrom('atMost' as const, 'lessThan' as const),
      path,
      value: ordered,
    }),
    fc.record({
      op: fc.constant('sizeBelow' as const),
      path,
      size: fc.integer({ min: 0, max: 4 }),
    }),
    fc.record({ op: fc.constant('contains' as const), path, value: scalar }),
    fc.record({ op: fc.constant('not' as const), condition: tie('condition') }),
    fc.record({
      op: fc.constant('anyOf' as const),
      conditions: fc.array(tie('condition'), { maxLength: 3 }),
    }),
  ),
}));

// Most commands carry no condition: else hardly any would be applied.
const conditions: fc.Arbitrary<Conditions> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.record({ 'condition-a': condition }) },
  { weight: 1, arbitrary: fc.record({ 'condition-a': condition, 'condition-b': condition }) },
);

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ op: fc.constantFrom('set' as const, 'setIfAbsent' as const), path, value }),
  fc.record({ op: fc.constant('copy' as const), path, from: path }),
  fc.record({ op: fc.constant('add' as const), path, amount: fc.integer({ min: -5, max: 5 }) }),
  fc.record({
    op: fc.constant('append' as const),
    path,
    values: fc.array(scalar, { maxLength: 3 }),
  }),
  fc.record({ op: fc.constant('dropFirst' as const), path, count: fc.nat(3) }),
  fc.record({ op: fc.constant('remove' as const), path }),
);

const rootOf = (at: Path): string => (typeof at === 'string' ? at : at[0]);

const overlap = (left: Path, right: Path): boolean =>
  rootOf(left) === rootOf(right) &&
  (typeof left === 'string' || typeof right === 'string' || left[1] === right[1]);

/** One of them always makes something: removals alone make no item everywhere. Few touch the same path: most would be refused. */
const changes = fc.tuple(fc.array(change, { maxLength: 4 }), fc.nat(50)).map(([some, mark]) => {
  if (mark === 0) return [set('mark', mark), ...some];
  const apart: Change[] = [set('mark', mark)];
  for (const one of some) {
    if (!apart.some((other) => overlap(one.path, other.path))) apart.push(one);
  }
  return apart;
});

const sk = fc.constantFrom(...SKS);

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ verb: fc.constant('update' as const), sk, conditions, change: changes }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      verb: fc.constant('put' as const),
      sk,
      conditions,
      attributes: fc.dictionary(fc.constantFrom('n', 'text', 'list', 'map'), value, { maxKeys: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('delete' as const), sk, conditions }) },
);

const run = async (store: ItemStore, pk: string, command: Command): Promise<Attributes> => {
  const key = { pk, sk: command.sk };
  try {
    switch (command.verb) {
      case 'update': {
        const update = { if: command.conditions, change: command.change };
        return { done: { ...(await store.update(key, update)) } };
      }
      case 'put':
        await store.put({ ...command.attributes, ...key }, command.conditions);
        return { done: true };
      case 'delete':
        await store.delete(key, command.conditions);
        return { done: true };
    }
  } catch (error) {
    if (error instanceof ConditionFailed)
      return { refused: error.item ? { ...error.item } : false };
    if (error instanceof StoreError) return { failed: error.reason, effect: error.effect };
    throw error;
  }
};

const asks = (condition: Condition, op: Condition['op']): boolean => {
  switch (condition.op) {
    case 'not':
      return asks(condition.condition, op);
    case 'anyOf':
      return condition.conditions.some((one) => asks(one, op));
    default:
      return condition.op === op;
  }
};

export interface Comparison {
  readonly runs?: number;
  readonly seed?: number;
  /** A condition that one of the stores gets wrong, as its `cannot` says: no command has it. */
  readonly without?: Condition['op'];
}

/** @throws when an answer or an item differs; fast-check's message holds the shortest commands and the seed */
export const compareItemStores = async (
  left: ItemStore,
  right: ItemStore,
  { runs = 200, seed, without }: Comparison = {},
): Promise<void> => {
  const isLeftOut = ({ conditions }: Command): boolean =>
    without !== undefined && Object.values(conditions).some((one) => asks(one, without));
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 25 }), async (drawn) => {
      const commands = drawn.filter((one) => !isLeftOut(one));
      const pk = `T#${unique()}`;
      for (const one of commands) {
        const [ours, theirs] = await Promise.all([run(left, pk, one), run(right, pk, one)]);
        if (!sameValue(ours, theirs)) expect(theirs).toEqual(ours);
      }
      const [ours, theirs] = await Promise.all(
        [left, right].map((store) => store.query(pk, 'A', 'Z')),
      );
      if (!sameValue(ours, theirs)) expect(theirs).toEqual(ours);
    }),
    { numRuns: runs, ...(seed === undefined ? {} : { seed }) },
  );
};
