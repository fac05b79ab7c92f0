/** What was caught, as lines of a Markdown table or as a document. */
import type { Hunted } from './hunts.ts';

const row = (...cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

const quantity = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? '' : 's'}`;

const verdictOf = ({ caught, otherRules }: Hunted): string => {
  if (caught !== undefined) return caught.rule;
  const others = otherRules.length === 0 ? '' : `; not counted: ${otherRules.join(', ')}`;
  return `**survived**${others}`;
};

/** Mutants, by whom and after how many seeds they were caught. */
export const mutantLines = (results: readonly Hunted[]): readonly string[] => [
  row('mutant', 'caught by', 'after seeds', 'at most', 'plans', 'seed'),
  row('---', '---', '---:', '---:', '---', '---:'),
  ...results.map((one) => {
    const { prey, seedsRun, caught } = one;
    return row(
      prey.name,
      verdictOf(one),
      seedsRun,
      prey.seeds.length,
      prey.mood,
      caught?.seed ?? '',
    );
  }),
];

/** What the code as it is was found to do wrong under the same plans. */
export const controlLines = (controls: readonly Hunted[]): readonly string[] =>
  controls.map(({ prey, seedsRun, caught }) =>
    caught === undefined
      ? `${prey.name}: nothing in ${quantity(seedsRun, 'plan')}`
      : `${prey.name}: seed ${caught.seed} finds ${caught.rule}: ${caught.detail}`,
  );

export const mutantDocument = (results: readonly Hunted[], controls: readonly Hunted[]) => {
  const shown = ({ prey, seedsRun, caught, otherRules }: Hunted) => ({
    name: prey.name,
    plans: prey.mood,
    seedsRun,
    within: prey.seeds.length,
    caught: caught ?? null,
    otherRules,
  });
  return {
    ok: isOk(results, controls),
    mutants: results.map(shown),
    controls: controls.map(shown),
  };
};

/** All mutants were caught, and nothing else. */
export const isOk = (results: readonly Hunted[], controls: readonly Hunted[]): boolean =>
  results.every(({ caught }) => caught) && controls.every(({ caught }) => !caught);
