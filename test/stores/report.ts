/**
 * What each engine can do of the contracts, and what not and why, from a run of their suites.
 *
 *   suite "item store: MiniStack"  ─┐
 *   suite "blob store: MiniStack"  ─┴─►  engine MiniStack: items 67 of 77, objects 16 of 16, cannot …
 *
 * A test that was skipped says why in its note: that is what an engine declares as `cannot`.
 */
import type { TestCase, TestModule } from 'vitest/node';
import type { Cannot } from '../contract/engine.ts';

/** The outcome of one suite. */
interface SuiteReport {
  readonly tests: number;
  readonly passed: number;
  readonly cannot: readonly Cannot[];
  /** Full names of those that failed, or did not run as the engine did not start. */
  readonly failed: readonly string[];
}

export interface EngineReport {
  readonly engine: string;
  readonly items?: SuiteReport;
  readonly objects?: SuiteReport;
}

export interface StoresReport {
  readonly engines: readonly EngineReport[];
  /** Tests beside the contracts. */
  readonly others: SuiteReport;
  /** What was to be tried, and there is none of. */
  readonly notThere: readonly { readonly engine: string; readonly reason: string }[];
}

const CONTRACT = /^(item|blob) store: (.+)$/;

const suiteReport = (tests: readonly TestCase[]): SuiteReport => {
  const passed = tests.filter((test) => test.result().state === 'passed');
  const cannot = new Map<string, string[]>();
  const failed: string[] = [];
  for (const test of tests) {
    const result = test.result();
    const reason = result.state === 'skipped' ? result.note : undefined;
    if (reason !== undefined) cannot.set(reason, [...(cannot.get(reason) ?? []), test.name]);
    else if (result.state !== 'passed') failed.push(test.fullName);
  }
  return {
    tests: tests.length,
    passed: passed.length,
    cannot: [...cannot].map(([reason, names]) => ({ reason, tests: names })),
    failed,
  };
};

export const storesReport = (
  modules: readonly TestModule[],
  notThere: StoresReport['notThere'],
): StoresReport => {
  const engines = new Map<string, EngineReport>();
  const others: TestCase[] = [];
  for (const child of modules.flatMap((module) => [...module.children])) {
    const [, kind, engine] = (child.type === 'suite' && CONTRACT.exec(child.name)) || [];
    const tests = child.type === 'suite' ? [...child.children.allTests()] : [child];
    if (engine === undefined) others.push(...tests);
    else {
      const half = { [kind === 'item' ? 'items' : 'objects']: suiteReport(tests) };
      engines.set(engine, { engine, ...engines.get(engine), ...half });
    }
  }
  return { engines: [...engines.values()], others: suiteReport(others), notThere };
};

const shown = (suite: SuiteReport | undefined): string =>
  suite === undefined ? '–' : `${suite.passed} of ${suite.tests}`;

/** For people: a row for each engine, and below it what it cannot do. */
export const reportText = ({ engines, others, notThere }: StoresReport): string => {
  const width = Math.max(...engines.map(({ engine }) => engine.length), 6) + 2;
  const row = (name: string, items: string, objects: string): string =>
    `${name.padEnd(width)}${items.padEnd(12)}${objects}`.trimEnd();
  const lines = [row('engine', 'items', 'objects')];
  for (const { engine, items, objects } of engines) {
    lines.push(row(engine, shown(items), shown(objects)));
    for (const { reason, tests } of [...(items?.cannot ?? []), ...(objects?.cannot ?? [])]) {
      lines.push(`  it ${reason}:`, ...tests.map((test) => `    ${test}`));
    }
    for (const test of [...(items?.failed ?? []), ...(objects?.failed ?? [])]) {
      lines.push(`  failed, or not run: ${test}`);
    }
  }
  lines.push('', `beside the contracts: ${shown(others)} tests passed`);
  lines.push(...notThere.map(({ engine, reason }) => `not there: ${engine}, as ${reason}`));
  return `${lines.join('\n')}\n`;
};
