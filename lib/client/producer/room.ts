/** Room for messages that are not written yet: who finds none waits, first come, first served. */

export interface Room {
  /** Takes room if there is some, and nobody waits. A message larger than all of it gets it alone. */
  tryTake(sizeBytes: number): boolean;
  /** Waits for room and takes it; false when `signal` aborted first. */
  take(sizeBytes: number, signal?: AbortSignal): Promise<boolean>;
  release(sizeBytes: number): void;
}

interface Waiter {
  readonly sizeBytes: number;
  readonly end: (granted: boolean) => void;
}

/** @param maxBytes what is held at most, but for one message that is larger */
export const newRoom = (maxBytes: number): Room => {
  let heldBytes = 0;
  let waiters: Waiter[] = [];
  const hasRoom = (sizeBytes: number) => heldBytes === 0 || heldBytes + sizeBytes <= maxBytes;

  const letIn = () => {
    for (let next = waiters[0]; next && hasRoom(next.sizeBytes); next = waiters[0]) {
      waiters.shift();
      heldBytes += next.sizeBytes;
      next.end(true);
    }
  };

  return {
    tryTake: (sizeBytes) => {
      if (waiters.length > 0 || !hasRoom(sizeBytes)) return false;
      heldBytes += sizeBytes;
      return true;
    },
    take: (sizeBytes, signal) =>
      new Promise((resolve) => {
        const leave = () => {
          waiters = waiters.filter((other) => other !== waiter);
          waiter.end(false);
          // Those behind it may need less.
          letIn();
        };
        const waiter: Waiter = {
          sizeBytes,
          end: (granted) => {
            signal?.removeEventListener('abort', leave);
            resolve(granted);
          },
        };
        waiters.push(waiter);
        if (signal?.aborted) leave();
        else {
          signal?.addEventListener('abort', leave, { once: true });
          letIn();
        }
      }),
    release: (sizeBytes) => {
      heldBytes -= sizeBytes;
      letIn();
    },
  };
};
