/** What is told of a run without its history: small enough to be kept of every seed. */
import type { Finding, Run } from './run.ts';

/** A finding without its operations. */
export interface Found {
  readonly rule: string;
  /** Who complains. */
  readonly by?: string;
  readonly partition: string;
  readonly detail: string;
  /** What makes another finding the same one: the rule or, of a complaint, its words without numbers. */
  readonly sort: string;
  /** Operations that had been recorded when all it concerns were, those of the end left out. */
  readonly after: number;
}

export interface Sight {
  readonly seed: number;
  /** The first ones. */
  readonly found: readonly Found[];
  readonly anomalies: number;
  readonly operations: number;
  readonly byKind: Run['summary']['byKind'];
  readonly faults: Run['faults'];
  readonly worldMs: number;
}

/** A log that is all wrong is told of by its first findings. */
const MOST_FOUND = 50;

const sortOf = ({ rule, detail }: Finding): string =>
  rule === 'complaint' ? detail.split('\n')[0]!.replaceAll(/\d+/g, '#') : rule;

export const seenIn = ({ plan, history, findings, summary, faults, worldMs }: Run): Sight => {
  const { operations } = history;
  const afterOf = (finding: Finding): number =>
    Math.max(
      -1,
      ...finding.operations.map((one) =>
        one.kind === 'poll' && one.final ? -1 : operations.indexOf(one),
      ),
    ) + 1;
  return {
    seed: plan.seed,
    // What a rule found can be drawn, and may be what others complain about.
    found: [
      ...findings.filter(({ rule }) => rule !== 'complaint'),
      ...findings.filter(({ rule }) => rule === 'complaint'),
    ]
      .slice(0, MOST_FOUND)
      .map((finding) => ({
        rule: finding.rule,
        ...(finding.by !== undefined && { by: finding.by }),
        partition: finding.partition,
        detail: finding.detail,
        sort: sortOf(finding),
        after: afterOf(finding),
      })),
    anomalies: findings.length,
    operations: operations.length,
    byKind: summary.byKind,
    faults,
    worldMs,
  };
};

/** Of what is found, the first of this sort to be there. */
export const firstOfSort = (sort: string, { found }: Sight): Found | undefined =>
  found
    .filter((one) => one.sort === sort)
    .reduce<Found | undefined>(
      (first, one) => (first && first.after <= one.after ? first : one),
      undefined,
    );
