/**
 * A generation that is over commits nothing.
 *
 *   a:  │ commit 40, generation 3 │
 *   b:                               │ commit 25, generation 2 │ ok
 */
import type { Anomaly, Rule } from './anomaly.ts';
import { anomaly } from './anomaly.ts';
import { highest } from './highest.ts';
import { type Commit, doneAt } from './history.ts';

/** A group's committed offset written by an older generation than one already stored. */
export const zombieCommit: Rule = function* ({ history, work }): Generator<Anomaly> {
  const stored = history.operations.filter(
    (one): one is Commit => one.kind === 'commit' && one.outcome === 'ok',
  );
  // Generations belong to the group: whichever partition a newer one committed first fences all.
  for (const [group, commits] of Map.groupBy(stored, (one) => one.group)) {
    const done = highest(
      commits.map((by) => ({ at: doneAt(by), height: by.generation, by })),
      work,
    );
    for (const commit of commits) {
      work.steps += 1;
      const newer = done.before(commit.invokedAt);
      if (!newer || newer.height <= commit.generation) continue;
      const detail = `generation ${commit.generation} of ${group} committed after ${newer.height} had`;
      yield anomaly({ name: commit.partition }, detail, [newer.by, commit]);
    }
  }
};
