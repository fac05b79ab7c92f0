/**
 * Runs many worlds and tells the first that goes wrong.
 */
import { violationsOf } from './check.ts';
import { offsetViolations } from './offsets-world.ts';
import { topicViolations } from './topics-world.ts';
import { runWorld } from './world.ts';

export interface Anomaly {
  readonly seed: number;
  readonly violations: readonly string[];
}

const firstOf = async (
  first: number,
  count: number,
  violationsAt: (seed: number) => Promise<readonly string[]>,
): Promise<Anomaly | undefined> => {
  for (let seed = first; seed < first + count; seed++) {
    const violations = await violationsAt(seed);
    if (violations.length > 0) return { seed, violations };
  }
  return undefined;
};

/** The first of `count` seeds from `first` on whose partition breaks a rule. */
export const firstAnomaly = (
  first: number,
  count: number,
  without?: string,
): Promise<Anomaly | undefined> =>
  firstOf(first, count, async (seed) => violationsOf(await runWorld(seed, without)));

/** The same for the topics of a name. */
export const firstTopicAnomaly = (
  first: number,
  count: number,
  without?: string,
): Promise<Anomaly | undefined> => firstOf(first, count, (seed) => topicViolations(seed, without));

/** The same for the committed offsets of a group. */
export const firstOffsetAnomaly = (
  first: number,
  count: number,
  without?: string,
): Promise<Anomaly | undefined> => firstOf(first, count, (seed) => offsetViolations(seed, without));
