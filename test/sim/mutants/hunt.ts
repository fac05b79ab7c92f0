/** Hunt: looks for one mutant, in a thread of its own, as its code is the thread's. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Mutant } from './mutant.ts';
import { seedsOf } from './mutant.ts';
import { patchOnLoad } from './patching.ts';

/** What a hunt tells. */
export type Sighting =
  | { readonly kind: 'seed'; readonly seed: number; readonly otherRules: readonly string[] }
  | { readonly kind: 'caught'; readonly seed: number; readonly rule: string; readonly detail: string };

const mutant = workerData as Mutant;
const tell = (sighting: Sighting): void => parentPort!.postMessage(sighting);

const patch = 'without' in mutant.fault ? undefined : patchOnLoad(mutant.fault);
const without = 'without' in mutant.fault ? mutant.fault : {};
const [{ planOf }, { runPlan }, { MOODS }] = await Promise.all([
  import('../plan.ts'),
  import('../run.ts'),
  import('./moods.ts'),
]);
if (patch?.isLoaded() === false) throw new Error(`${mutant.name}: nobody loads the file`);

for (const seed of seedsOf(mutant)) {
  const plan = MOODS[mutant.mood ?? 'as drawn'](planOf(seed));
  const { findings } = await runPlan(plan, without);
  const found = findings.find(({ rule }) => mutant.rules.includes(rule));
  if (found !== undefined) {
    tell({ kind: 'caught', seed, rule: found.rule, detail: `${found.partition}: ${found.detail}` });
    break;
  }
  tell({ kind: 'seed', seed, otherRules: [...new Set(findings.map(({ rule }) => rule))] });
}
