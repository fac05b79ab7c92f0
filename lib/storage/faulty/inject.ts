/**
 * Runs one call under its fault: the timeline that both ports share.
 *
 *   plan → (refuse, fail, late, stop) → beforeMs → the store → (loseAnswer, denySuccess) → afterMs → answer
 *                                                      └ repeatMs → the store again, unheard
 */
import type { Runtime } from '../../model/runtime.ts';
import { StoreError } from '../ports.ts';
import {
  Crashed,
  canHappen,
  type Fault,
  type FaultKind,
  type FaultPlan,
  type StopAnswer,
  type StoreCall,
} from './fault.ts';

/** What a faulty store can do beside its port. */
export interface FaultyStore {
  /** Resolves when no late or repeated call is outstanding; under a simulated clock, let time pass meanwhile. */
  settle(): Promise<void>;
  /** How often each kind of fault happened. */
  readonly faults: Readonly<Record<FaultKind, number>>;
}

/** One call, as its port describes it to the injector. */
interface Attempt<T> {
  readonly call: StoreCall;
  readonly apply: () => Promise<T>;
  /** The same call with copies of all that its caller may use again; only writes have one. */
  readonly again?: () => () => Promise<unknown>;
  /** The refusal of a call that was applied. */
  readonly denied?: (result: T) => Error;
  /** The answer of a read, in the light of the faults that only its port knows (`stale`, `damage`). */
  readonly twisted?: (fault: Fault | undefined, result: T) => T;
}

export interface Injector extends FaultyStore {
  /** The next running number. */
  next(): number;
  run<T>(attempt: Attempt<T>): Promise<T>;
}

export const makeInjector = (plan: FaultPlan, runtime: Runtime): Injector => {
  const faults: Record<FaultKind, number> = {
    refuse: 0,
    fail: 0,
    loseAnswer: 0,
    denySuccess: 0,
    late: 0,
    repeat: 0,
    delay: 0,
    stale: 0,
    damage: 0,
    stop: 0,
  };
  const background = new Set<Promise<void>>();
  let calls = 0;

  const later = (delayMs: number, apply: () => Promise<unknown>): void => {
    const task = (async () => {
      await runtime.sleep(delayMs);
      // Nobody is left to hear how it went.
      await apply().catch(() => undefined);
    })();
    background.add(task);
    task.finally(() => background.delete(task));
  };

  const dead = <T>(answer: StopAnswer): Promise<T> =>
    answer === 'crashed' ? Promise.reject(new Crashed()) : new Promise<T>(() => undefined);

  const slow = async (delayMs: number | undefined): Promise<void> => {
    if (delayMs !== undefined && delayMs > 0) await runtime.sleep(delayMs);
  };

  const live = async <T>(attempt: Attempt<T>, fault: Fault | undefined): Promise<T> => {
    await slow(fault?.beforeMs);
    if (fault?.kind === 'refuse' || fault?.kind === 'fail') {
      await slow(fault.afterMs);
      throw broken(fault.reason, fault.kind === 'refuse' ? 'none' : 'unknown');
    }
    if (fault?.kind === 'late') {
      later(fault.lateMs, attempt.again!());
      throw broken('timeout', 'unknown');
    }
    if (fault?.kind === 'repeat') later(fault.repeatMs, attempt.again!());
    if (fault?.kind === 'loseAnswer') {
      await attempt.apply().catch(() => undefined);
      await slow(fault.afterMs);
      throw broken(fault.reason, 'unknown');
    }
    let result: T;
    try {
      result = await attempt.apply();
    } finally {
      await slow(fault?.afterMs);
    }
    if (fault?.kind === 'denySuccess') throw attempt.denied!(result);
    return attempt.twisted === undefined ? result : attempt.twisted(fault, result);
  };

  return {
    faults,
    next: () => ++calls,
    async settle() {
      while (background.size > 0) await Promise.all(background);
    },
    async run(attempt) {
      const planned = plan(attempt.call);
      const fault =
        planned !== undefined && canHappen(planned.kind, attempt.call) ? planned : undefined;
      if (fault !== undefined) faults[fault.kind]++;
      if (fault?.kind === 'stop') {
        if (fault.applied) await attempt.apply().catch(() => undefined);
        return dead(fault.answer);
      }
      const [outcome] = await Promise.allSettled([live(attempt, fault)]);
      // Calls that were under way when the process died are not answered either.
      const stopped = plan.stopped?.();
      if (stopped !== undefined) return dead(stopped);
      if (outcome.status === 'rejected') throw outcome.reason;
      return outcome.value;
    },
  };
};

const broken = (reason: StoreError['reason'], effect: 'none' | 'unknown'): StoreError =>
  new StoreError(reason, `injected fault: ${reason}`, { effect });
