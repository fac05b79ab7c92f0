/** What rules find. */
import type { Operation } from './history.ts';
import type { PartitionLog, RecordedLog } from './recorded-log.ts';

/** Something that must not be. */
export interface Anomaly {
  /** Of the operations concerned, or the group's if it is about commits. */
  readonly partition: string;
  /** By invocation, each once. */
  readonly operations: readonly Operation[];
  /** Says what contradicts what. */
  readonly detail: string;
}

/** Looks for anomalies of one kind in a whole history. */
export type Rule = (log: RecordedLog) => Iterable<Anomaly>;

/** A rule that looks at one partition at a time. */
export const eachPartition = (
  within: (partition: PartitionLog, log: RecordedLog) => Iterable<Anomaly>,
): Rule =>
  function* (log) {
    for (const partition of log.partitions.values()) yield* within(partition, log);
  };

/** An anomaly, its operations in order. */
export const anomaly = (
  { name }: { readonly name: string },
  detail: string,
  operations: Iterable<Operation | undefined>,
): Anomaly => {
  const distinct = [...new Set(operations)].filter((one) => one !== undefined);
  distinct.sort((a, b) => a.invokedAt - b.invokedAt);
  return { partition: name, operations: distinct, detail };
};

/** Things named in a detail: a log that is all wrong would fill pages with them. */
const THINGS_NAMED = 5;

/** `a and b and c`, and how many more. */
export const listed = (things: readonly (number | string)[]): string => {
  const more = things.length - THINGS_NAMED;
  return [...things.slice(0, THINGS_NAMED), ...(more > 0 ? [`${more} more`] : [])].join(' and ');
};
