/**
 * Policies with one thing changed: something widened, or something taken away. Whoever checks policies must notice each.
 */
import { listOf, type Statement } from './iam.ts';
import { policiesOf, type Template } from './templates.ts';

export interface Mutant {
  readonly name: string;
  /** Logical ids of the roles that it is a policy of. */
  readonly roles: readonly string[];
}

/** A statement in other words; undefined: it is gone. */
interface Change {
  readonly what: string;
  readonly statement: Statement | undefined;
}

const without = <T>(list: readonly T[], index: number): readonly T[] =>
  list.filter((_, at) => at !== index);
const replaced = <T>(list: readonly T[], index: number, value: T): readonly T[] =>
  list.map((one, at) => (at === index ? value : one));

/** `a/b/c` with one of its parts as `*`. */
const widenedParts = (text: string): readonly string[] => {
  const parts = text.split(/([/:])/);
  return parts.flatMap((part, index) =>
    part === '*' || part === '' || /^[/:]$/.test(part)
      ? []
      : [replaced(parts, index, '*').join('')],
  );
};

/** `shrink` tells whether one less of them is something else at all. */
const shorter = <T>(list: readonly T[], shrink: (rest: readonly T[]) => Statement, what: string) =>
  list.length < 2
    ? []
    : list.map(
        (one, index): Change => ({
          what: `${what} ${String(one)} taken away`,
          statement: shrink(without(list, index)),
        }),
      );

/** Another service where it is one, else another kind of item. */
const another = (value: string): string =>
  value.includes('.') ? value.replace(/^\w+/, 'ec2') : 'BROKERS';

const conditionChanges = (statement: Statement): readonly Change[] => {
  const { Condition = {}, ...rest } = statement;
  return Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).flatMap(([key, values]): readonly Change[] => {
      const list = listOf(values);
      const withValues = (changed: readonly string[]): Statement => ({
        ...rest,
        Condition: { ...Condition, [operator]: { ...keys, [key]: changed } },
      });
      return [
        { what: `the condition on ${key} taken away`, statement: rest },
        { what: `${key} may be anything`, statement: withValues(['*']) },
        ...(operator === 'Null'
          ? []
          : [
              {
                what: `${key} may be another`,
                statement: withValues([...list, another(list[0]!)]),
              },
            ]),
        ...shorter(list, withValues, key),
      ];
    }),
  );
};

const changesOf = (statement: Statement): readonly Change[] => {
  const actions = listOf(statement.Action);
  const resources = listOf(statement.Resource);
  const taken: readonly Change[] = [
    { what: 'taken away', statement: undefined },
    ...shorter(actions, (Action) => ({ ...statement, Action }), 'the action'),
    ...shorter(resources, (Resource) => ({ ...statement, Resource }), 'the resource'),
  ];
  // What denies more than it must is no danger.
  if (statement.Effect === 'Deny') return taken;
  return [
    ...taken,
    ...conditionChanges(statement),
    ...actions.flatMap((action, index) =>
      [`${action.split(':')[0]}:*`, '*'].map(
        (wide): Change => ({
          what: `${action} as ${wide}`,
          statement: { ...statement, Action: replaced(actions, index, wide) },
        }),
      ),
    ),
    ...resources.flatMap((resource, index) =>
      [...new Set(['*', ...widenedParts(resource)])]
        .filter((wide) => wide !== resource)
        .map(
          (wide): Change => ({
            what: `${resource} as ${wide}`,
            statement: { ...statement, Resource: replaced(resources, index, wide) },
          }),
        ),
    ),
  ];
};

/** Every change of every statement of every policy; the template has it until the next one is asked for. */
export function* mutantsOf(template: Template): Generator<Mutant> {
  for (const { id, roles, statements } of policiesOf(template)) {
    for (const [index, statement] of statements.entries()) {
      for (const { what, statement: changed } of changesOf(statement)) {
        statements.splice(index, 1, ...(changed === undefined ? [] : [changed]));
        yield { name: `${id}, statement ${index}: ${what}`, roles };
        statements.splice(index, changed === undefined ? 0 : 1, statement);
      }
    }
  }
}
