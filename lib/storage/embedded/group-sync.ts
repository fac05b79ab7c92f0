/**
 * One sync in flight, one waiting: who asks while one runs is covered by the next, together with all
 * others who ask meanwhile. A sync that began before a write does not cover it.
 *
 *   write a → sync 1 ────────┐
 *        write b, c, d → wait └ sync 2 ─── b, c and d are durable
 */
export const groupSync = (sync: () => Promise<void>): (() => Promise<void>) => {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  const start = (): Promise<void> => {
    running = sync().finally(() => {
      running = undefined;
    });
    return running;
  };

  return () => {
    if (next !== undefined) return next;
    if (running === undefined) return start();
    const follow = (): Promise<void> => {
      next = undefined;
      return start();
    };
    next = running.then(follow, follow);
    return next;
  };
};
