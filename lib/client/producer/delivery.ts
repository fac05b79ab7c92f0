/** One `send`: what becomes of each of its messages, and of the promise that the caller holds. */
import { StratalogError } from '../../model/errors.ts';
import { cancelled } from '../transport.ts';

/** Where a message is in the log. */
export interface RecordMetadata {
  readonly topic: string;
  readonly partition: number;
  /** −1: it is in the log, and the service can no longer tell where. */
  readonly offset: number;
}

/** What became of one message of a `send` that failed. */
export type SendOutcome =
  | (RecordMetadata & { readonly error?: never })
  | { readonly topic: string; readonly partition: number; readonly error: StratalogError };

/**
 * Some messages of a `send` were not written, or nobody knows. The code is that of the first of them;
 * the effect is `none` when no message at all was written, so that all may be sent again.
 */
export class SendError extends StratalogError {
  /** One per message, in order. */
  readonly outcomes: readonly SendOutcome[];

  constructor(first: StratalogError, outcomes: readonly SendOutcome[]) {
    const failed = outcomes.filter(({ error }) => error !== undefined);
    const isUnknown = outcomes.some(({ error }) => error?.effect !== 'none');
    const prefix =
      outcomes.length === 1
        ? ''
        : `${failed.length} of ${outcomes.length} messages failed, the first one so: `;
    super(first.code, `${prefix}${first.message}`, {
      context: first.context,
      effect: isUnknown ? 'unknown' : 'none',
      cause: first,
    });
    this.outcomes = outcomes;
  }
}

export interface Delivery {
  readonly promise: Promise<readonly RecordMetadata[]>;
  /** Whether the caller has got an answer; what still happens interests nobody. */
  readonly isOver: boolean;
  /** Message number `index` is about to be sent: from now on a cancellation comes too late for it. */
  sent(): void;
  settle(index: number, outcome: SendOutcome): void;
  /** Ends it as a whole. */
  fail(error: StratalogError): void;
  /** Ends it because the caller says so; tells whether anything may have been written. */
  cancel(reason: unknown): void;
}

/** A delivery of `count` messages, at least one. */
export const delivery = (count: number): Delivery => {
  let resolve!: (records: readonly RecordMetadata[]) => void;
  let reject!: (error: StratalogError) => void;
  const promise = new Promise<readonly RecordMetadata[]>((...both) => {
    [resolve, reject] = both;
  });
  const outcomes = new Array<SendOutcome | undefined>(count);
  let open = count;
  let isOver = false;
  let wasSent = false;
  const end = (how: () => void) => {
    if (isOver) return;
    isOver = true;
    how();
  };

  return {
    promise,
    get isOver() {
      return isOver;
    },
    sent: () => {
      wasSent = true;
    },
    settle: (index, outcome) => {
      if (outcomes[index] !== undefined) return;
      outcomes[index] = outcome;
      open -= 1;
      if (open > 0) return;
      const all = outcomes as readonly SendOutcome[];
      const first = all.find(({ error }) => error !== undefined)?.error;
      end(() =>
        first === undefined
          ? resolve(all as readonly RecordMetadata[])
          : reject(new SendError(first, all)),
      );
    },
    fail: (error) => end(() => reject(error)),
    cancel: (reason) => end(() => reject(cancelled(wasSent, reason))),
  };
};
