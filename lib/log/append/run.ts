/**
 * Run: what one append call asks for, in the pieces that stand or fall alone.
 *
 * A batch of an idempotent producer is a run of its own (it may be a duplicate while its neighbour is
 * not); batches without a producer that arrive together are one run. What is to be appended at an
 * expected end is one run as a whole.
 */
import { StratalogError } from '../../model/errors.ts';
import type { BatchInfo } from '../../record/validate.ts';
import { advanceSequence, type SequenceRange } from '../rank.ts';

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
  /** The only offset at which it may be appended; undefined: any. */
  readonly expectedEnd: number | undefined;
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
  'bytes' | 'batchRecords' | 'recordCount' | 'maxTimestamp' | 'producer' | 'expectedEnd'
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
    const run = contentOf(bytes.subarray(position), batches.slice(first, next));
    runs.push(run);
    position += run.bytes.length;
    first = next;
  }
  return runs;
};

/**
 * Validated batches as one run, which is appended at `expectedEnd` or not at all.
 * @throws INVALID_REQUEST when `expectedEnd` is no offset, or the batches are not one row of one producer
 */
export const runAtEnd = (
  bytes: Uint8Array,
  batches: readonly BatchInfo[],
  expectedEnd: number,
): RunContent => {
  if (!Number.isSafeInteger(expectedEnd) || expectedEnd < 0) {
    throw new StratalogError(
      'INVALID_REQUEST',
      `expectedEnd is ${expectedEnd}; it is the offset at which the partition ends, a whole number from 0 to ${Number.MAX_SAFE_INTEGER}.`,
      { context: { expectedEnd } },
    );
  }
  return { ...wholeRun(bytes, batches), expectedEnd };
};

/**
 * Validated batches as one run, which is appended whole or not at all.
 * @throws INVALID_REQUEST when the batches are not one row of one producer
 */
export const wholeRun = (bytes: Uint8Array, batches: readonly BatchInfo[]): RunContent => {
  const odd = batches.findIndex(
    (batch, index) => index > 0 && !follows(batches[index - 1]!, batch),
  );
  if (odd > 0) {
    throw new StratalogError(
      'INVALID_REQUEST',
      `Batches that stand or fall together, as with expectedEnd, are either without a producer or of one producer and epoch with one sequence after the other; batch ${odd + 1} of ${batches.length} does not go on from the one before it.`,
      { context: { batch: odd } },
    );
  }
  return contentOf(bytes, batches);
};

/** Whether `next` goes on where `last` stops. */
const follows = (last: BatchInfo, next: BatchInfo): boolean =>
  last.producerId === next.producerId &&
  (last.producerId < 0 ||
    (last.producerEpoch === next.producerEpoch &&
      advanceSequence(last.baseSequence, last.recordCount) === next.baseSequence));

/** A run of `batches`, which `bytes` begins with. */
const contentOf = (bytes: Uint8Array, batches: readonly BatchInfo[]): RunContent => {
  const lead = batches[0]!;
  const sizeBytes = batches.reduce((sum, batch) => sum + batch.sizeBytes, 0);
  const recordCount = batches.reduce((sum, batch) => sum + batch.recordCount, 0);
  return {
    bytes: bytes.subarray(0, sizeBytes),
    batchRecords: batches.map((batch) => batch.recordCount),
    recordCount,
    maxTimestamp: batches.reduce((max, batch) => Math.max(max, batch.maxTimestamp), -1),
    producer:
      lead.producerId < 0
        ? undefined
        : {
            producerId: lead.producerId,
            producerEpoch: lead.producerEpoch,
            firstSequence: lead.baseSequence,
            recordCount,
          },
    expectedEnd: undefined,
  };
};
