/**
 * Runs many worlds and tells the first that goes wrong.
 */
import { violationsOf } from './check.ts';
import { runWorld } from './world.ts';

export interface Anomaly {
  readonly seed: number;
  readonly violations: readonly string[];
}

/** The first of `count` seeds from `first` on whose world breaks a rule. */
export const firstAnomaly = async (
  first: number,
  count: number,
  without?: string,
): Promise<Anomaly | undefined> => {
  for (let seed = first; seed < first + count; seed++) {
    const violations = await violationsOf(await runWorld(seed, without));
    if (violations.length > 0) return { seed, violations };
  }
  return undefined;
};
