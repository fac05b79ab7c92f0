/**
 * What IAM would say, by the policies of a synthesized template: an evaluator of the part of the language that we use.
 * What it does not know it refuses to judge.
 *
 *   Deny that matches ─► denied        Allow that matches ─► allowed        else ─► not allowed
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */

/** As CloudFormation has it, with its functions resolved. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, string | readonly string[]>>>
  >;
}

/** One request, as IAM sees it; condition keys that it does not have are not there. */
export interface Ask {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

export const listOf = <T>(value: T | readonly T[]): readonly T[] =>
  Array.isArray(value) ? value : [value as T];

const patterns = new Map<string, RegExp>();

/** `*` stands for anything, `/` and `:` too, `?` for one character. */
export const matches = (pattern: string, text: string, ignoreCase = false): boolean => {
  const name = `${ignoreCase} ${pattern}`;
  let compiled = patterns.get(name);
  if (compiled === undefined) {
    const source = pattern
      .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.');
    compiled = new RegExp(`^${source}$`, ignoreCase ? 'si' : 's');
    patterns.set(name, compiled);
  }
  return compiled.test(text);
};

const COMPARISONS: Readonly<Record<string, (pattern: string, value: string) => boolean>> = {
  StringEquals: (wanted, value) => wanted === value,
  StringLike: (pattern, value) => matches(pattern, value),
  ArnLike: (pattern, value) => matches(pattern, value),
  Bool: (wanted, value) => wanted === value,
};

const holds = (
  operator: string,
  wanted: readonly string[],
  actual: readonly string[] | undefined,
): boolean => {
  if (operator === 'Null') return wanted.includes(String(actual === undefined));
  const [name, set] = operator.split(':').reverse() as [string, string?];
  const compare = COMPARISONS[name];
  if (compare === undefined || (set !== undefined && set !== 'ForAllValues')) {
    throw new Error(`a condition with ${operator} cannot be judged here`);
  }
  const isWanted = (value: string): boolean => wanted.some((one) => compare(one, value));
  if (set === 'ForAllValues') return (actual ?? []).every(isWanted);
  return actual?.length === 1 && isWanted(actual[0]!);
};

const applies = ({ Action, Resource, Condition = {} }: Statement, ask: Ask): boolean =>
  listOf(Action).some((pattern) => matches(pattern, ask.action, true)) &&
  listOf(Resource).some((pattern) => matches(pattern, ask.resource)) &&
  Object.entries(Condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => {
      const actual = ask.context?.[key];
      return holds(operator, listOf(wanted), actual === undefined ? undefined : listOf(actual));
    }),
  );

/** Whether these statements, all of one principal, allow what is asked. */
export const isAllowed = (statements: readonly Statement[], ask: Ask): boolean => {
  const matching = statements.filter((statement) => applies(statement, ask));
  return (
    matching.some(({ Effect }) => Effect === 'Allow') &&
    !matching.some(({ Effect }) => Effect === 'Deny')
  );
};
