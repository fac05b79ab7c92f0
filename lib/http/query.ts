/** Query strings: every parameter at most once, and none that the route does not know. */
import * as z from 'zod';
import { StratalogError } from '../model/errors.ts';
import { parse, shown } from './validate.ts';

/** For routes that take no parameters. */
export const noQuery = z.strictObject({});

const takes = (names: readonly string[]): string =>
  names.length === 0 ? 'no parameters' : names.join(', ');

const refusal = (name: string, message: string): StratalogError =>
  new StratalogError('INVALID_REQUEST', message, { context: { field: name } });

/**
 * The query of the request at `url` as the schema has it.
 * @throws INVALID_REQUEST naming the parameter that is unknown, repeated or not legal
 */
export const parseQuery = <S extends z.ZodObject>(
  schema: S,
  { url }: { readonly url: string },
): z.output<S> => {
  const legal = Object.keys(schema.shape);
  const values = new Map<string, string>();
  for (const [name, value] of new URL(url).searchParams) {
    if (!legal.includes(name)) {
      throw refusal(name, `The query has no parameter ${shown(name)}; it takes ${takes(legal)}.`);
    }
    if (values.has(name)) {
      throw refusal(name, `The query has the parameter ${name} more than once; send it once.`);
    }
    values.set(name, value);
  }
  return parse(schema, Object.fromEntries(values), 'The query');
};
