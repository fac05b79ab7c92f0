/**
 * Notifier: wakes waiting fetches when this process commits to a partition they wait for.
 */

export interface Notifier {
  /** Something was committed to the partition with this pk. */
  notify(pk: string): void;
  /** Watches partitions until `stop`; `changed` resolves at the first commit since the watch began or was last reset. */
  watch(pks: readonly string[]): Watch;
}

export interface Watch {
  changed(): Promise<void>;
  /** Forgets what has happened so far: to be called before the heads are read again. */
  reset(): void;
  stop(): void;
}

export const notifier = (): Notifier => {
  const watchers = new Map<string, Set<() => void>>();
  return {
    notify: (pk) => {
      for (const wake of watchers.get(pk) ?? []) wake();
    },
    watch: (pks) => {
      let { promise, resolve } = Promise.withResolvers<void>();
      const wake = (): void => resolve();
      for (const pk of pks) {
        const set = watchers.get(pk) ?? new Set();
        watchers.set(pk, set.add(wake));
      }
      return {
        changed: () => promise,
        reset: () => {
          ({ promise, resolve } = Promise.withResolvers<void>());
        },
        stop: () => {
          for (const pk of pks) {
            const set = watchers.get(pk);
            set?.delete(wake);
            if (set?.size === 0) watchers.delete(pk);
          }
        },
      };
    },
  };
};
