/** One after the other: work of one name begins when the work before it has ended, however it ended. */

export type Turnstile = (name: string, work: () => Promise<void>) => Promise<void>;

export const turnstile = (): Turnstile => {
  const last = new Map<string, Promise<void>>();
  return (name, work) => {
    const before = last.get(name);
    const mine = before === undefined ? work() : before.catch(() => {}).then(work);
    last.set(name, mine);
    const leave = () => {
      if (last.get(name) === mine) last.delete(name);
    };
    mine.then(leave, leave);
    return mine;
  };
};
