/**
 * Run: what one append call asks for, in the pieces that stand or fall alone.
 *
 * A batch of an idempotent producer is a run of its own (it may be a duplicate while its neighbour is
 * not); batches without a producer that arrive together are one run.
 */
import type { StratalogError } from '../../model/errors.ts';
import type { BatchInfo } from '../../record/validate.ts';
import type { SequenceRange } from '../rank.ts';

/** An idempotent producer's share of a run. */
export interface ProducerSequence extends SequenceRange {
  readonly producerId: number;
}

/** Where the bytes of a run are, once they are durable. */
export interface WalPlace {
  readonly objectId: Uint8Array;
  readonly position: number;
}

export interface Run {
  /** Whole record batches, back to back. */
  readonly bytes: Uint8Array;
  /** Records of each batch, in order. */
  readonly batchRecords: readonly number[];
  readonly recordCount: number;
  /** ms; −1 when no record has one. */
  readonly maxTimestamp: number;
  readonly producer: ProducerSequence | undefined;
  /** Order of arrival in this process: a view of the head begun later than this is fresh for it. */
  readonly arrival: number;
  /** By `Runtime.monotonicMs`. */
  readonly deadlineMs: number;
  /** Called once, with the offset of the first record, or why there is none. */
  readonly settle: (outcome: RunOutcome) => void;
}

/** Offset of the first record, with the log start offset then; or why the run is not known to be in the log. */
export type RunOutcome =
  | { readonly baseOffset: number; readonly logStartOffset: number }
  | { readonly error: StratalogError };

/** Bytes and facts of a run, before it is waited for. */
export type RunContent = Pick<
  Run,
  'bytes' | 'batchRecords' | 'recordCount' | 'maxTimestamp' | 'producer'
>;

/** Splits validated batches, back to back in `bytes`, into runs. */
export const splitIntoRuns = (
  bytes: Uint8Array,
  batches: readonly BatchInfo[],
): readonly RunContent[] => {
  const runs: RunContent[] = [];
  let position = 0;
  for (let first = 0; first < batches.length; ) {
    const lead = batches[first]!;
    let next = first + 1;
    if (lead.producerId < 0) {
      while (next < batches.length && batches[next]!.producerId < 0) next++;
    }
    const members = batches.slice(first, next);
    const sizeBytes = members.reduce((sum, batch) => sum + batch.sizeBytes, 0);
    const recordCount = members.reduce((sum, batch) => sum + batch.recordCount, 0);
    runs.push({
      bytes: bytes.subarray(position, position + sizeBytes),
      batchRecords: members.map((batch) => batch.recordCount),
      recordCount,
      maxTimestamp: members.reduce((max, batch) => Math.max(max, batch.maxTimestamp), -1),
      producer:
        lead.producerId < 0
          ? undefined
          : {
              producerId: lead.producerId,
              producerEpoch: lead.producerEpoch,
              firstSequence: lead.baseSequence,
              recordCount,
            },
    });
    position += sizeBytes;
    first = next;
  }
  return runs;
};
