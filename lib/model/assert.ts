/**
 * Assertions for what only a bug of our own can break; bad input gets a `StratalogError` instead.
 */

/** Throws when `condition` does not hold. The message states what must hold. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${message}`);
}

/** Marks a branch that the types rule out. */
export const unreachable = (value: never): never => {
  throw new Error(`unreachable: ${String(value)}`);
};
