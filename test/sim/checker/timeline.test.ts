/** Drawn anomalies, as they are printed. */
import { describe, expect, it } from 'vitest';
import { checkHistory, type RuleName } from './check.ts';
import * as made from './hand-made.ts';
import type { History } from './history.ts';
import { drawTimeline } from './timeline.ts';

const drawn = (rule: RuleName, history: History): string =>
  drawTimeline(rule, checkHistory(history).anomalies.get(rule)![0]!);

describe('a timeline', () => {
  it('draws the operations concerned, a line for each process', () => {
    const history = made.history(
      made.during(10, 14, 'a', made.send('x', 7)),
      made.during(
        20,
        31,
        'b',
        made.pollOf({
          from: 5,
          records: [
            [5, 'v', 2],
            [6, 'w'],
          ],
          logStart: 0,
          logEnd: 7,
        }),
      ),
    );
    expect(drawn('stale tail', history)).toBe(`\
stale tail in p
the log was told to end at 7, after 7 was acknowledged

     10      14      20      31
a    ├─── 1 ─┤
b                    ├─── 2 ─┤

1  a  send "x" (plain) → ok at 7
2  b  poll p from 5 → ok 5 "v" epoch 2, 6 "w", starts at 0, ends at 7
`);
  });

  it('leaves open what nobody was told the end of, and gives what overlaps lines of its own', () => {
    const history = made.history(
      made.during(0, 5, 'writer', made.sendWithout('info', 'x', made.wanting(3))),
      made.during(2, 9, 'writer', made.send('y', 0)),
      made.during(12, 13, 'b', made.poll(0, 'y', 'x')),
    );
    expect(drawn('expected end', history)).toBe(`\
expected end in p
"x" was sent for offset 3, and is at 1

          0       5       12      13
writer    ├─── 1 ┄?
b                         ├─── 2 ─┤

1  writer  send "x" for 3 (expectedEnd) → info
2  b  poll p from 0 → ok 0 "y", 1 "x"
`);
    const overlapping = made.history(
      made.during(0, 9, 'a', made.send('x', 1, made.idempotent)),
      made.during(3, 8, 'a', made.send('y', 0, made.idempotent)),
    );
    expect(drawn('non-monotonic send', overlapping)).toContain(`
     0       3       8       9
a    ├─── 1 ─────────────────┤
a            ├─── 2 ─┤
`);
  });

  it('shows the ends of long polls', () => {
    const values = Array.from({ length: 100 }, (_, index) => `v${index}`);
    const history = made.history(made.poll(0, ...values));
    expect(drawn('phantom', history)).toContain('ok 0 "v0", 1 "v1", 2 "v2", …, 97 "v97",');
  });

  it('shows what a long poll read of the values whose sends are drawn', () => {
    const values = Array.from({ length: 100 }, (_, index) => `v${index}`);
    const sent = made.sendWithout('fail', 'v50');
    expect(drawn('aborted read', made.history(sent, made.poll(0, ...values)))).toContain(
      'ok 0 "v0", 1 "v1", 2 "v2", …, 50 "v50", …, 97 "v97",',
    );
  });

  it('is no more than words where no operations are concerned', () => {
    const found = { partition: 'p', detail: 'it weighs 3', operations: [] };
    expect(drawTimeline('complaint', found)).toBe('complaint in p\nit weighs 3\n');
  });

  it('shows the first of many operations', () => {
    const sends = Array.from({ length: 100 }, (_, index) => made.send(`v${index}`, 0));
    const text = drawn('inconsistent offset', made.history(...sends));
    expect(text).toMatch(/\n12 {2}a {2}send "v11" \(plain\) → ok at 0\nand 88 more\n$/);
  });

  it('knows every kind of operation', () => {
    const { operations } = made.history(
      made.assign(),
      made.bounds({ logEnd: 2 }),
      made.deleteBefore('latest', { logStart: 2 }),
      made.commit(1, 2),
      made.crash(),
      made.finalPoll(2),
    );
    const text = drawTimeline('all', { partition: 'p', detail: '', operations });
    expect(text.split('\n').slice(-7)).toEqual([
      '1  b  assign p → ok',
      '2  b  look at the bounds of p → ok, ends at 2',
      '3  c  delete before latest → ok, starts at 2',
      '4  a  commit 2 of g, generation 1 → ok',
      '5  b  crash → ok',
      '6  final  final poll p from 2 → ok nothing',
      '',
    ]);
  });
});
