/** Hunt: looks for one mutant, in a thread of its own, as its code is the thread's. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Prey } from './mutant.ts';
import { patchOnLoad } from './patching.ts';

/** What a hunt tells of a seed. `caught`: by a rule that counts; `otherRules` found something that does not. */
export interface Sighting {
  readonly seed: number;
  readonly caught:
    | { readonly rule: string; readonly detail: string; readonly timeline: string }
    | undefined;
  readonly otherRules: readonly string[];
}

const { name, fault, rules, mood, seeds } = workerData as Prey;

const patch = fault !== undefined && 'file' in fault ? patchOnLoad(fault) : undefined;
const options = fault !== undefined && 'without' in fault ? fault : {};
const [{ drawTimeline }, { planOf }, { runPlan }, { MOODS }] = await Promise.all([
  import('../checker/timeline.ts'),
  import('../plan.ts'),
  import('../run.ts'),
  import('./moods.ts'),
]);
if (patch?.isLoaded() === false) throw new Error(`nobody loads the file of: ${name}`);

const counting = rules && new Set<string>(rules);
for (const seed of seeds) {
  const { findings } = await runPlan(MOODS[mood](planOf(seed)), options);
  // That a world ends before its time proves nothing, where a rule is named.
  const one = findings.find(
    ({ rule, partition }) => !counting || (partition !== 'the world' && counting.has(rule)),
  );
  const sighting: Sighting = {
    seed,
    caught: one && {
      rule: one.rule,
      detail: `${one.partition}: ${one.detail}`,
      timeline: drawTimeline(one.rule, one),
    },
    otherRules: one ? [] : [...new Set(findings.map(({ rule }) => rule))],
  };
  parentPort!.postMessage(sighting);
  if (one) break;
}
