/** What is left of Vitest's report: how many tests, what failed, how long each file took, and figures. */
import { basename } from 'node:path';

interface Assertion {
  readonly status: 'passed' | 'failed' | string;
  readonly fullName: string;
  readonly failureMessages?: readonly string[] | null;
  readonly meta?: { readonly figures?: Readonly<Record<string, number>> };
}

export interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly startTime: number;
    readonly endTime: number;
    readonly message?: string;
    readonly status: 'passed' | 'failed' | string;
    readonly assertionResults: readonly Assertion[];
  }[];
}

export interface Summary {
  readonly passed: number;
  readonly failed: number;
  /** Seconds, by file. */
  readonly files: Readonly<Record<string, number>>;
  /** What tests measured, by name. */
  readonly figures: Readonly<Record<string, number>>;
  readonly failures: readonly { readonly test: string; readonly message: string }[];
}

export const summaryOf = ({ testResults }: VitestReport): Summary => {
  const assertions = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failures = assertions
    .filter(({ status }) => status === 'failed')
    .map(({ fullName, failureMessages }) => ({
      test: fullName,
      message: (failureMessages ?? []).join('\n'),
    }));
  // A file that could not be loaded has no tests to fail.
  const broken = testResults
    .filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0)
    .map(({ name, message = '' }) => ({ test: basename(name), message }));
  return {
    passed: assertions.filter(({ status }) => status === 'passed').length,
    failed: failures.length + broken.length,
    files: Object.fromEntries(
      testResults.map(({ name, startTime, endTime }) => [
        basename(name, '.test.ts'),
        Math.round((endTime - startTime) / 100) / 10,
      ]),
    ),
    figures: Object.assign({}, ...assertions.map(({ meta }) => meta?.figures ?? {})),
    failures: [...failures, ...broken],
  };
};
