/**
 * What looks like a mutant and breaks nothing: it may cost time, or answers that a client asks for again. They
 * run as the code itself does, and nothing may be found; should something be, the reason given is wrong.
 */
import type { Equivalent } from './mutant.ts';

export const EQUIVALENTS: readonly Equivalent[] = [
  {
    name: 'a view takes an older state over, and calls it fresh',
    fault: {
      file: 'lib/log/append/view.ts',
      edits: [{ find: 'if (behind) {', replace: 'if (behind && atMs < 0) {' }],
    },
    mood: 'busy',
    because:
      'A group formed by it asks for a head that is no more, and is refused; a batch refused by it did not happen, and is told so.',
  },
  {
    name: 'the next row is taken whatever it holds',
    fault: {
      file: 'lib/log/fetch/locate.ts',
      edits: [
        {
          find: 'if (chunk === undefined || !holds(chunk)) throw new Moved(ref, offset);',
          replace: 'if (chunk === undefined) throw new Moved(ref, offset);',
        },
      ],
    },
    mood: 'as drawn',
    because:
      'Rows are garbage only where sealing leaves some behind, which this release does not do: each begins where the one before it ends.',
  },
  {
    name: 'a waiting fetch that is woken looks at copies',
    fault: {
      file: 'lib/log/fetch/fetcher.ts',
      edits: [
        {
          find: 'consistent = await waited(watch.changed(), Math.min(pauseMs, leftMs), signal);',
          replace:
            'consistent = (await waited(watch.changed(), Math.min(pauseMs, leftMs), signal)) && pauseMs < 0;',
        },
      ],
    },
    mood: 'trimmed',
    because:
      'Its first look was strong, so what was acknowledged before it began is seen; what came since is seen a pause later.',
  },
  {
    name: 'producers leave a head while an entry of theirs stays',
    fault: {
      file: 'lib/log/append/roll.ts',
      edits: [
        {
          find: 'ids.filter((id) => !stay.has(id))',
          replace: 'ids.filter((id) => stay.size >= 0 && id)',
        },
      ],
    },
    mood: 'crowded',
    because:
      'The rank is in their items before they go, and a group without another producer in the head asks for its mark not to be in the tail: it costs lookups.',
  },
];
