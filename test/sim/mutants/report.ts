/** What was caught, as lines of a Markdown table or as a document. */
import { quantity } from '../../support/command-line.ts';
import type { Hunted } from './hunts.ts';

const row = (...cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

const verdictOf = ({ caught, otherRules }: Hunted): string => {
  if (caught !== undefined) return caught.rule;
  const others = otherRules.length === 0 ? '' : `; not counted: ${otherRules.join(', ')}`;
  return `**survived**${others}`;
};

/** Mutants, by whom and after how many seeds they were caught. */
const mutantLines = (results: readonly Hunted[]): readonly string[] => [
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

/** What was found where nothing may be: in the code as it is, and with harmless changes. */
const controlLines = (controls: readonly Hunted[]): readonly string[] => {
  const plans = controls.reduce((sum, { seedsRun }) => sum + seedsRun, 0);
  const dirty = controls.filter(({ caught }) => caught);
  return [
    `With no bug in it, in ${quantity(plans, 'plan')}: ${dirty.length === 0 ? 'nothing' : ''}`.trimEnd(),
    ...dirty.map(
      ({ prey, caught }) =>
        `  ${prey.name}: seed ${caught!.seed} finds ${caught!.rule}: ${caught!.detail}`,
    ),
  ];
};

/** What gave each of them away, along time. */
const drawings = (results: readonly Hunted[]): readonly string[] =>
  results.flatMap(({ prey, caught }) =>
    caught === undefined ? [] : [`── ${prey.name}, seed ${caught.seed}`, '', caught.timeline],
  );

/** Both, and a last line that counts; `isDrawn`: with the timelines. */
export const mutantText = (
  results: readonly Hunted[],
  controls: readonly Hunted[],
  isDrawn: boolean,
): string => {
  const survivors = results.filter(({ caught }) => !caught).length;
  return [
    ...mutantLines(results),
    '',
    ...(isDrawn ? drawings(results) : []),
    ...controlLines(controls),
    ...(survivors === 0 ? [] : ['What to do about a survivor: test/sim/mutants/mutant.ts']),
    `${quantity(results.length, 'mutant')}; ${quantity(survivors, 'survivor')}`,
  ].join('\n');
};

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
