/**
 * How deep JSON may be nested. `JSON.parse` takes any depth, but `JSON.stringify` and most readers
 * recurse and run out of stack, so what is too deep is refused before anything else looks at it.
 */
import { StratalogError } from '../model/errors.ts';
import { MAX_JSON_DEPTH } from '../model/limits.ts';

const isWithin = (value: unknown, levels: number): boolean => {
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0) return false;
  for (const inner of Array.isArray(value) ? value : Object.values(value)) {
    if (!isWithin(inner, levels - 1)) return false;
  }
  return true;
};

/** @throws INVALID_REQUEST when arrays and objects are nested deeper than the limit */
export const refuseDeepNesting = (value: unknown, whole: string): void => {
  if (isWithin(value, MAX_JSON_DEPTH)) return;
  throw new StratalogError(
    'INVALID_REQUEST',
    `${whole} is nested more than ${MAX_JSON_DEPTH} levels deep. Send deeper JSON as a string or as {"base64": "…"}.`,
    { context: { maxDepth: MAX_JSON_DEPTH } },
  );
};
