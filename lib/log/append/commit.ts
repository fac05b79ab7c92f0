/**
 * Commit: send a group's update, and again, until its outcome is known or the time is up.
 *
 *   update ─┬─ success ───────────────────────────────► applied
 *           ├─ refused before evaluation ─ wait ──────► send again
 *           └─ anything else ─ resolve ─┬─ applied
 *                                       ├─ never: no copy has landed or will
 *                                       └─ not so far ► send again, unchanged
 *
 * From the first copy that may have been evaluated on, giving up means `unknown`: a copy of it may
 * still be on its way, whatever it was answered.
 */
import type { StratalogError } from '../../model/errors.ts';
import type { PartitionRef } from '../../model/ids.ts';
import type { Runtime } from '../../model/runtime.ts';
import { type Head, headKey, readHead } from '../../storage/keys/head.ts';
import { backoffMs, retrying } from '../../storage/patience.ts';
import { ConditionFailed, type ItemStore, StoreError } from '../../storage/ports.ts';
import { storageFailure } from '../storage-errors.ts';
import { outcomeUnknown, partitionGone } from './failures.ts';
import type { Group } from './group.ts';
import { resolveAppend } from './resolve.ts';
import type { Roller } from './roller.ts';
import type { ViewKeeper } from './view.ts';

/** What became of a group. `base`: offset of its first record. */
export type Outcome =
  | { readonly kind: 'applied'; readonly base: number; readonly logStartOffset: number }
  /** It did not happen and never will: its runs may be judged afresh. */
  | { readonly kind: 'never' }
  | { readonly kind: 'failed'; readonly error: StratalogError };

/** What a commit works with: the lane's partition, its view of the head, its rolls. */
export interface CommitContext {
  readonly items: ItemStore;
  readonly runtime: Runtime;
  readonly tick: () => number;
  readonly ref: PartitionRef;
  readonly views: ViewKeeper;
  readonly roller: Roller;
}

/** Refusals after which even a plain retry waits: something is off, or the contention is heavy. */
const IMPATIENT_ATTEMPTS = 4;

const appliedAt = ({ start }: Head, base: number): Outcome => ({
  kind: 'applied',
  base,
  logStartOffset: start,
});

/** `deadlineMs`: by `Runtime.monotonicMs`; at least one attempt is made. */
export const commitGroup = async (
  context: CommitContext,
  group: Group,
  deadlineMs: number,
): Promise<Outcome> => {
  const { items, runtime, tick, ref, views, roller } = context;
  /** A copy was sent that may yet be applied. */
  let sent = false;
  /** An answer left open whether one was. */
  let doubtful = false;
  for (let attempt = 0; ; attempt++) {
    const begunAt = tick();
    let doubt: unknown;
    try {
      const item = await items.update(headKey(ref), group.update);
      const head = views.adopt(item, begunAt, runtime.monotonicMs(), group);
      roller.afterAppend(group);
      return appliedAt(head, head.end - group.recordCount);
    } catch (error) {
      doubt = error;
    }
    const beforehand = doubt instanceof StoreError && doubt.effect === 'none' ? doubt : undefined;
    sent ||= beforehand === undefined;
    doubtful ||= beforehand === undefined && !(doubt instanceof ConditionFailed);
    const late = runtime.monotonicMs() >= deadlineMs || beforehand?.retriable === false;
    if (!sent) {
      if (late) return failed(storageFailure(doubt, 'The append was refused', 'none'));
      await runtime.sleep(backoffMs(attempt, runtime));
      continue;
    }
    const outcome = await resolve(context, group, { doubt, begunAt, doubtful, deadlineMs });
    if (outcome !== 'send-again') return outcome;
    if (late) return failed(outcomeUnknown(ref, doubt));
    if (!(doubt instanceof ConditionFailed) || attempt > IMPATIENT_ATTEMPTS) {
      await runtime.sleep(backoffMs(attempt, runtime));
    }
  }
};

interface Doubt {
  readonly doubt: unknown;
  /** When the update that was answered with it began. */
  readonly begunAt: number;
  readonly doubtful: boolean;
  readonly deadlineMs: number;
}

/** Finds out what became of an update that was not answered by success; makes room when the tail is full. */
const resolve = async (
  { items, runtime, ref, views, roller }: CommitContext,
  group: Group,
  { doubt, begunAt, doubtful, deadlineMs }: Doubt,
): Promise<Outcome | 'send-again'> => {
  try {
    const told = doubt instanceof ConditionFailed ? doubt.item : undefined;
    const item = told ?? (await retrying(runtime, deadlineMs, () => items.get(headKey(ref))));
    const resolution = await retrying(runtime, deadlineMs, () =>
      resolveAppend(items, ref, group, item),
    );
    if ('item' in resolution) views.adopt(resolution.item, begunAt, runtime.monotonicMs());
    switch (resolution.kind) {
      case 'applied':
        roller.afterDoubt();
        return appliedAt(readHead(resolution.item), resolution.base);
      case 'never':
        return { kind: 'never' };
      case 'gone':
        views.forget();
        // A refusal's hidden earlier copy went with the topic: it may be sent to the next of that name.
        return failed(partitionGone(ref, doubtful ? 'unknown' : 'none'));
      case 'unknown':
        return failed(outcomeUnknown(ref, doubt));
      case 'send-again-once-rolled':
        await roller.roll();
        return 'send-again';
      case 'send-again':
        return 'send-again';
    }
  } catch (error) {
    return failed(outcomeUnknown(ref, error));
  }
};

const failed = (error: StratalogError): Outcome => ({ kind: 'failed', error });
