/** Faults that happened, by kind; no more than the plan has, and none once all is healed. */
import { canHappen, type FaultKind, type FaultPlan } from '../../../lib/storage/faulty/fault.ts';
import type { WorldFault } from '../plan.ts';

type Kind = FaultKind | WorldFault;

export interface Counts {
  readonly byKind: Readonly<Partial<Record<Kind, number>>>;
  /** Whether one more fault may happen; if so, it is counted. */
  add(kind: Kind): boolean;
  /** `plan` as far as its faults may happen, counted as `kind`; default: by the kind of each. */
  counted(plan: FaultPlan, kind?: Kind): FaultPlan;
  /** Nothing goes wrong from now on. */
  heal(): void;
}

export const makeCounts = (mostFaults = Number.POSITIVE_INFINITY): Counts => {
  const byKind: Partial<Record<Kind, number>> = {};
  let left = mostFaults;
  const add = (kind: Kind): boolean => {
    if (left <= 0) return false;
    left -= 1;
    byKind[kind] = (byKind[kind] ?? 0) + 1;
    return true;
  };
  return {
    byKind,
    add,
    counted: (plan, kind) =>
      Object.assign(
        ((call) => {
          const fault = plan(call);
          if (fault === undefined || !canHappen(fault.kind, call)) return undefined;
          return add(kind ?? fault.kind) ? fault : undefined;
        }) satisfies FaultPlan,
        plan.observe === undefined ? {} : { observe: plan.observe },
      ),
    heal: () => {
      left = 0;
    },
  };
};
