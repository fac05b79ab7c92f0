/**
 * Budget: the bytes of an answer, dealt to its partitions in their order.
 *
 *   maxBytes  ├────────────── p0 ──────────────┤├──── p1 ────┤├ p2 ┤
 *              no more than p0's own maxBytes                  what is left
 *
 * One rule, used twice: with entries, to know what to read (a part of the last one may be let out), and
 * with batches, to let them out whole. The first partition that has anything gets at least one piece,
 * however large and however small the budget, so that a reader always gets on (KIP-74). Those behind
 * it may get nothing: who asks for many partitions asks for them in turns, as Kafka's clients do.
 */

export interface Budget {
  /** As many pieces `from` the first one on, as are left room for, `most` bytes of them. */
  deal<T>(from: Iterable<T>, most: number, sizeOf: (piece: T) => number): T[];
}

/** `pieces`: whether the last one may go beyond the room there is, and is charged for its part alone. */
export const budgetOf = (maxBytes: number, pieces: 'whole' | 'divisible'): Budget => {
  let left = maxBytes;
  let anyDealt = false;
  return {
    deal: (from, most, sizeOf) => {
      const room = Math.min(most, left);
      const dealt = [];
      let sizeBytes = 0;
      for (const piece of from) {
        const after = sizeBytes + sizeOf(piece);
        const fits = pieces === 'whole' ? after <= room : sizeBytes < room;
        if (!fits && anyDealt) break;
        anyDealt = true;
        dealt.push(piece);
        sizeBytes = after;
        if (!fits) break;
      }
      left -= pieces === 'whole' ? sizeBytes : Math.min(sizeBytes, Math.max(0, room));
      return dealt;
    },
  };
};
