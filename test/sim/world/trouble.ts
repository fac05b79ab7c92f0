/**
 * What befalls environments, again and again: they crash, at any moment or at a call of a store, freeze for
 * up to minutes, or are cut off from one of the stores.
 */
import type { WorldFault } from '../plan.ts';
import type { Counts } from './counts.ts';
import type { Environment } from './environment.ts';
import { below, pause, type Scene } from './scene.ts';

/** Calls of stores within which one of them is the last. */
const CRASH_WITHIN_CALLS = 8;

type Trouble = Extract<
  WorldFault,
  'crash' | 'crash at a call' | 'freeze' | `cut off from ${string}`
>;

const KINDS: readonly Trouble[] = [
  'crash',
  'crash at a call',
  'crash at a call',
  'freeze',
  'cut off from items',
  'cut off from blobs',
];

export const trouble = async (
  scene: Scene,
  environments: readonly Environment[],
  counts: Counts,
): Promise<void> => {
  const { plan, random } = scene;
  if (plan.troubleEveryMs === 0) return;
  const passing: Promise<void>[] = [];
  while (scene.goesOn()) {
    await pause(scene, 2 * plan.troubleEveryMs);
    const victim = environments[below(scene, environments.length)]!;
    const kind = KINDS[below(scene, KINDS.length)]!;
    // Most pass soon; some last for minutes.
    const lengthMs = 50 + random() ** 6 * 120_000;
    passing.push(BEFALL[kind](scene, victim, counts, lengthMs));
  }
  await Promise.all(passing);
};

const BEFALL: Record<
  Trouble,
  (scene: Scene, victim: Environment, counts: Counts, lengthMs: number) => Promise<void>
> = {
  async crash(_, victim) {
    victim.crash();
  },
  async 'crash at a call'(scene, victim) {
    const n = 1 + below(scene, CRASH_WITHIN_CALLS);
    victim.crashAtCall(n, scene.random() < 0.5);
  },
  async freeze({ runtime }, victim, counts, lengthMs) {
    if (!counts.add('freeze')) return;
    victim.freeze();
    await runtime.sleep(lengthMs);
    victim.thaw();
  },
  async 'cut off from items'({ runtime }, { items }, _, lengthMs) {
    items.cut();
    await runtime.sleep(lengthMs);
    items.heal();
  },
  async 'cut off from blobs'({ runtime }, { blobs }, _, lengthMs) {
    blobs.cut();
    await runtime.sleep(lengthMs);
    blobs.heal();
  },
};
