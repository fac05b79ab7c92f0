/** From a schema's verdict to one sentence: the field, its value, and what is legal. */
import type { z } from 'zod';
import { StratalogError } from '../model/errors.ts';
import { MAX_JSON_DEPTH } from '../model/limits.ts';
import { refuseDeepNesting } from './nesting.ts';

const MAX_SHOWN_CHARACTERS = 60;

/** What is beyond the whole numbers that JSON.parse keeps exactly: its digits are no longer known. */
const isRounded = (value: unknown): boolean =>
  typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER;

/** A value as JSON, cut where it gets long. */
export const shown = (value: unknown): string => {
  if (isRounded(value)) {
    return `beyond ${Number(value) < 0 ? '-' : ''}${Number.MAX_SAFE_INTEGER}`;
  }
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}…` : text;
};

/** `records[3].key`; the body itself is '' . */
const fieldName = (path: readonly PropertyKey[]): string =>
  path
    .map((part, i) =>
      typeof part === 'number' ? `[${part}]` : `${i > 0 ? '.' : ''}${String(part)}`,
    )
    .join('');

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (at, part) =>
      typeof at === 'object' && at !== null
        ? (at as Record<PropertyKey, unknown>)[part]
        : undefined,
    value,
  );

/**
 * `value` as the schema has it.
 * @param whole what the value is when no field of it can be named: `The body`, `Line 7`
 * @throws INVALID_REQUEST naming the first field that is wrong
 */
export const parse = <S extends z.ZodType>(
  schema: S,
  value: unknown,
  whole: string,
): z.output<S> => {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = issue?.path ?? [];
  const name = fieldName(path);
  const field = name === '' ? whole : whole === 'The body' ? name : `${whole}: ${name}`;
  const wrong = valueAt(value, path);
  const is = wrong === undefined ? 'is missing' : `is ${shown(wrong)}`;
  throw new StratalogError(
    'INVALID_REQUEST',
    `${field} ${issue?.message ?? 'is not legal'}; it ${is}.`,
    {
      context: { field: name },
    },
  );
};

/** @throws INVALID_REQUEST when `text` is no JSON, in the parser's words, or nested too deeply */
export const parseJson = (text: string, whole: string): unknown => {
  if (text === '')
    throw new StratalogError('INVALID_REQUEST', `${whole} is empty; it must be JSON.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, 200) : 'syntax error';
    throw new StratalogError('INVALID_REQUEST', `${whole} is not JSON: ${reason}`);
  }
  // Every level takes two brackets, so short texts, such as most lines, need no walk.
  if (text.length > 2 * MAX_JSON_DEPTH) refuseDeepNesting(value, whole);
  return value;
};
