/**
 * Gate: whether the code of a process runs. Whatever would go on in it passes the gate first.
 *
 *   open     goes on
 *   held     waits, in order, until all who hold it have let go: the process sleeps
 *   dead     never goes on
 */
export interface Gate {
  readonly isDead: boolean;
  /** Resolves when the process runs; undefined: it does, no need to wait. Never, once it is dead. */
  pass(): Promise<void> | undefined;
  /** The process sleeps until as many releases. */
  hold(): void;
  release(): void;
  /** Nothing runs any more. */
  kill(): void;
}

export const makeGate = (): Gate => {
  let holds = 0;
  let isDead = false;
  let waiting: (() => void)[] = [];
  return {
    get isDead() {
      return isDead;
    },
    pass() {
      if (holds === 0 && !isDead) return undefined;
      return new Promise((resolve) => {
        if (!isDead) waiting.push(resolve);
      });
    },
    hold() {
      holds += 1;
    },
    release() {
      holds -= 1;
      if (holds > 0 || isDead) return;
      const awake = waiting;
      waiting = [];
      for (const go of awake) go();
    },
    kill() {
      isDead = true;
      waiting = [];
    },
  };
};
