/**
 * What had risen highest by a moment.
 *
 *   height                ┌──── c        entries: a at 1, b at 4, d at 6, c at 9
 *            ┌── b ───────┘              d is lower than b, and nothing remembers it
 *    ── a ───┘     (d)
 *       1    4      6     9   at
 *
 * Most rules ask this: the highest offset acknowledged before a poll began, the highest start that a
 * deletion may have set by the end of a read, the latest moment before which an offset cannot have
 * been taken.
 */

/** How much was done, so that a test can tell n log n from n². */
export interface Work {
  steps: number;
}

/** Something that reached `height` at `at`. */
export interface Rise<By> {
  readonly at: number;
  readonly height: number;
  readonly by: By;
}

export interface Highest<By> {
  /** Of those at less than `at`. */
  readonly before: (at: number) => Rise<By> | undefined;
  /** Of those at no more than `at`. */
  readonly until: (at: number) => Rise<By> | undefined;
}

/** Sorts the rises, and answers each question by halving. */
export const highest = <By>(rises: Iterable<Rise<By>>, work: Work): Highest<By> => {
  const compare = (a: Rise<By>, b: Rise<By>): number => {
    work.steps += 1;
    return a.at < b.at ? -1 : a.at > b.at ? 1 : 0;
  };
  const stairs: Rise<By>[] = [];
  for (const rise of [...rises].sort(compare)) {
    if (rise.height > (stairs.at(-1)?.height ?? Number.NEGATIVE_INFINITY)) stairs.push(rise);
  }
  const search = (isPast: (at: number) => boolean): Rise<By> | undefined => {
    const past = firstIndex(stairs.length, (index) => isPast(stairs[index]!.at), work);
    return stairs[past - 1];
  };
  return {
    before: (at) => search((other) => other >= at),
    until: (at) => search((other) => other > at),
  };
};

/** The first index below `length` for which `holds`, which then holds for all after it; else `length`. */
export const firstIndex = (
  length: number,
  holds: (index: number) => boolean,
  work: Work,
): number => {
  let low = 0;
  let high = length;
  while (low < high) {
    work.steps += 1;
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
};
