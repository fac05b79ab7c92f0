/** The checker on histories of a log that does nothing wrong, on such that were tampered with, and on long ones. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkHistory, RULES, type RuleName } from './check.ts';
import { correctHistory } from './correct-log.ts';
import * as made from './hand-made.ts';
import { formatHistory, type History, parseHistory } from './history.ts';
import { TAMPERING } from './tampering.ts';
import { drawTimeline } from './timeline.ts';

const seed = fc.nat();

/** The first anomaly of each rule, drawn. */
const drawn = (history: History): readonly string[] =>
  [...checkHistory(history).anomalies].map(([rule, [first]]) => drawTimeline(rule, first!));

const everythingAt0 = (size: number): History =>
  made.history(...Array.from({ length: size }, (_, index) => made.send(`v${index}`, 0)));

const oneValueEverywhere = (size: number): History =>
  made.history(...Array.from({ length: size }, (_, index) => made.poll(index, 'v')));

describe('the checker', () => {
  it('finds nothing wrong with a correct log and concurrent clients', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 1, max: 400 }), (seed, size) => {
        expect(drawn(correctHistory(seed, size))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it.each(Object.keys(RULES) as RuleName[])('finds what was tampered with: %s', (name) => {
    const sizes = fc.integer({ min: 100, max: 300 });
    fc.assert(
      fc.property(seed, sizes, fc.nat(), (seed, size, site) => {
        const history = correctHistory(seed, size);
        const changes = TAMPERING[name](history);
        fc.pre(changes.length > 0);
        changes[site % changes.length]!();
        // Moments may have changed, and a process that records writes lines.
        const recorded = parseHistory([...formatHistory(history)].join(''));
        const [first] = checkHistory(recorded).anomalies.get(name) ?? [];
        expect(first).toBeDefined();
        expect(drawTimeline(name, first!)).toContain(first!.operations[0]!.process);
      }),
      { numRuns: 30 },
    );
  });

  it.each<[string, (size: number) => History]>([
    ['all is well', (size) => correctHistory(1, size)],
    ['every send is told the same offset', everythingAt0],
    ['one value is everywhere', oneValueEverywhere],
  ])('does no more than n log n where %s', (_what, historyOf) => {
    const stepsOf = (size: number): number => {
      const { summary } = checkHistory(historyOf(size));
      expect(summary.operations).toBeGreaterThanOrEqual(size);
      return summary.steps;
    };
    // Twice the operations: a little more than twice the steps, where n² would be four times.
    expect(stepsOf(100_000) / stepsOf(50_000)).toBeLessThan(2.4);
  });
});
