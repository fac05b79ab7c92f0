/**
 * What a run that is not let in is answered.
 *
 * A duplicate gets the offset it was given when it was first appended, as long as its entry is in the
 * tail or in the newest rows; a producer that repeats itself does so within its last few batches. Where it
 * names the end that it expected, the rows there are looked at, however much has been appended since.
 */
import { StratalogError } from '../../model/errors.ts';
import type { PartitionRef } from '../../model/ids.ts';
import { DUPLICATE_SEARCH_ROWS } from '../../model/limits.ts';
import { chunkSortKey, readChunk } from '../../storage/keys/chunk.ts';
import { type Head, partitionKey } from '../../storage/keys/head.ts';
import type { ItemStore } from '../../storage/ports.ts';
import { decodeEntry } from '../entry.ts';
import { type Refusal, sequencesAfter } from '../rank.ts';
import { unexpectedEnd } from './failures.ts';
import type { Verdict } from './group.ts';
import type { ProducerSequence, Run, RunOutcome } from './run.ts';

/** The outcome of a refused run. */
export const refuseRun = async (
  items: ItemStore,
  ref: PartitionRef,
  run: Run,
  verdict: Verdict,
  head: Head,
): Promise<RunOutcome> =>
  verdict.kind === 'unexpected-end'
    ? { error: unexpectedEnd(ref, verdict.expectedEnd, verdict.logEndOffset) }
    : refuseSequence(items, ref, run, verdict, head);

const refuseSequence = async (
  items: ItemStore,
  ref: PartitionRef,
  run: Run,
  verdict: Refusal,
  head: Head,
): Promise<RunOutcome> => {
  const producer = run.producer!;
  const context = {
    partition: ref.partition,
    producerId: producer.producerId,
    producerEpoch: producer.producerEpoch,
    sequence: producer.firstSequence,
  };
  switch (verdict.kind) {
    case 'old-epoch':
      return {
        error: new StratalogError(
          'INVALID_PRODUCER_EPOCH',
          `Producer ${producer.producerId} wrote with epoch ${producer.producerEpoch}, but epoch ${verdict.current} has taken its place. Ask for a new epoch.`,
          { context: { ...context, currentEpoch: verdict.current } },
        ),
      };
    case 'out-of-order':
      return {
        error: new StratalogError(
          'OUT_OF_ORDER_SEQUENCE_NUMBER',
          `Producer ${producer.producerId} sent sequence ${producer.firstSequence}; partition ${ref.partition} expects ${verdict.expected}. Send the missing batches first.`,
          { context: { ...context, expectedSequence: verdict.expected } },
        ),
      };
    case 'duplicate': {
      // It is in the log; rows that cannot be read now do not change that.
      const baseOffset = await originalOffset(items, ref, run, head).catch(() => undefined);
      if (baseOffset !== undefined) return { baseOffset, logStartOffset: head.start };
      return {
        error: new StratalogError(
          'DUPLICATE_SEQUENCE_NUMBER',
          `Sequence ${producer.firstSequence} of producer ${producer.producerId} is in the log already; its offset can no longer be told.`,
          { context, effect: 'unknown' },
        ),
      };
    }
  }
};

const originalOffset = async (
  items: ItemStore,
  ref: PartitionRef,
  run: Run,
  head: Head,
): Promise<number | undefined> => {
  const producer = run.producer!;
  const inTail = offsetOfSequence(producer, head.tail, head.tailStart);
  if (inTail !== undefined || head.tailStart === 0) return inTail;
  const newest = head.tailStart - 1;
  const last = Math.max(head.sealed, Math.min(newest, run.expectedEnd ?? newest));
  const rows = await items.query(partitionKey(ref), chunkSortKey(head.sealed), chunkSortKey(last), {
    reverse: true,
    limit: DUPLICATE_SEARCH_ROWS,
  });
  for (const row of rows) {
    const chunk = readChunk(row);
    const found = offsetOfSequence(producer, chunk.entries, chunk.base);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** The newest entry that holds all of the producer's range tells the offset; told in parts, it has several. */
const offsetOfSequence = (
  { producerId, producerEpoch, firstSequence, recordCount }: ProducerSequence,
  entries: readonly Uint8Array[],
  base: number,
): number | undefined => {
  let offset = base;
  let found: number | undefined;
  for (const bytes of entries) {
    const entry = decodeEntry(bytes);
    if (entry.producer?.id === producerId && entry.producer.epoch === producerEpoch) {
      const within = sequencesAfter(entry.producer.firstSequence, firstSequence);
      if (within + recordCount <= entry.recordCount) found = offset + within;
    }
    offset += entry.recordCount;
  }
  return found;
};
