/**
 * Timers by when they are due; of two due at once, the one planned first. A binary heap: a simulation plans
 * some ten of them for every operation, and calls most of the long ones off.
 */

/** Something planned; called off once `fire` is gone. */
export interface Timer {
  readonly atMs: number;
  readonly order: number;
  fire: (() => void) | undefined;
}

export interface Timers {
  plan(atMs: number, fire: () => void): Timer;
  /** The next one that was not called off. */
  first(): Timer | undefined;
  /** Takes the first one out. */
  shift(): void;
}

const isSooner = (left: Timer, right: Timer): boolean =>
  left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);

export const makeTimers = (): Timers => {
  const heap: Timer[] = [];
  let order = 0;

  const up = (timer: Timer): void => {
    let at = heap.length;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = heap[parentAt]!;
      if (!isSooner(timer, parent)) break;
      heap[at] = parent;
      at = parentAt;
    }
    heap[at] = timer;
  };

  /** Puts `timer` in the place of the first. */
  const down = (timer: Timer): void => {
    let at = 0;
    for (;;) {
      let childAt = 2 * at + 1;
      if (childAt >= heap.length) break;
      if (childAt + 1 < heap.length && isSooner(heap[childAt + 1]!, heap[childAt]!)) childAt += 1;
      const child = heap[childAt]!;
      if (!isSooner(child, timer)) break;
      heap[at] = child;
      at = childAt;
    }
    heap[at] = timer;
  };

  const shift = (): void => {
    const last = heap.pop();
    if (last !== undefined && heap.length > 0) down(last);
  };

  return {
    plan: (atMs, fire) => {
      const timer = { atMs, order: order++, fire };
      up(timer);
      return timer;
    },
    first: () => {
      while (heap[0] !== undefined && heap[0].fire === undefined) shift();
      return heap[0];
    },
    shift,
  };
};
