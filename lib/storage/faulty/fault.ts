/**
 * What can go wrong with a call to a store, as data. A plan looks at each call and names its fault;
 * `inject.ts` makes it happen around a real store, so that nothing is ever mocked.
 *
 *                    applied?         told
 *   refuse           no               StoreError, effect none
 *   fail             no               StoreError, effect unknown
 *   loseAnswer       yes              StoreError, effect unknown
 *   denySuccess      yes              ConditionFailed, BlobExists: something on the way sent it twice
 *   late             after `lateMs`   StoreError timeout, at once
 *   repeat           yes, and again after `repeatMs`, when nobody waits any more
 *   delay            yes              the truth, slowly
 *   stale            –                a read: what this store answered for the key before
 *   damage           –                an object's bytes cut short, flipped, or the object missing
 *   stop             if `applied`     the process is dead: nothing, or `Crashed`
 *
 * Any of them can be slow as well: `beforeMs` passes before the store is asked, `afterMs` before the
 * answer is given.
 */
import type { Conditions, Item, ItemKey, Update } from '../algebra.ts';
import type { ItemStore } from '../ports.ts';

interface Slow {
  readonly beforeMs?: number;
  readonly afterMs?: number;
}

/** What a dead process's callers see: a promise that never settles, or one that rejects with `Crashed`. */
export type StopAnswer = 'never' | 'crashed';

export type Fault = Slow &
  (
    | { readonly kind: 'refuse'; readonly reason: 'throttled' | 'denied' }
    | { readonly kind: 'fail'; readonly reason: 'unavailable' | 'timeout' | 'full' }
    | { readonly kind: 'loseAnswer'; readonly reason: 'unavailable' | 'timeout' }
    | { readonly kind: 'denySuccess' }
    | { readonly kind: 'late'; readonly lateMs: number }
    | { readonly kind: 'repeat'; readonly repeatMs: number }
    | { readonly kind: 'delay' }
    | { readonly kind: 'stale' }
    | {
        readonly kind: 'damage';
        readonly how: 'truncate' | 'flip' | 'missing';
        /** Where in the bytes, 0 ≤ at < 1. */
        readonly at: number;
      }
    | { readonly kind: 'stop'; readonly applied: boolean; readonly answer: StopAnswer }
  );

export type FaultKind = Fault['kind'];

export interface ItemCall {
  readonly port: 'items';
  readonly verb: keyof ItemStore;
  /** Running number of this store's calls, from 1. */
  readonly n: number;
  /** Of a query: its lower end. */
  readonly keys: readonly ItemKey[];
  /** Of a read: whether it has to be fresh. */
  readonly consistent?: boolean;
  readonly update?: Update;
  readonly item?: Item;
  readonly conditions?: Conditions | undefined;
}

export interface BlobCall {
  readonly port: 'blobs';
  readonly verb: 'put' | 'get' | 'list' | 'delete';
  /** Running number of this store's calls, from 1. */
  readonly n: number;
  /** Of a list: its prefix. */
  readonly keys: readonly string[];
  /** Of a put. */
  readonly sizeBytes?: number;
}

export type StoreCall = ItemCall | BlobCall;

/** Names the fault of each call; one plan shared by an item and a blob store sees a process's calls in order. */
export interface FaultPlan {
  (call: StoreCall): Fault | undefined;
  /** Told of each item write that was evaluated, with the size of the item it met or made. */
  readonly observe?: (call: ItemCall, itemBytes: number) => void;
  /** Set once the process is dead: calls under way get no other answer either. */
  readonly stopped?: () => StopAnswer | undefined;
}

/** The process that made this call is dead. No code under test may handle it. */
export class Crashed extends Error {
  override readonly name = 'Crashed';

  constructor() {
    super('the process stopped here');
  }
}

const READS: ReadonlySet<string> = new Set(['get', 'getMany', 'query', 'due', 'list']);

/** Whether the call changes nothing in the store. */
export const isRead = (call: StoreCall): boolean => READS.has(call.verb);

/** Whether `kind` means anything for `call`; a fault that does not is passed over, and not counted. */
export const canHappen = (kind: FaultKind, call: StoreCall): boolean => {
  switch (kind) {
    case 'repeat':
    case 'late':
      return !isRead(call);
    case 'denySuccess':
      return call.port === 'items' ? !isRead(call) : call.verb === 'put';
    case 'stale':
      return call.port === 'items' && call.consistent === false;
    case 'damage':
      return call.port === 'blobs' && call.verb === 'get';
    default:
      return true;
  }
};
