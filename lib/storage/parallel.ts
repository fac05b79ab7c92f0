/**
 * Work over many items, a bounded number at a time.
 */

/** Runs `task` for every element, at most `width` at once; rejects with the first failure, and begins no more then. */
export const inParallel = async <T>(
  elements: readonly T[],
  width: number,
  task: (element: T) => Promise<void>,
): Promise<void> => {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < elements.length) {
      const element = elements[next++] as T;
      try {
        await task(element);
      } catch (error) {
        next = elements.length;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, elements.length) }, worker));
};

/** Lets at most `width` tasks run at a time; the others wait, and have their turn in order. */
export const turnstile = (width: number): (<T>(task: () => Promise<T>) => Promise<T>) => {
  const waiting: (() => void)[] = [];
  let free = width;
  return async (task) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
};
