/**
 * Producer ids, no one of them ever given twice.
 *
 *   counter    0 ── add 1,000 ──► 1000 ── add 1,000 ──► 2000 …
 *   process A  ids 0 … 999, from memory
 *   process B                     ids 1000 … 1999
 *
 * An `add` needs no condition: whoever is told the counter's new value owns the block below it, and
 * nobody else is told that value. A lost answer, a late or a doubled copy wastes a block, no more.
 */
import { PRODUCER_ID_BLOCK, STORE_PATIENCE_MS } from '../model/limits.ts';
import type { Runtime } from '../model/runtime.ts';
import { add, set } from '../storage/algebra.ts';
import { COUNTER_VERSION, counterValue, PRODUCER_IDS_KEY } from '../storage/keys/counter.ts';
import { retrying } from '../storage/patience.ts';
import { ConditionFailed, type ItemStore, StoreError } from '../storage/ports.ts';

export interface ProducerIds {
  /** An id that nobody was given before. @throws StoreError; then none was given */
  next(): Promise<number>;
}

/** The ids that one process gives; its callers share a block, and the fetch of the next. */
export const createProducerIds = (items: ItemStore, runtime: Runtime): ProducerIds => {
  let nextId = 0;
  let blockEnd = 0;
  let fetching: Promise<void> | undefined;

  const fetchBlock = async (): Promise<void> => {
    const deadlineMs = runtime.monotonicMs() + STORE_PATIENCE_MS;
    const end = await retrying(runtime, deadlineMs, () => takeBlock(items));
    nextId = end - PRODUCER_ID_BLOCK;
    blockEnd = end;
  };

  return {
    async next() {
      while (nextId >= blockEnd) {
        fetching ??= fetchBlock().finally(() => {
          fetching = undefined;
        });
        await fetching;
      }
      return nextId++;
    },
  };
};

/** The end of a block that is ours. */
const takeBlock = async (items: ItemStore): Promise<number> => {
  try {
    const counter = await items.update(PRODUCER_IDS_KEY, {
      change: [set('v', COUNTER_VERSION), add('value', PRODUCER_ID_BLOCK)],
    });
    return counterValue(counter);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    // There is no condition: something on the way doubted a call that may have been made. Its block is lost.
    throw new StoreError('unavailable', 'the answer of the counter was lost', { cause: error });
  }
};
