/** Each rule on histories that are wrong in its way, and on the nearest that are not. */
import { describe, expect, it } from 'vitest';
import { CASES } from './cases.ts';
import { checkHistory, RULES, type RuleName } from './check.ts';
import { finalPoll, history, send, sendWithout } from './hand-made.ts';
import type { History } from './history.ts';

const found = (name: RuleName, of: History) => checkHistory(of).anomalies.get(name) ?? [];

describe.each(Object.keys(RULES) as RuleName[])('%s', (name) => {
  it.each(CASES[name].bad)('finds: %s', (_what, of, named) => {
    const [first, ...others] = found(name, of);
    expect(others).toEqual([]);
    expect(first?.operations.map((one) => of.operations.indexOf(one))).toEqual(named);
    expect(first?.detail).not.toBe('');
  });

  it.each(CASES[name].good)('accepts: %s', (_what, of) => {
    expect(found(name, of)).toEqual([]);
  });
});

describe('a history', () => {
  it('is summed up', () => {
    const { summary } = checkHistory(
      history(send('x', 0), sendWithout('fail', 'y'), sendWithout('info', 'z'), finalPoll(0, 'x')),
    );
    expect(summary).toMatchObject({
      operations: 4,
      byKind: { send: { ok: 1, fail: 1, info: 1 }, poll: { ok: 1, fail: 0, info: 0 } },
      hasFinalReads: true,
      anomalies: 0,
    });
  });

  it('is refused when records cannot be told apart', () => {
    expect(() => checkHistory(history(send('x', 0), send('x', 1)))).toThrow(
      '"x" was sent twice to p',
    );
  });
});
