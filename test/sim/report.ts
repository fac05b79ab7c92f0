/** A tally for people, line by line, and as one JSON document. */
import { quantity } from '../support/command-line.ts';
import type { sizeOf } from './shrink.ts';
import type { Found } from './sight.ts';
import type { Failure, Tally } from './tally.ts';

/** A finding in one line. */
export const foundLine = ({ rule, by, partition, detail }: Found): string =>
  [
    by === undefined ? rule : `${rule} by ${by}`,
    ...(partition === '' ? [] : [partition]),
    detail.split('\n')[0],
  ].join(': ');

export const failureLine = ({ plan, found, anomalies }: Failure): string => {
  const more = anomalies > 1 ? ` (and ${anomalies - 1} more)` : '';
  return `seed ${plan.seed}: ${foundLine(found[0]!)}${more}`;
};

/** A plan's size in one line. */
export const sizeLine = (size: ReturnType<typeof sizeOf>): string =>
  [
    quantity(size.operations, 'operation'),
    quantity(size.actors, 'actor'),
    quantity(size.environments, 'environment'),
    quantity(size.partitions, 'partition'),
    quantity(size.faults, 'fault'),
  ].join(', ');

/** Faults by kind in one line, named as `FaultKind` and `WorldFault` name them. */
export const faultsLine = (faults: Tally['faults']): string => {
  const counted = Object.entries(faults).map(([kind, n]) => `${n} ${kind}`);
  return `  faults          ${counted.length === 0 ? 'none' : counted.join(', ')}`;
};

export interface Spent {
  readonly first: number;
  readonly seconds: number;
}

const rate = ({ operations }: Tally, { seconds }: Spent): number =>
  Math.round(operations / Math.max(seconds, 0.001));

const lastSeed = ({ seeds }: Tally, { first }: Spent): number => first + Math.max(seeds - 1, 0);

/** Ends with the line that says it all. */
export const tallyLines = (tally: Tally, spent: Spent): readonly string[] => {
  const kinds = Object.entries(tally.byKind).map(
    ([kind, { ok, fail, info }]) =>
      `  ${kind.padEnd(16)}${ok} ok, ${fail} refused, ${info} unknown`,
  );
  const total = Object.values(tally.faults).reduce((sum, n) => sum + n, 0);
  const last = lastSeed(tally, spent);
  return [
    ...kinds,
    faultsLine(tally.faults),
    [
      `${quantity(tally.seeds, 'seed')} (${spent.first}${last === spent.first ? '' : `…${last}`})`,
      quantity(tally.operations, 'operation'),
      `${quantity(total, 'fault')} of ${quantity(Object.keys(tally.faults).length, 'kind')}, at least ${tally.leastKindsOfFaults} a seed`,
      `${quantity(tally.anomalies, 'anomaly', 'anomalies')} in ${quantity(tally.failures.length, 'seed')}`,
      `${spent.seconds.toFixed(1)} s, ${rate(tally, spent).toLocaleString('en')} operations/s`,
    ].join('; '),
  ];
};

export const tallyDocument = (tally: Tally, spent: Spent) => ({
  ok: tally.failures.length === 0,
  seeds: {
    first: spent.first,
    last: lastSeed(tally, spent),
    count: tally.seeds,
    digest: tally.digest,
  },
  operations: tally.operations,
  byKind: tally.byKind,
  faults: tally.faults,
  leastKindsOfFaults: tally.leastKindsOfFaults,
  anomalies: tally.anomalies,
  seconds: Number(spent.seconds.toFixed(3)),
  operationsPerSecond: rate(tally, spent),
  failures: tally.failures.map(({ plan, found, anomalies }) => ({
    seed: plan.seed,
    anomalies,
    first: foundLine(found[0]!),
  })),
});
