/** All rules over a recorded history, and what there was to look at. */
import type { Anomaly, Rule } from './anomaly.ts';
import { cycle } from './cycle.ts';
import { epochOrder } from './epoch-order.ts';
import type { History, Operation } from './history.ts';
import { linearizability } from './linearizability.ts';
import { lostWrite, unseen } from './missing.ts';
import { duplicate, inconsistentOffset } from './places.ts';
import { gap, nonMonotonicPoll, pollSkip } from './polls.ts';
import { recordedLog } from './recorded-log.ts';
import { expectedEnd, nonMonotonicSend, realTimeOrder } from './sends.ts';
import { staleTail } from './stale-tail.ts';
import { deletedRead, earlyStart } from './starts.ts';
import { abortedRead, phantom } from './unsent.ts';
import { zombieCommit } from './zombie-commit.ts';

/** What must not be: the names of Jepsen's Kafka workload where it has one. */
export const RULES = {
  'inconsistent offset': inconsistentOffset,
  duplicate,
  'aborted read': abortedRead,
  phantom,
  'lost write': lostWrite,
  unseen,
  'poll skip': pollSkip,
  'non-monotonic poll': nonMonotonicPoll,
  'non-monotonic send': nonMonotonicSend,
  cycle,
  gap,
  'epoch order': epochOrder,
  'real-time order': realTimeOrder,
  'stale tail': staleTail,
  'zombie commit': zombieCommit,
  'expected end': expectedEnd,
  'deleted read': deletedRead,
  'early start': earlyStart,
  linearizability,
} as const satisfies Record<string, Rule>;

export type RuleName = keyof typeof RULES;

/** Operations of one kind, by what came of them. */
export type Outcomes = Readonly<Record<Operation['outcome'], number>>;

export interface Verdict {
  /** Of the rules that found something. */
  readonly anomalies: ReadonlyMap<RuleName, readonly Anomaly[]>;
  readonly summary: {
    readonly operations: number;
    readonly byKind: Readonly<Partial<Record<Operation['kind'], Outcomes>>>;
    /** Without them nobody can tell whether an acknowledged record is there. */
    readonly hasFinalReads: boolean;
    readonly anomalies: number;
    /** What the rules did, in comparisons and operations looked at. */
    readonly steps: number;
  };
}

const outcomesByKind = ({ operations }: History) => {
  const kinds: Partial<Record<Operation['kind'], Record<Operation['outcome'], number>>> = {};
  for (const { kind, outcome } of operations) {
    kinds[kind] ??= { ok: 0, fail: 0, info: 0 };
    kinds[kind][outcome] += 1;
  }
  return kinds;
};

/** @throws Error if the history does not tell records apart: a value sent twice to one partition */
export const checkHistory = (history: History): Verdict => {
  const operations = history.operations.toSorted((a, b) => a.invokedAt - b.invokedAt);
  const log = recordedLog({ ...history, operations });
  const anomalies = new Map<RuleName, readonly Anomaly[]>();
  let count = 0;
  for (const name of Object.keys(RULES) as RuleName[]) {
    const found = [...RULES[name](log)];
    count += found.length;
    if (found.length > 0) anomalies.set(name, found);
  }
  return {
    anomalies,
    summary: {
      operations: operations.length,
      byKind: outcomesByKind(history),
      hasFinalReads: log.hasFinalReads,
      anomalies: count,
      steps: log.work.steps,
    },
  };
};
