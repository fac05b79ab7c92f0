/**
 * Rank: where an idempotent producer stands, as one number that only grows.
 *
 *   52            38 37      31 30                     0
 *   ┌───────────────┬──────────┬────────────────────────┐
 *   │ epoch 15 bits │ lap 7    │ next sequence 31 bits  │      < 2⁵³: a safe integer
 *   └───────────────┴──────────┴────────────────────────┘
 *
 * Sequences wrap from 2³¹−1 to 0 within an epoch (Kafka, KIP-98); the lap counts the wraps, so that
 * adding a record count to a rank is all there is to it. After 128 laps (2.7·10¹¹ records of one
 * producer epoch in one partition) the lap starts again.
 */
const SEQUENCES = 2 ** 31;
const LAPS = 2 ** 7;
const EPOCH_UNIT = SEQUENCES * LAPS;

/** The sequences of one run of batches. */
export interface SequenceRange {
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly recordCount: number;
}

/** What a partition makes of a sequence range, given the producer's rank there. */
export type SequenceVerdict =
  | { readonly kind: 'next'; readonly rank: number }
  /** All of it is behind what comes next: it is in the log, or was. */
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'out-of-order'; readonly expected: number }
  | { readonly kind: 'old-epoch'; readonly current: number };

/** A verdict that does not let the range in. */
export type Refusal = Exclude<SequenceVerdict, { readonly kind: 'next' }>;

/** The epoch of a rank. */
export const rankEpoch = (rank: number): number => Math.floor(rank / EPOCH_UNIT);

/** The sequence that comes next. */
export const rankSequence = (rank: number): number => rank % SEQUENCES;

const firstRank = (epoch: number): number => epoch * EPOCH_UNIT;

/** `rank` after `recordCount` more records, in the same epoch. */
export const advanceRank = (rank: number, recordCount: number): number => {
  const advanced = rank + recordCount;
  return rankEpoch(advanced) === rankEpoch(rank) ? advanced : advanced - EPOCH_UNIT;
};

/** How far `sequence` is after `first`, over the wrap if need be. */
export const sequencesAfter = (first: number, sequence: number): number =>
  (sequence - first + SEQUENCES) % SEQUENCES;

/** `sequence` + `count`, with Kafka's wrap after 2³¹−1. */
export const advanceSequence = (sequence: number, count: number): number =>
  (sequence + count) % SEQUENCES;

/**
 * Judges `range` by the producer's rank; undefined: the partition does not know the producer.
 * A new producer, or a newer epoch, begins at sequence 0. Half of the sequences lie behind the one that
 * comes next, but in the first lap none above it was ever given.
 */
export const judgeSequence = (rank: number | undefined, range: SequenceRange): SequenceVerdict => {
  const epoch = rank === undefined ? undefined : rankEpoch(rank);
  if (epoch !== undefined && range.producerEpoch < epoch) {
    return { kind: 'old-epoch', current: epoch };
  }
  if (rank === undefined || epoch !== range.producerEpoch) {
    if (range.firstSequence !== 0) return { kind: 'out-of-order', expected: 0 };
    return { kind: 'next', rank: advanceRank(firstRank(range.producerEpoch), range.recordCount) };
  }
  const expected = rankSequence(rank);
  const behind = sequencesAfter(range.firstSequence, expected);
  if (behind === 0) return { kind: 'next', rank: advanceRank(rank, range.recordCount) };
  const wasGiven = range.firstSequence < expected || rank % EPOCH_UNIT >= SEQUENCES;
  if (wasGiven && behind < SEQUENCES / 2 && range.recordCount <= behind) {
    return { kind: 'duplicate' };
  }
  return { kind: 'out-of-order', expected };
};
