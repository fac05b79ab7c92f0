/** What lies in the log, wrong and right, by rule. */
import type { Cases } from './cases.ts';
import {
  assign,
  deleteBefore,
  finalPoll,
  history,
  idempotent,
  poll,
  pollOf,
  send,
  sendWithout,
  wanting,
} from './hand-made.ts';

export const CASES_OF_RECORDS = {
  'inconsistent offset': {
    bad: [
      ['two sends at one offset', history(send('x', 0), send('y', 0)), [0, 1]],
      [
        'told one, read another',
        history(send('x', 0), sendWithout('info', 'y'), poll(0, 'y')),
        [0, 1, 2],
      ],
      [
        'an answer that came too late, and a value that was read elsewhere',
        history(send('x', 0), sendWithout('info', 'y', { offset: 0 }), poll(0, 'x', 'y')),
        [0, 1],
      ],
    ],
    good: [
      ['read again and again', history(send('x', 0), poll(0, 'x'), assign(), poll(0, 'x'))],
      [
        'an offset told of what never landed',
        history(send('x', 0), sendWithout('info', 'y', { offset: 0 }), poll(0, 'x')),
      ],
    ],
  },
  duplicate: {
    bad: [
      ['idempotent, read twice', history(send('x', 0, idempotent), poll(0, 'x', 'x')), [0, 1]],
      [
        'told one offset, read at another',
        history(sendWithout('info', 'w'), send('x', 0, idempotent), poll(0, 'w', 'x')),
        [1, 2],
      ],
      ['plain, called once', history(send('x', 0), poll(0, 'x', 'x')), [0, 1]],
      ['for one offset', history(send('x', 0, wanting(0)), poll(0, 'x', 'x')), [0, 1]],
    ],
    good: [
      ['plain, called twice', history(send('x', 0, { attempts: 2 }), poll(0, 'x', 'x'))],
      ['plain, called often', history(send('x', 0, { attempts: 3 }), poll(0, 'x', 'x', 'x'))],
      [
        'two that look alike',
        history(send('x', 0, idempotent), send('X', 1, idempotent), poll(0, 'x', 'X')),
      ],
    ],
  },
  'aborted read': {
    bad: [['refused and read', history(sendWithout('fail', 'x'), poll(0, 'x')), [0, 1]]],
    good: [
      ['unknown and read', history(sendWithout('info', 'x'), poll(0, 'x'))],
      ['refused and not read', history(sendWithout('fail', 'x'), poll(0))],
    ],
  },
  phantom: {
    bad: [['sent by nobody', history(send('x', 0), poll(0, 'x', 'y')), [1]]],
    good: [
      ['sent by somebody who was told nothing', history(sendWithout('info', 'x'), poll(0, 'x'))],
    ],
  },
  'lost write': {
    bad: [
      [
        'the highest that anybody read',
        history(sendWithout('info', 'x'), pollOf({ records: [[0, 'x']] }, { outcome: 'info' })),
        [0, 1],
      ],
      ['jumped over by all', history(send('x', 0), send('y', 1), poll(1, 'y')), [0, 2]],
      [
        'read by a poll that timed out only',
        history(
          sendWithout('info', 'x'),
          send('y', 1),
          pollOf({ records: [[0, 'x']] }, { outcome: 'info' }),
          poll(1, 'y'),
        ),
        [0, 2, 3],
      ],
      [
        'not among what was deleted',
        history(send('x', 0), send('y', 1), send('z', 2), deleteBefore(1), poll(2, 'z')),
        [1, 4],
      ],
    ],
    good: [
      ['above what anybody read', history(send('x', 0), send('y', 1), poll(0, 'x'))],
      ['deleted', history(send('x', 0), send('y', 1), deleteBefore(1), poll(1, 'y'))],
      [
        'perhaps deleted',
        history(send('x', 0), send('y', 1), deleteBefore(1, { outcome: 'info' }), poll(1, 'y')),
      ],
      [
        'deleted whatever was there',
        history(send('x', 0), send('y', 1), deleteBefore('latest', { logStart: 1 }), poll(1, 'y')),
      ],
    ],
  },
  unseen: {
    bad: [
      ['the last record', history(send('x', 0), send('y', 1), finalPoll(0, 'x')), [1, 2]],
      [
        'read once, and gone',
        history(sendWithout('info', 'x'), poll(0, 'x'), finalPoll(0)),
        [0, 1, 2],
      ],
      [
        'told no offset',
        history(sendWithout('fail', 'x', { outcome: 'ok' }), finalPoll(0)),
        [0, 1],
      ],
      ['what was not deleted', history(send('x', 0), deleteBefore(0), finalPoll(0)), [0, 2]],
      [
        'asked to be deleted, where the log was told to begin before it at last',
        history(
          send('x', 0),
          deleteBefore('latest', { outcome: 'info' }),
          pollOf({ logStart: 0, logEnd: 0 }, { process: 'final', final: true }),
        ),
        [0, 2],
      ],
    ],
    good: [
      ['all seen', history(send('x', 0), finalPoll(0, 'x'))],
      ['nobody was told', history(sendWithout('info', 'x'), finalPoll(0))],
      [
        'told no offset, and seen or perhaps deleted',
        history(
          sendWithout('fail', 'x', { outcome: 'ok' }),
          sendWithout('fail', 'y', { outcome: 'ok' }),
          deleteBefore(1),
          finalPoll(1, 'y'),
        ),
      ],
      ['no final reads', history(send('x', 0), poll(0))],
      ['deleted', history(send('x', 0), deleteBefore(1), finalPoll(1))],
    ],
  },
  'epoch order': {
    bad: [
      [
        'lower later',
        history(
          send('x', 0),
          send('y', 1),
          pollOf({
            records: [
              [0, 'x', 2],
              [1, 'y', 1],
            ],
          }),
        ),
        [2],
      ],
      [
        'two at one offset',
        history(
          send('x', 0),
          pollOf({ records: [[0, 'x', 2]] }),
          assign(),
          pollOf({ records: [[0, 'x', 3]] }),
        ),
        [1, 3],
      ],
    ],
    good: [
      [
        'equal, then higher',
        history(
          send('x', 0),
          send('y', 1),
          send('z', 2),
          pollOf({
            records: [
              [0, 'x', 1],
              [1, 'y', 1],
              [2, 'z', 4],
            ],
          }),
        ),
      ],
      [
        'not told everywhere',
        history(
          send('x', 0),
          send('y', 1),
          pollOf({
            records: [
              [0, 'x', 2],
              [1, 'y'],
            ],
          }),
        ),
      ],
    ],
  },
} as const satisfies Record<string, Cases>;
