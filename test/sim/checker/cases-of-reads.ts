/** What readers are told, wrong and right, by rule. */
import type { Cases } from './cases.ts';
import {
  assign,
  bounds,
  crash,
  deleteBefore,
  during,
  history,
  poll,
  pollOf,
  send,
  sendWithout,
  wanting,
} from './hand-made.ts';

export const CASES_OF_READS = {
  'poll skip': {
    bad: [
      [
        'between polls',
        history(send('x', 0), send('y', 1), send('z', 2), poll(0, 'x'), poll(2, 'z')),
        [1, 3, 4],
      ],
      [
        'within a poll',
        history(
          send('x', 0),
          send('y', 1),
          send('z', 2),
          pollOf({
            records: [
              [0, 'x'],
              [2, 'z'],
            ],
          }),
        ),
        [1, 3],
      ],
      [
        'after what was asked for',
        history(send('x', 0), send('y', 1), pollOf({ from: 0, records: [[1, 'y']] })),
        [0, 2],
      ],
    ],
    good: [
      [
        'one after the other',
        history(send('x', 0), send('y', 1), poll(0, 'x'), poll(1), poll(1, 'y')),
      ],
      [
        'another assignment',
        history(send('x', 0), send('y', 1), send('z', 2), poll(0, 'x'), assign(), poll(2, 'z')),
      ],
      [
        'another life',
        history(send('x', 0), send('y', 1), send('z', 2), poll(0, 'x'), crash(), poll(2, 'z')),
      ],
      [
        'over what was deleted',
        history(
          send('x', 0),
          send('y', 1),
          send('z', 2),
          deleteBefore(2),
          pollOf({ records: [[2, 'z']] }),
        ),
      ],
    ],
  },
  'non-monotonic poll': {
    bad: [
      [
        'between polls',
        history(send('x', 0), send('y', 1), poll(0, 'x', 'y'), poll(1, 'y')),
        [2, 3],
      ],
      [
        'within a poll',
        history(
          send('x', 0),
          send('y', 1),
          pollOf({
            records: [
              [1, 'y'],
              [0, 'x'],
            ],
          }),
        ),
        [2],
      ],
      [
        'before what was asked for',
        history(
          send('x', 0),
          send('y', 1),
          pollOf({
            from: 1,
            records: [
              [0, 'x'],
              [1, 'y'],
            ],
          }),
        ),
        [2],
      ],
    ],
    good: [
      ['another assignment', history(send('x', 0), poll(0, 'x'), assign(), poll(0, 'x'))],
      ['another process', history(send('x', 0), poll(0, 'x'), during(90, 95, 'd', poll(0, 'x')))],
    ],
  },
  gap: {
    bad: [
      [
        'within a poll',
        history(
          send('x', 0),
          send('z', 2),
          pollOf({
            records: [
              [0, 'x'],
              [2, 'z'],
            ],
          }),
        ),
        [2],
      ],
      ['at its beginning', history(send('z', 1), pollOf({ records: [[1, 'z']] })), [1]],
      [
        'above what was deleted',
        history(send('z', 2), deleteBefore(1), pollOf({ records: [[2, 'z']] })),
        [2],
      ],
    ],
    good: [
      ['none', history(send('x', 0), send('z', 1), poll(0, 'x', 'z'))],
      [
        'left out by the reader itself',
        history(send('x', 0), send('z', 2), poll(0, 'x'), poll(2, 'z')),
      ],
      [
        'compacted',
        {
          ...history(send('z', 1), pollOf({ records: [[1, 'z']] })),
          partitions: { p: { compacted: true } },
        },
      ],
      ['deleted', history(send('z', 1), deleteBefore(1), pollOf({ records: [[1, 'z']] }))],
      [
        'deleted by retention',
        {
          ...history(send('z', 1), pollOf({ records: [[1, 'z']], logStart: 1 })),
          partitions: { p: { retained: true } },
        },
      ],
    ],
  },
  'stale tail': {
    bad: [
      [
        'a poll to the end',
        history(send('x', 0), send('y', 1), pollOf({ records: [[0, 'x']], logEnd: 1 })),
        [1, 2],
      ],
      ['a poll that got nothing', history(send('x', 0), poll(0)), [0, 1]],
      ['a look at the end', history(send('x', 0), bounds({ logEnd: 0 })), [0, 1]],
      [
        'the end that a refusal told',
        history(send('x', 0), send('y', 1), sendWithout('fail', 'z', { ...wanting(7), logEnd: 1 })),
        [1, 2],
      ],
    ],
    good: [
      ['at the end', history(send('x', 0), poll(0, 'x'), poll(1), bounds({ logEnd: 1 }))],
      [
        'a poll that did not go to the end',
        history(send('x', 0), send('y', 1), pollOf({ records: [[0, 'x']], logEnd: 2 })),
      ],
      [
        'begun before the acknowledgement',
        history(during(0, 5, 'a', send('x', 0)), during(5, 9, 'b', bounds({ logEnd: 0 }))),
      ],
    ],
  },
  'deleted read': {
    bad: [
      ['a poll', history(send('x', 0), send('y', 1), deleteBefore(1), poll(0, 'x', 'y')), [2, 3]],
      [
        'a start that goes back',
        history(send('x', 0), deleteBefore(1, { logStart: 1 }), bounds({ logStart: 0 })),
        [1, 2],
      ],
      [
        'by what a poll was told',
        history(
          send('x', 0),
          send('y', 1),
          during(21, 90, 'c', deleteBefore(1)),
          during(30, 31, 'b', bounds({ logStart: 1 })),
          during(40, 41, 'd', poll(0, 'x')),
        ),
        [3, 4],
      ],
    ],
    good: [
      [
        'together',
        history(
          send('x', 0),
          during(20, 30, 'c', deleteBefore(1)),
          during(30, 31, 'b', poll(0, 'x')),
        ),
      ],
      ['nobody knows', history(send('x', 0), deleteBefore(1, { outcome: 'info' }), poll(0, 'x'))],
      ['what was kept', history(send('x', 0), send('y', 1), deleteBefore(1), poll(1, 'y'))],
    ],
  },
  'early start': {
    bad: [
      ['by itself', history(send('x', 0), bounds({ logStart: 1 })), [1]],
      [
        'above the deletion',
        history(send('x', 0), send('y', 1), deleteBefore(1), bounds({ logStart: 2 })),
        [2, 3],
      ],
      [
        'before it was asked for',
        history(send('x', 0), bounds({ logStart: 1 }), deleteBefore(1)),
        [1],
      ],
      [
        'refused',
        history(send('x', 0), deleteBefore(1, { outcome: 'fail' }), bounds({ logStart: 1 })),
        [2],
      ],
    ],
    good: [
      ['asked for', history(send('x', 0), deleteBefore(1), bounds({ logStart: 1 }))],
      [
        'perhaps',
        history(send('x', 0), deleteBefore('latest', { outcome: 'info' }), bounds({ logStart: 1 })),
      ],
      [
        'by retention',
        {
          ...history(send('x', 0), bounds({ logStart: 1 })),
          partitions: { p: { retained: true } },
        },
      ],
    ],
  },
} as const satisfies Record<string, Cases>;
