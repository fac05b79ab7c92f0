/**
 * The fuzzer itself: it finds what was planted, makes it small and names it; and some hundred inputs of each
 * target, the same every time, find nothing.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { chanceOf } from './chance.ts';
import { frozen, thawed } from './frozen.ts';
import { fuzz, growthOf, type Report } from './fuzz.ts';
import { REGRESSIONS } from './regressions.ts';
import { TARGET_NAMES, type TargetName, targetNamed } from './targets.ts';
import { isLost, watched } from './watched.ts';

const SEED = 20_260_101;
/** Patient: many tests share the machine. */
const thread = watched(10_000);
afterAll(() => thread.close());

describe('the engine', () => {
  it('finds what crashes, hangs and takes memory, and makes it small', async () => {
    const options = { target: 'planted', seed: 3, runs: 300, limitMs: 200 } as const;
    const { findings, outcomes, inputs }: Report = await fuzz(options);
    const smallest = (kind: string): string[] =>
      findings
        .filter(({ fault }) => fault.kind === kind)
        .map((finding) => Buffer.from(thawed(finding.smallest) as Uint8Array).toString());
    expect(smallest('crash')).toEqual(['CR']);
    expect(smallest('memory')).toEqual(['ME']);
    // Each try of it takes its time: there are few.
    expect(smallest('hang')).toEqual([expect.stringMatching(/^\w{0,20}HA\w{0,20}$/)]);
    expect(findings.find(({ fault }) => fault.kind === 'crash')!.fault).toMatchObject({
      signature: expect.stringContaining(
        'TypeError: cannot read … characters (test/fuzz/targets/planted.ts',
      ),
    });
    // Refusals that are allowed are counted and nothing more.
    expect(outcomes.INVALID_RECORD).toBeGreaterThan(0);
    expect(outcomes.accepted).toBeGreaterThan(100);
    expect(inputs).toBeGreaterThan(100);
  }, 120_000);

  it('tells memory that grows from input to input', () => {
    const MiB = 1024 * 1024;
    const mark = (share: number, heapMib: number, thread = 0) => ({
      ...{ share, inputs: share * 1_000, heapBytes: heapMib * MiB, residentBytes: 0, thread },
    });
    expect(growthOf([mark(0.01, 10), mark(0.1, 20), mark(1, 100)])).toBe(80 * MiB);
    expect(growthOf([mark(0.01, 10), mark(0.1, 40), mark(1, 60)])).toBe(0);
    // What a lost thread held is gone; the next one begins cold.
    expect(growthOf([mark(0.01, 10), mark(0.1, 20), mark(0.5, 90, 1), mark(1, 100, 1)])).toBe(0);
    expect(growthOf([mark(1, 100)])).toBe(0);
    expect(growthOf([])).toBe(0);
  });

  it('makes the same inputs of the same seed, and others of another', async () => {
    const target = await targetNamed('records');
    const inputs = (seed: number): string[] =>
      Array.from({ length: 20 }, (_, index) => frozen(target.make(chanceOf(seed, index))));
    expect(inputs(1)).toEqual(inputs(1));
    expect(inputs(1)).not.toEqual(inputs(2));
    expect(new Set(inputs(1)).size).toBe(20);
  });

  it('keeps inputs as text', () => {
    const input = { bytes: Uint8Array.of(1, 255), list: [Buffer.from('a'), 'b', -1, null] };
    const again = { bytes: Uint8Array.of(1, 255), list: [Uint8Array.of(97), 'b', -1, null] };
    expect(thawed(frozen(input))).toEqual(again);
  });
});

/** As many as take about a third of a second. */
const RUNS: Readonly<Record<Exclude<TargetName, 'planted'>, number>> = {
  records: 1_000,
  compression: 300,
  http: 60,
  items: 30,
  objects: 60,
  files: 15,
};

it.each(TARGET_NAMES)('nothing of %s crashes, hangs or tells wrong', async (target) => {
  const runs = RUNS[target as keyof typeof RUNS];
  const { findings, inputs } = await fuzz({ target, seed: SEED, runs, limitMs: 10_000, thread });
  expect(findings).toEqual([]);
  expect(inputs).toBe(runs);
});

it.each(REGRESSIONS)('what was found once: $what', async ({ target, input }) => {
  const verdict = await thread.ask({ kind: 'one', target, input: frozen(input) });
  expect(isLost(verdict) || 'fault' in verdict ? verdict.fault : undefined).toBeUndefined();
});
