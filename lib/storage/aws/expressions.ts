/**
 * Compiles conditions and changes (`../algebra.ts`) to what DynamoDB calls expressions.
 *
 *   { end-as-expected: equals('end', 7) }          ConditionExpression   #0 = :0
 *   [ add('end', 2), dropFirst('tail', 2) ]        UpdateExpression      SET #0 = if_not_exists(#0, :1) + :2
 *                                                                        REMOVE #1[1], #1[0]
 *   names #0 end, #1 tail    values :0 7, :1 0, :2 2
 *
 * Every name is a placeholder, as any of them may be one of DynamoDB's 573 reserved words. What DynamoDB
 * means is what the algebra means, except where told below.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Change, Condition, Conditions, Path, Value } from '../algebra.ts';
import { toAttribute } from './values.ts';

/** The part of a request that its expressions are. */
export interface Expressions {
  ConditionExpression?: string;
  UpdateExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Record<string, AttributeValue>;
}

/** @throws StoreError invalid when a value is none that an attribute can hold */
export const compile = (
  conditions: Conditions | undefined,
  changes: readonly Change[] = [],
): Expressions => {
  const placeholders = newPlaceholders();
  const expressions: Expressions = {};
  const all = Object.values(conditions ?? {});
  if (all.length > 0) {
    expressions.ConditionExpression = all
      .map((condition) => operand(condition, placeholders))
      .join(' AND ');
  }
  const update = compileChanges(changes, placeholders);
  if (update !== '') expressions.UpdateExpression = update;
  return placeholders.into(expressions);
};

interface Placeholders {
  path(path: Path): string;
  value(value: Value): string;
  into(expressions: Expressions): Expressions;
}

const newPlaceholders = (): Placeholders => {
  const names = new Map<string, string>();
  const values: Record<string, AttributeValue> = {};
  let valueCount = 0;
  const name = (attribute: string): string => {
    let placeholder = names.get(attribute);
    if (placeholder === undefined) {
      placeholder = `#${names.size}`;
      names.set(attribute, placeholder);
    }
    return placeholder;
  };
  return {
    path: (path) => (typeof path === 'string' ? name(path) : `${name(path[0])}.${name(path[1])}`),
    value: (value) => {
      const placeholder = `:${valueCount++}`;
      values[placeholder] = toAttribute(value, 'a value');
      return placeholder;
    },
    into: (expressions) => {
      // DynamoDB refuses empty maps.
      if (names.size > 0) {
        const byPlaceholder: Record<string, string> = {};
        for (const [attribute, placeholder] of names) byPlaceholder[placeholder] = attribute;
        expressions.ExpressionAttributeNames = byPlaceholder;
      }
      if (valueCount > 0) expressions.ExpressionAttributeValues = values;
      return expressions;
    },
  };
};

/** A condition as one of several operands: a disjunction in parentheses, and nothing else, as DynamoDB refuses redundant ones. */
const operand = (condition: Condition, to: Placeholders): string => {
  const { expression, joined } = compileCondition(condition, to);
  return joined ? `(${expression})` : expression;
};

interface CompiledCondition {
  readonly expression: string;
  /** Whether AND or OR is its outermost operator. */
  readonly joined: boolean;
}

const single = (expression: string): CompiledCondition => ({ expression, joined: false });

const compileCondition = (condition: Condition, to: Placeholders): CompiledCondition => {
  switch (condition.op) {
    case 'exists':
      return single(`attribute_exists(${to.path(condition.path)})`);
    case 'absent':
      return single(`attribute_not_exists(${to.path(condition.path)})`);
    case 'equals':
      return single(`${to.path(condition.path)} = ${to.value(condition.value)}`);
    case 'atMost':
      return single(`${to.path(condition.path)} <= ${to.value(condition.value)}`);
    case 'lessThan':
      return single(`${to.path(condition.path)} < ${to.value(condition.value)}`);
    case 'sizeBelow':
      return single(`size(${to.path(condition.path)}) < ${to.value(condition.size)}`);
    case 'contains': {
      const path = to.path(condition.path);
      // DynamoDB's looks into strings and binaries, too.
      return {
        expression: `attribute_type(${path}, ${to.value('L')}) AND contains(${path}, ${to.value(condition.value)})`,
        joined: true,
      };
    }
    case 'not': {
      const { expression } = compileCondition(condition.condition, to);
      return single(`NOT (${expression})`);
    }
    case 'anyOf': {
      const [first, ...more] = condition.conditions;
      if (first === undefined) return compileCondition(NEVER, to);
      if (more.length === 0) return compileCondition(first, to);
      return {
        expression: condition.conditions.map((one) => operand(one, to)).join(' OR '),
        joined: true,
      };
    }
  }
};

/** DynamoDB has no constant for it. */
const NEVER: Condition = {
  op: 'not',
  condition: {
    op: 'anyOf',
    conditions: [
      { op: 'exists', path: 'pk' },
      { op: 'absent', path: 'pk' },
    ],
  },
};

const compileChanges = (changes: readonly Change[], to: Placeholders): string => {
  const sets: string[] = [];
  const removes: string[] = [];
  for (const change of changes) {
    const path = to.path(change.path);
    switch (change.op) {
      case 'set':
        sets.push(`${path} = ${to.value(change.value)}`);
        break;
      case 'setIfAbsent':
        sets.push(`${path} = if_not_exists(${path}, ${to.value(change.value)})`);
        break;
      case 'copy':
        sets.push(`${path} = ${to.path(change.from)}`);
        break;
      case 'copyIfAbsent':
        sets.push(`${path} = if_not_exists(${path}, ${to.path(change.from)})`);
        break;
      case 'add':
        // Not ADD, which would make a map that is not there.
        sets.push(`${path} = if_not_exists(${path}, ${to.value(0)}) + ${to.value(change.amount)}`);
        break;
      case 'append':
        sets.push(
          `${path} = list_append(if_not_exists(${path}, ${to.value([])}), ${to.value(change.values)})`,
        );
        break;
      case 'dropFirst':
        // Of a list alone, and what is no list is refused, as when elements are removed.
        if (change.count === 0) sets.push(`${path} = list_append(${path}, ${to.value([])})`);
        // Indices are those before the update; some emulators remove one after the other.
        for (let index = change.count - 1; index >= 0; index--) removes.push(`${path}[${index}]`);
        break;
      case 'remove':
        removes.push(path);
        break;
    }
  }
  const clauses: string[] = [];
  if (sets.length > 0) clauses.push(`SET ${sets.join(', ')}`);
  if (removes.length > 0) clauses.push(`REMOVE ${removes.join(', ')}`);
  return clauses.join(' ');
};
