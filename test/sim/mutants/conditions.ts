/** Every condition of the protocols, taken out: the stores forget it. Which there are is told by `lib`. */
import type { Mutant } from './mutant.ts';

type Forgotten = Omit<Mutant, 'name' | 'fault'>;

const FORGOTTEN: Readonly<Record<string, Forgotten>> = {
  'tail-has-bytes': { rules: ['complaint'], mood: 'full', within: 24 },
  'objects-above-floor': {
    rules: ['complaint', 'lost write', 'unseen'],
    mood: 'collected',
    within: 24,
  },
  'producer-as-read': { rules: ['duplicate'], within: 24 },
  'producer-absent': { rules: ['duplicate'], mood: 'crowded', within: 24 },
  'not-in-tail': { rules: ['duplicate'], mood: 'busy', within: 24 },
  'view-covers-tail': { rules: ['duplicate'], within: 24 },
  'end-as-expected': { rules: ['expected end', 'duplicate'], mood: 'expectant', within: 24 },
  'row-is-free': { rules: ['complaint', 'lost write', 'unseen'], mood: 'busy', within: 24 },
  'tail-start-as-read': {
    rules: ['inconsistent offset', 'complaint', 'lost write', 'unseen'],
    within: 24,
  },
  'rank-as-read': { rules: ['duplicate', 'complaint'], mood: 'crowded', within: 24 },
  'producer-not-newer': { rules: ['complaint', 'duplicate'], mood: 'crowded', within: 24 },
  'start-as-read': { rules: ['deleted read'], mood: 'trimmed', within: 24 },
  'revision-as-read': { rules: ['complaint'], mood: 'committing', within: 24 },
  'head-is-new': {
    rules: ['complaint', 'inconsistent offset', 'lost write', 'unseen'],
    mood: 'administered',
    within: 24,
  },
  'name-is-free': { rules: ['complaint'], mood: 'administered', within: 24 },
  'same-topic': { rules: ['complaint'], mood: 'administered', within: 24 },
};
/**
 * Those that only rivals for one topic's name come to need, which nobody here is, or a late copy at the very
 * moment of a collection: the replayed worlds of topics do without each of them
 * (`test/replay/conditions.test.ts`).
 */
export const ELSEWHERE: readonly string[] = [
  'deleted-topic-grows',
  'floor-only-grows',
  'same-revision',
  'still-claimed',
  'still-creating',
  'topic-as-found',
];

export const CONDITION_MUTANTS: readonly (Mutant & {
  readonly fault: { readonly without: string };
})[] = Object.entries(FORGOTTEN).map(([condition, expected]) => ({
  name: `without ${condition}`,
  fault: { without: condition },
  ...expected,
}));
