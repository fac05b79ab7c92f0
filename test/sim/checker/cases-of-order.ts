/** What comes first, wrong and right, by rule. */
import type { Cases } from './cases.ts';
import {
  bounds,
  commit,
  during,
  history,
  idempotent,
  poll,
  pollOf,
  send,
  sendWithout,
  wanting,
} from './hand-made.ts';

export const CASES_OF_ORDER = {
  'non-monotonic send': {
    bad: [
      ['one after the other', history(send('x', 1), send('y', 0)), [0, 1]],
      [
        'under way together, and numbered',
        history(
          during(0, 9, 'a', send('x', 1, idempotent)),
          during(0, 8, 'a', send('y', 0, idempotent)),
        ),
        [0, 1],
      ],
    ],
    good: [
      ['growing', history(send('x', 0), send('y', 1))],
      [
        'begun when the other ended',
        history(during(0, 6, 'a', send('x', 1)), during(6, 9, 'a', send('y', 0))),
      ],
      [
        'under way together, one of them numbered',
        history(during(0, 9, 'a', send('x', 1, idempotent)), during(0, 8, 'a', send('y', 0))),
      ],
      [
        'two processes together',
        history(during(0, 9, 'a', send('x', 1)), during(0, 8, 'b', send('y', 0))),
      ],
      [
        'under way together, not numbered',
        history(during(0, 9, 'a', send('x', 1)), during(0, 8, 'a', send('y', 0))),
      ],
      [
        'nobody was told of the first',
        history(sendWithout('info', 'x'), send('y', 0), poll(0, 'y', 'x')),
      ],
    ],
  },
  cycle: {
    bad: [['read before it was sent', history(poll(0, 'x'), send('x', 0)), [0, 1]]],
    good: [
      [
        'read while it was sent',
        history(during(0, 9, 'b', poll(0, 'x')), during(9, 12, 'a', send('x', 0))),
      ],
      [
        'read while nobody knew',
        history(during(0, 20, 'a', sendWithout('info', 'x')), during(1, 3, 'b', poll(0, 'x'))),
      ],
    ],
  },
  'real-time order': {
    bad: [
      [
        'between processes',
        history(during(0, 5, 'a', send('x', 1)), during(6, 9, 'b', send('y', 0))),
        [0, 1],
      ],
      [
        'of one that nobody was told of, and that was read',
        history(
          during(0, 5, 'a', send('x', 1)),
          during(6, 9, 'b', sendWithout('info', 'y')),
          during(10, 12, 'c', poll(0, 'y', 'x')),
        ),
        [0, 1],
      ],
    ],
    good: [
      ['together', history(during(0, 6, 'a', send('x', 1)), during(6, 9, 'b', send('y', 0)))],
      [
        'nobody was told of the first',
        history(
          during(0, 5, 'a', sendWithout('info', 'x')),
          during(6, 9, 'b', send('y', 0)),
          during(10, 12, 'c', poll(0, 'y', 'x')),
        ),
      ],
    ],
  },
  'zombie commit': {
    bad: [
      ['an older generation', history(commit(3, 40), commit(2, 25)), [0, 1]],
      ['of another partition', history(commit(3, 40), commit(2, 25, { partition: 'q' })), [0, 1]],
    ],
    good: [
      ['growing', history(commit(2, 40), commit(3, 25), commit(3, 30))],
      ['together', history(during(0, 9, 'a', commit(3, 40)), during(9, 12, 'b', commit(2, 25)))],
      ['another group', history(commit(3, 40), commit(2, 25, { group: 'h' }))],
      ['refused', history(commit(3, 40), commit(2, 25, { outcome: 'fail' }))],
      [
        'nobody knows whether the newer one is stored',
        history(commit(3, 40, { outcome: 'info' }), commit(2, 25)),
      ],
    ],
  },
  'expected end': {
    bad: [
      ['told another offset', history(send('w', 0), send('x', 1, wanting(0))), [1]],
      [
        'read at another offset',
        history(send('w', 0), sendWithout('info', 'x', wanting(0)), poll(0, 'w', 'x')),
        [1, 2],
      ],
      [
        'refused where it fitted',
        history(sendWithout('fail', 'x', { ...wanting(0), logEnd: 0 })),
        [0],
      ],
    ],
    good: [
      ['where it was wanted', history(send('x', 0, wanting(0)), poll(0, 'x'))],
      [
        'refused elsewhere',
        history(send('w', 0), sendWithout('fail', 'x', { ...wanting(0), logEnd: 1 })),
      ],
    ],
  },
  linearizability: {
    bad: [
      [
        'an end that goes back',
        history(sendWithout('info', 'x'), bounds({ logEnd: 1 }), bounds({ logEnd: 0 })),
        [1, 2],
      ],
      [
        'read, and then not there',
        history(
          during(0, 90, 'a', send('x', 0)),
          during(10, 11, 'b', poll(0, 'x')),
          during(20, 21, 'c', poll(0)),
        ),
        [1, 2],
      ],
      [
        'a later offset read before an earlier one was sent',
        history(
          during(0, 90, 'a', send('y', 1)),
          during(1, 5, 'b', pollOf({ from: 1, records: [[1, 'y']] })),
          during(10, 12, 'c', send('x', 0)),
        ),
        [1, 2],
      ],
      ['an end before its record was sent', history(bounds({ logEnd: 1 }), send('x', 0)), [0, 1]],
    ],
    good: [
      [
        'looks while it is sent',
        history(
          during(0, 90, 'a', send('x', 0)),
          during(10, 11, 'b', bounds({ logEnd: 0 })),
          during(20, 21, 'b', bounds({ logEnd: 1 })),
        ),
      ],
      [
        'looks together',
        history(
          during(0, 90, 'a', send('x', 0)),
          during(10, 21, 'b', bounds({ logEnd: 1 })),
          during(20, 22, 'c', bounds({ logEnd: 0 })),
        ),
      ],
      [
        'never told',
        history(
          during(0, 5, 'a', sendWithout('info', 'x')),
          during(10, 11, 'b', poll(0)),
          during(20, 21, 'b', poll(0, 'x')),
        ),
      ],
    ],
  },
} as const satisfies Record<string, Cases>;
