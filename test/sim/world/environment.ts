/**
 * Environment: a place where the service runs: a Lambda environment or a server, one process after the
 * other.
 *
 *   client ─► broker ─► gate ◄─► on the way ─► faulty ─► token bucket ─► the stores that all share
 *                        │
 *                        └ held: it sleeps (a function between its calls, anything when it is frozen)
 *                          dead: the next call starts another process, which remembers nothing
 *
 * What a process has asked of a store goes on when it sleeps or dies.
 */
import type { Broker } from '../../../lib/broker/api.ts';
import { createBroker } from '../../../lib/broker/broker.ts';
import type { Runtime } from '../../../lib/model/runtime.ts';
import { faultyBlobs } from '../../../lib/storage/faulty/blobs.ts';
import type { FaultPlan } from '../../../lib/storage/faulty/fault.ts';
import type { FaultyStore } from '../../../lib/storage/faulty/inject.ts';
import { faultyItems } from '../../../lib/storage/faulty/items.ts';
import { cutOff, firstOf, randomFaults } from '../../../lib/storage/faulty/plans.ts';
import type { Stores } from '../../support/log.ts';
import { type Random, seededBy, type VirtualRuntime } from '../../support/virtual-runtime.ts';
import type { EnvironmentPlan, Plan } from '../plan.ts';
import type { Counts } from './counts.ts';
import { type Gate, makeGate } from './gate.ts';

/** What the environments of a world share. */
export interface Ground {
  readonly plan: Plan;
  readonly base: VirtualRuntime;
  readonly stores: Stores;
  readonly counts: Counts;
  /** What an item bears. */
  readonly bucket: FaultPlan;
}

/** Its process ended before it answered. */
export class Died extends Error {
  override readonly name = 'Died';
}

export interface Environment {
  readonly name: string;
  readonly plan: EnvironmentPlan;
  /** Calls that it works on. */
  readonly active: number;
  /** @throws Died when its process ends first; what the broker throws */
  call<T>(ask: (broker: Broker) => Promise<T>): Promise<T>;
  /** Its process ends now, if there is one. */
  crash(): void;
  /** Its process ends at its `n`th call of a store from now on, before or after that is applied. */
  crashAtCall(n: number, applied: boolean): void;
  freeze(): void;
  thaw(): void;
  readonly items: { cut(): void; heal(): void };
  readonly blobs: { cut(): void; heal(): void };
  /** No crash that was to come comes, and what any of its processes began is over. */
  settle(): Promise<void>;
}

/** The longest way to a store or back, ms, most of the time. */
const WAY_MS = 8;

export const makeEnvironment = (
  ground: Ground,
  plan: EnvironmentPlan,
  name: string,
): Environment => {
  const { base } = ground;
  const random = seededBy(ground.plan.seed, name);
  const faults = faultsOf(ground, random);
  const unsettled: FaultyStore[] = [];
  let process = start();
  let frozen = 0;

  function start() {
    const gate = makeGate();
    if (plan.kind === 'function') gate.hold();
    const runtime = runtimeOf(ground.base, gate, plan.skewMs, random);
    const dying = Promise.withResolvers<never>();
    dying.promise.catch(() => undefined);
    const self = { gate, active: 0, callsLeft: Number.POSITIVE_INFINITY, applied: false, dying };
    /** Every call of a store asks this first: some process dies there. */
    const fate: FaultPlan = Object.assign(
      () => {
        self.callsLeft -= 1;
        if (self.callsLeft > 0 || !ground.counts.add('crash at a call')) return undefined;
        end(self);
        return { kind: 'stop', applied: self.applied, answer: 'never' } as const;
      },
      { stopped: () => undefined },
    ) satisfies FaultPlan;
    const items = faultyItems(ground.stores.items, firstOf(fate, faults.items), base);
    const blobs = faultyBlobs(ground.stores.blobs, firstOf(fate, faults.blobs), base);
    unsettled.push(items, blobs);
    const broker = createBroker({
      items: onTheWay(items, base, random, gate),
      blobs: onTheWay(blobs, base, random, gate),
      runtime,
      lingerMs: plan.lingerMs,
      freezes: plan.kind === 'function',
      cacheBytes: 1 << 20,
    });
    return Object.assign(self, { broker });
  }

  function end(self: { gate: Gate; dying: PromiseWithResolvers<never> }): void {
    self.gate.kill();
    self.dying.reject(new Died('the process ended'));
  }

  return {
    name,
    plan,
    get active() {
      return process.active;
    },
    async call(ask) {
      if (process.gate.isDead) {
        process = start();
        for (let n = 0; n < frozen; n++) process.gate.hold();
      }
      const self = process;
      self.active += 1;
      if (plan.kind === 'function' && self.active === 1) self.gate.release();
      try {
        const work = async () => {
          await self.gate.pass();
          return ask(self.broker);
        };
        return await Promise.race([work(), self.dying.promise]);
      } finally {
        self.active -= 1;
        if (plan.kind === 'function' && self.active === 0) self.gate.hold();
      }
    },
    crash() {
      if (!process.gate.isDead && ground.counts.add('crash')) end(process);
    },
    crashAtCall(n, applied) {
      process.callsLeft = n;
      process.applied = applied;
    },
    freeze() {
      frozen += 1;
      process.gate.hold();
    },
    thaw() {
      frozen -= 1;
      process.gate.release();
    },
    items: faults.itemsCable,
    blobs: faults.blobsCable,
    async settle() {
      process.callsLeft = Number.POSITIVE_INFINITY;
      if (!process.gate.isDead) await this.call((broker) => broker.close());
      for (const store of unsettled) await store.settle();
    },
  };
};

/** What goes wrong with the calls of an environment's stores, as long as the plan has faults left. */
const faultsOf = ({ plan, counts, bucket }: Ground, random: Random) => {
  const itemsCable = cutOff();
  const blobsCable = cutOff();
  const bounds = { slowMs: plan.slowMs, lateMs: plan.lateMs };
  const failingRolls: FaultPlan = (call) =>
    call.port === 'items' && call.item?.sk.startsWith('LOG#') && random() < plan.rollFailures
      ? { kind: 'fail', reason: 'unavailable' }
      : undefined;
  return {
    itemsCable,
    blobsCable,
    items: firstOf(
      counts.counted(itemsCable.plan, 'cut off from items'),
      counts.counted(bucket, 'throttled key'),
      counts.counted(failingRolls, 'failed roll'),
      counts.counted(randomFaults(random, plan.itemFaults, bounds)),
    ),
    blobs: firstOf(
      counts.counted(blobsCable.plan, 'cut off from blobs'),
      counts.counted(randomFaults(random, plan.blobFaults, bounds)),
    ),
  };
};

/** The clock, timers and chance of a process that sleeps and dies. */
const runtimeOf = (base: VirtualRuntime, gate: Gate, skewMs: number, random: Random): Runtime => {
  const own = base.withRandom(random);
  return {
    ...own,
    now: () => base.now() + skewMs,
    sleep: async (delayMs, signal) => {
      await base.sleep(delayMs, signal);
      await gate.pass();
    },
    every: (periodMs, task) => base.every(periodMs, () => void passing(gate, task)),
    defer: (task) => base.defer(() => void passing(gate, task)),
  };
};

const passing = (gate: Gate, task: () => void): void => {
  const wait = gate.pass();
  if (wait === undefined) task();
  else void wait.then(task);
};

type Verb = (...args: never[]) => Promise<unknown>;

/** The port at the other end of a network: a call takes time, and its answer finds the process awake or not. */
const onTheWay = <Store extends FaultyStore>(
  { faults: _, settle: __, ...port }: Store,
  base: VirtualRuntime,
  random: Random,
  gate: Gate,
): Omit<Store, keyof FaultyStore> =>
  Object.fromEntries(
    Object.entries(port as unknown as Record<string, Verb>).map(([verb, call]) => [
      verb,
      async (...args: never[]) => {
        await base.sleep(random() * WAY_MS);
        const [outcome] = await Promise.allSettled([call(...args)]);
        // As often as not it is there before anybody else does anything.
        const back = random();
        if (back < 0.5) await base.sleep(back * 2 * WAY_MS);
        await gate.pass();
        if (outcome.status === 'rejected') throw outcome.reason;
        return outcome.value;
      },
    ]),
  ) as unknown as Omit<Store, keyof FaultyStore>;
