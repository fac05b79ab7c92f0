/**
 * What one invocation did, counted while it runs and written when it ends.
 *
 *   function ─► metered broker ─► broker          counts go into the tally of the invocation under way
 *      └ ends: one line of metrics, and of the log where there is something to say
 *
 * An environment that takes several invocations at once (Lambda Managed Instances) counts each apart.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { StratalogError } from '../../lib/model/errors.ts';
import type { MetricName } from '../../lib/model/metrics.ts';

export type Counts = Partial<Record<MetricName, number>>;

/** Failures kept for the log: of a thousand partitions that failed the same way one is enough. */
const MAX_FAILURES = 5;

export interface Tally {
  /** By topic. */
  readonly counts: ReadonlyMap<string, Counts>;
  /** The first few, each text once. */
  readonly failures: readonly StratalogError[];
  count(topic: string, metric: MetricName, value: number): void;
  failed(error: StratalogError): void;
}

export const newTally = (): Tally => {
  const counts = new Map<string, Counts>();
  const failures: StratalogError[] = [];
  return {
    counts,
    failures,
    count: (topic, metric, value) => {
      if (value === 0) return;
      const ofTopic = counts.get(topic) ?? {};
      ofTopic[metric] = (ofTopic[metric] ?? 0) + value;
      counts.set(topic, ofTopic);
    },
    failed: (error) => {
      const isKnown = failures.some(({ message }) => message === error.message);
      if (!isKnown && failures.length < MAX_FAILURES) failures.push(error);
    },
  };
};

const current = new AsyncLocalStorage<Tally>();

/** Runs `invocation`, which counts into `tally`. */
export const tallying = <T>(tally: Tally, invocation: () => Promise<T>): Promise<T> =>
  current.run(tally, invocation);

/** That of the invocation under way. */
export const currentTally = (): Tally | undefined => current.getStore();

/** Of all topics together. */
export const totalOf = (tally: Tally): Counts => {
  const total: Counts = {};
  for (const counts of tally.counts.values()) {
    for (const [metric, value] of Object.entries(counts) as [MetricName, number][]) {
      total[metric] = (total[metric] ?? 0) + value;
    }
  }
  return total;
};
