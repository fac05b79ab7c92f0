/** Histories as lines of JSON. */
import { describe, expect, it } from 'vitest';
import { checkHistory } from './check.ts';
import * as made from './hand-made.ts';
import { formatHistory, type History, parseHistory } from './history.ts';

const written: History = {
  partitions: { p: { retained: true } },
  operations: made.history(
    made.assign(),
    made.send('x', 0, made.wanting(0)),
    made.sendWithout('info', 'y\n"'),
    made.pollOf({
      records: [
        [0, 'x', 3],
        [1, 'y\n"'],
      ],
      logStart: 0,
      logEnd: 2,
    }),
    made.bounds({ logStart: 0, logEnd: 2 }),
    made.deleteBefore('latest', { logStart: 2 }),
    made.commit(1, 2),
    made.crash(),
    made.finalPoll(2),
  ).operations,
};

const line = (one: unknown): string => `${JSON.stringify(one)}\n`;

describe('a history', () => {
  it('is what was written', () => {
    const text = [...formatHistory(written)].join('');
    expect(text.split('\n')).toHaveLength(11);
    expect(parseHistory(text)).toEqual(written);
    expect(parseHistory('')).toEqual({ operations: [] });
  });

  it('may be written in the order of completions', () => {
    const { operations } = made.history(made.send('x', 0), made.poll(0, 'x'), made.poll(1));
    const lines = [...formatHistory({ operations: operations.toReversed() })];
    expect(checkHistory(parseHistory(lines.join('')))).toEqual(checkHistory({ operations }));
  });

  it.each<[string, string, RegExp]>([
    ['no JSON', '{"process":', /^line 2 of the history: .*JSON/],
    ['an unknown kind', line({ kind: 'jump' }), /^line 2 of the history: .*kind/s],
    ['facts that come late', line({ partitions: {} }), /^line 2 of the history: .*kind/s],
    [
      'an offset below 0',
      line({ ...written.operations[1], offset: -1 }),
      /^line 2 of the history: .*offset/s,
    ],
    [
      'an end before the beginning',
      line({ ...written.operations[1], invokedAt: 3, completedAt: 2 }),
      /^line 2 of the history: it ends at 2, before it begins at 3/,
    ],
    ['no outcome', line({ ...written.operations[1], outcome: undefined }), /outcome/],
  ])('names the line that is wrong: %s', (_what, wrong, message) => {
    expect(() => parseHistory(line(written.operations[0]) + wrong)).toThrow(message);
  });
});
