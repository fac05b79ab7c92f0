/**
 * Plans made ready: a seeded mix, process death, DynamoDB's bound on one key, a cut cable.
 */
import type { Runtime } from '../../model/runtime.ts';
import type { ItemKey } from '../algebra.ts';
import {
  canHappen,
  type Fault,
  type FaultKind,
  type FaultPlan,
  isRead,
  type StopAnswer,
} from './fault.ts';

/** The first fault that any of `plans` names; put `stopAt` first, it counts what it is asked. */
export const firstOf = (...plans: readonly FaultPlan[]): FaultPlan =>
  Object.assign(
    ((call) => {
      for (const plan of plans) {
        const fault = plan(call);
        if (fault !== undefined) return fault;
      }
      return undefined;
    }) satisfies FaultPlan,
    {
      observe: ((call, itemBytes) => {
        for (const plan of plans) plan.observe?.(call, itemBytes);
      }) satisfies FaultPlan['observe'],
      stopped: () => {
        for (const plan of plans) {
          const answer = plan.stopped?.();
          if (answer !== undefined) return answer;
        }
        return undefined;
      },
    },
  );

/** Probability of each kind per call, 0 to 1; of all together at most 1. */
export type FaultRates = Partial<Record<Exclude<FaultKind, 'stop'>, number>>;

/**
 * Faults at random; the same `random` (0 ≤ x < 1) and the same calls give the same faults.
 * Slowness is drawn up to `slowMs` (default 50), lateness and repeats up to `lateMs` (default 60,000).
 */
export const randomFaults = (
  random: () => number,
  rates: FaultRates,
  { slowMs = 50, lateMs = 60_000 }: { readonly slowMs?: number; readonly lateMs?: number } = {},
): FaultPlan => {
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)]!;
  const upTo = (boundMs: number): number => Math.floor(random() * boundMs);
  const make = (kind: keyof FaultRates): Fault => {
    switch (kind) {
      case 'refuse':
        return { kind, reason: pick(['throttled', 'denied'] as const) };
      case 'fail':
        return { kind, reason: pick(['unavailable', 'timeout'] as const), afterMs: upTo(slowMs) };
      case 'loseAnswer':
        return { kind, reason: pick(['unavailable', 'timeout'] as const), afterMs: upTo(slowMs) };
      case 'late':
        return { kind, lateMs: upTo(lateMs) };
      case 'repeat':
        return { kind, repeatMs: upTo(lateMs) };
      case 'delay':
        return { kind, beforeMs: upTo(slowMs), afterMs: upTo(slowMs) };
      case 'damage':
        return { kind, how: pick(['truncate', 'flip', 'missing'] as const), at: random() };
      case 'denySuccess':
      case 'stale':
        return { kind };
    }
  };
  return (call) => {
    let drawn = random();
    for (const [kind, rate] of Object.entries(rates) as [keyof FaultRates, number][]) {
      if (drawn < rate) return canHappen(kind, call) ? make(kind) : undefined;
      drawn -= rate;
    }
    return undefined;
  };
};

/**
 * The process dies at the `n`th call (from 1) that this plan is asked about, on whatever port: before
 * the store sees that call, or after it was `applied`; no call is answered from then on.
 */
export const stopAt = (
  n: number,
  {
    applied = false,
    answer = 'crashed',
  }: { readonly applied?: boolean; readonly answer?: StopAnswer } = {},
): FaultPlan => {
  let seen = 0;
  return Object.assign(
    (() => {
      seen++;
      if (seen < n) return undefined;
      return { kind: 'stop', applied: applied && seen === n, answer };
    }) satisfies FaultPlan,
    { stopped: () => (seen >= n ? answer : undefined) },
  );
};

/**
 * Refuses writes of a key beyond `unitsPerSecond` (default 1,000, what DynamoDB gives one item; a unit
 * is a KiB of item, begun ones whole). A second's worth may be saved up.
 */
export const tokenBucket = (
  runtime: Runtime,
  { unitsPerSecond = 1_000 }: { readonly unitsPerSecond?: number } = {},
): FaultPlan => {
  const buckets = new Map<string, { units: number; atMs: number }>();
  const bucketOf = ({ pk, sk }: ItemKey) => {
    const name = JSON.stringify([pk, sk]);
    const nowMs = runtime.monotonicMs();
    let bucket = buckets.get(name);
    if (bucket === undefined) {
      bucket = { units: unitsPerSecond, atMs: nowMs };
      buckets.set(name, bucket);
    }
    const earned = ((nowMs - bucket.atMs) / 1_000) * unitsPerSecond;
    bucket.units = Math.min(unitsPerSecond, bucket.units + earned);
    bucket.atMs = nowMs;
    return bucket;
  };
  return Object.assign(
    ((call) => {
      if (call.port !== 'items' || isRead(call)) return undefined;
      return bucketOf(call.keys[0]!).units < 1
        ? { kind: 'refuse', reason: 'throttled' }
        : undefined;
    }) satisfies FaultPlan,
    {
      observe: ((call, itemBytes) => {
        bucketOf(call.keys[0]!).units -= Math.max(1, Math.ceil(itemBytes / 1_024));
      }) satisfies FaultPlan['observe'],
    },
  );
};

/** A store that can be out of reach for a while: nothing arrives between `cut` and `heal`. */
export const cutOff = (): { readonly plan: FaultPlan; cut(): void; heal(): void } => {
  let reachable = true;
  return {
    plan: () => (reachable ? undefined : { kind: 'fail', reason: 'unavailable' }),
    cut: () => {
      reachable = false;
    },
    heal: () => {
      reachable = true;
    },
  };
};
