/** Until when a message may wait: for what is known of its topic, for room, for those before it. */
import { StratalogError } from '../../model/errors.ts';
import type { Runtime } from '../../model/runtime.ts';

export interface Deadline {
  readonly bornMs: number;
  /** 0: it has passed. */
  leftMs(): number;
  /** What to say then of a message that was not sent; `reason` completes “…, because”. */
  passed(reason: string): StratalogError;
  /** `work`, as long as there is time. @throws REQUEST_TIMED_OUT, and what `work` throws */
  bound<T>(work: Promise<T>, reason: string): Promise<T>;
  /** Aborts when there is no time any more, and when `other` does; `end` it when nobody listens. */
  signal(other?: AbortSignal): { readonly signal: AbortSignal; end(): void };
}

/** What to say of a message that was not sent in time; `reason` completes “…, because”. */
export const overdue = (deliveryTimeoutMs: number, reason: string): StratalogError =>
  new StratalogError(
    'REQUEST_TIMED_OUT',
    `The message was not sent within ${deliveryTimeoutMs} ms, because ${reason}. Raise deliveryTimeoutMs, or send less.`,
    { context: { deliveryTimeoutMs } },
  );

/** For messages that are sent now. */
export const deadlineOf = (
  runtime: Pick<Runtime, 'monotonicMs' | 'sleep'>,
  deliveryTimeoutMs: number,
): Deadline => {
  const bornMs = runtime.monotonicMs();
  const leftMs = () => Math.max(0, bornMs + deliveryTimeoutMs - runtime.monotonicMs());
  const passed = (reason: string) => overdue(deliveryTimeoutMs, reason);
  return {
    bornMs,
    leftMs,
    passed,
    bound: async (work, reason) => {
      const done = new AbortController();
      const late = runtime.sleep(leftMs(), done.signal).then(() => {
        if (done.signal.aborted) return work;
        throw passed(reason);
      });
      try {
        return await Promise.race([work, late]);
      } finally {
        done.abort();
      }
    },
    signal: (other) => {
      const ending = new AbortController();
      const end = () => {
        other?.removeEventListener('abort', end);
        ending.abort();
      };
      other?.addEventListener('abort', end, { once: true });
      if (other?.aborted) end();
      else void runtime.sleep(leftMs(), ending.signal).then(end);
      return { signal: ending.signal, end };
    },
  };
};
