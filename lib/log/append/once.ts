/**
 * The conditions of an append, named, and why they make a second application impossible.
 *
 *   time ───►  seen read      first copy lands at b ≥ seen          late copy arrives
 *   end        seen           b … b+n                               …
 *   tailStart  ≤ seen         ≤ b                                   ≤ seen: the entry is still in the
 *                                                                   tail, `not-in-tail` refuses it;
 *                                                                   > seen: `view-covers-tail` does,
 *                                                                   and so it will for ever
 *
 * A producer that is in the head needs neither: its rank moves with the append and never returns, so
 * `producer-as-read` holds for one copy only. A producer that is not in the head, its PRODUCER# item
 * having been read *after* `seen`, must still be absent: had it come and gone meanwhile, its entry at
 * b ≥ seen would have left the tail, and `view-covers-tail` would refuse.
 *
 * An append at an expected end needs none of these, for itself and for what follows it in the group:
 *
 *   end        seen = expected     expected + n     …     one copy lands there, none finds that end again
 *
 * The end being what was seen, nobody has appended since, so no producer has moved either (a roll may have
 * taken some out of the head, with the same ranks).
 */

import { MAX_TAIL_BYTES } from '../../model/limits.ts';
import type { Item } from '../../storage/algebra.ts';
import {
  absent,
  atMost,
  type Condition,
  contains,
  equals,
  lessThan,
  not,
} from '../../storage/algebra.ts';
import { failing } from '../../storage/interpret.ts';
import { HEAD } from '../../storage/keys/head.ts';

/** Names of the conditions. Those of a producer carry its id: `producer-as-read#4711`. */
export const APPEND_CONDITIONS = {
  tailHasBytes: 'tail-has-bytes',
  objectsAboveFloor: 'objects-above-floor',
  producerAsRead: 'producer-as-read',
  producerAbsent: 'producer-absent',
  notInTail: 'not-in-tail',
  viewCoversTail: 'view-covers-tail',
  endAsExpected: 'end-as-expected',
} as const;

/** A producer's rank as it was read: in the head, or not in it. */
export interface Claim {
  readonly producerId: number;
  /** undefined: the head did not have it. */
  readonly rankInHead: number | undefined;
}

export interface OnceInputs {
  /** The group's first entry: the mark by which it is recognised. */
  readonly mark: Uint8Array;
  /** An `end` of the head, read before the update is first sent. */
  readonly seen: number;
  /** When the oldest WAL object named was made, ms; undefined: all is inline. */
  readonly oldestObjectMs: number | undefined;
  readonly claims: readonly Claim[];
  /** The only offset at which the group may land; it is `seen`, then. undefined: any. */
  readonly expectedEnd: number | undefined;
}

/** All conditions of one append update. */
export const appendConditions = (inputs: OnceInputs): Record<string, Condition> => {
  const conditions: Record<string, Condition> = {
    // Of a head that is gone it does not hold: nothing can be compared with what is not there.
    [APPEND_CONDITIONS.tailHasBytes]: lessThan(HEAD.tailBytes, MAX_TAIL_BYTES),
  };
  if (inputs.oldestObjectMs !== undefined) {
    conditions[APPEND_CONDITIONS.objectsAboveFloor] = atMost(HEAD.floor, inputs.oldestObjectMs);
  }
  if (inputs.expectedEnd !== undefined) {
    conditions[APPEND_CONDITIONS.endAsExpected] = equals(HEAD.end, inputs.expectedEnd);
    return conditions;
  }
  let onceByRank = false;
  let viewMatters = false;
  for (const { producerId, rankInHead } of inputs.claims) {
    const path = [HEAD.producers, String(producerId)] as const;
    if (rankInHead === undefined) {
      conditions[`${APPEND_CONDITIONS.producerAbsent}#${producerId}`] = absent(path);
      viewMatters = true;
    } else {
      conditions[`${APPEND_CONDITIONS.producerAsRead}#${producerId}`] = equals(path, rankInHead);
      onceByRank = true;
    }
  }
  if (!onceByRank) {
    conditions[APPEND_CONDITIONS.notInTail] = not(contains(HEAD.tail, inputs.mark));
    viewMatters = true;
  }
  if (viewMatters)
    conditions[APPEND_CONDITIONS.viewCoversTail] = atMost(HEAD.tailStart, inputs.seen);
  return conditions;
};

/** Conditions that hold again once someone has rolled; every other one that fails, fails for ever. */
const PASSING: ReadonlySet<string> = new Set([
  APPEND_CONDITIONS.tailHasBytes,
  // Fails only by the mark, which is looked for before this is asked.
  APPEND_CONDITIONS.notInTail,
]);

/** Why the update cannot be applied to `head`: for ever, only until a roll, or not at all. */
export const refusal = (
  conditions: Readonly<Record<string, Condition>>,
  head: Item,
): { readonly forEver: boolean; readonly untilRolled: boolean } => {
  const names = failing(conditions, head);
  return {
    forEver: names.some((name) => !PASSING.has(name)),
    untilRolled: names.some((name) => PASSING.has(name)),
  };
};
