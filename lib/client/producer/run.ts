/**
 * A run: messages that go to one partition as one, normally as one record batch.
 *
 *          append …            linger is over,            answered
 *   open ───────────▶ open ──── full, flushed ─▶ in flight ─────────▶ written
 *                                                 ▲    │ ╲
 *                            after a pause, with  │    │  ╲ refused, given up
 *                            the same bytes       └────┘   ▶ failed
 *
 * Its bytes are made when it is first sent, and kept: sent again they are the same bytes, under the
 * same identity and sequence. Until then messages may join it, and those that were cancelled leave it.
 */
import { StratalogError } from '../../model/errors.ts';
import type { Compressor } from '../../record/compression/compressor.ts';
import { encodeBatch } from '../../record/encode.ts';
import type { RecordInput } from '../../record/record.ts';
import type { Delivery, SendOutcome } from './delivery.ts';
import type { Identity } from './identity.ts';
import { BATCH_OVERHEAD_BYTES } from './message.ts';

/** A message in a run. */
export interface Entry {
  readonly record: RecordInput;
  /** What it takes in a batch, at most. */
  readonly sizeBytes: number;
  /** When it was sent by the program. */
  readonly bornMs: number;
  /** The `send` it belongs to. */
  readonly delivery: Delivery;
  /** Tells what became of it, and gives its room back; called once. */
  readonly settle: (outcome: SendOutcome) => void;
}

interface EncodedBatch {
  readonly bytes: Uint8Array;
  readonly recordCount: number;
}

/** One run and what is known of it. Only the dispatcher changes it. */
export interface Run {
  entries: Entry[];
  /** Of the batch, at most, before compression. */
  sizeBytes: number;
  /** When the first of its messages was sent by the program. */
  readonly bornMs: number;
  /** Goes alone, and only if the partition ends here. */
  readonly expectedEnd: number | undefined;
  /** Whether it is to be sent as soon as its partition is free. */
  isDue: boolean;
  attempts: number;
  /** Whether an attempt may have been written, as far as the answers tell. */
  mayBeWritten: boolean;
  wasRenewed: boolean;
  encoded: readonly EncodedBatch[] | undefined;
}

/** A run of at least one message, none of which was sent. With `expectedEnd` it waits for nothing. */
export const newRun = (entries: Entry[], expectedEnd?: number): Run => ({
  entries,
  sizeBytes: entries.reduce((sum, entry) => sum + entry.sizeBytes, BATCH_OVERHEAD_BYTES),
  bornMs: entries[0]!.bornMs,
  expectedEnd,
  isDue: expectedEnd !== undefined,
  attempts: 0,
  mayBeWritten: false,
  wasRenewed: false,
  encoded: undefined,
});

/** Whether `entry` may join: nothing of the run was sent, and the batch stays within `targetBytes`. */
export const hasRoomFor = (run: Run, entry: Entry, targetBytes: number): boolean =>
  run.attempts === 0 &&
  run.encoded === undefined &&
  run.expectedEnd === undefined &&
  run.sizeBytes + entry.sizeBytes <= targetBytes;

/** Whether anybody still waits for one of its messages. */
export const isWanted = ({ entries }: Run): boolean =>
  entries.some(({ delivery }) => !delivery.isOver);

/** Takes messages out of a run that was not sent yet, and answers them. */
export const withdrawFrom = (run: Run, isMeant: (entry: Entry) => boolean): readonly Entry[] => {
  const withdrawn = run.entries.filter(isMeant);
  if (withdrawn.length === 0) return withdrawn;
  run.entries = run.entries.filter((entry) => !isMeant(entry));
  for (const { sizeBytes } of withdrawn) run.sizeBytes -= sizeBytes;
  run.encoded = undefined;
  return withdrawn;
};

/** Sequences are int32s from 0 on, and go round. */
const SEQUENCES = 2 ** 31;

export const sequenceAfter = (sequence: number, count: number): number =>
  (sequence + count) % SEQUENCES;

/** Entries of each batch: one batch, but for a long run that must stay together. */
const batchesOf = (
  { entries, expectedEnd }: Run,
  targetBytes: number,
): readonly (readonly Entry[])[] => {
  if (expectedEnd === undefined) return [entries];
  const batches: Entry[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const entry of entries) {
    if (size + entry.sizeBytes > targetBytes) {
      batches.push([]);
      size = BATCH_OVERHEAD_BYTES;
    }
    batches.at(-1)!.push(entry);
    size += entry.sizeBytes;
  }
  return batches;
};

export interface EncodeOptions {
  readonly targetBytes: number;
  readonly compressor: Compressor | undefined;
  /** Absent: not idempotent. */
  readonly identity: Identity | undefined;
  /** Of the first record. */
  readonly sequence: number;
}

/** Makes the run's bytes, unless they are there. */
export const encodeRun = (run: Run, options: EncodeOptions): readonly EncodedBatch[] => {
  const { targetBytes, compressor, identity } = options;
  let baseSequence = options.sequence;
  run.encoded ??= batchesOf(run, targetBytes).map((entries) => {
    const bytes = encodeBatch(
      entries.map(({ record }) => record),
      {
        ...(compressor === undefined ? {} : { compressor }),
        ...(identity === undefined ? {} : { producer: { ...identity, baseSequence } }),
      },
    );
    baseSequence = sequenceAfter(baseSequence, entries.length);
    return { bytes, recordCount: entries.length };
  });
  return run.encoded;
};

/** Two runs of half the messages each, in their order. */
export const halvesOf = ({ entries, wasRenewed }: Run): readonly [Run, Run] => {
  const middle = Math.ceil(entries.length / 2);
  const half = (from: number, to: number): Run => ({
    ...newRun(entries.slice(from, to)),
    isDue: true,
    wasRenewed,
  });
  return [half(0, middle), half(middle, entries.length)];
};

/** The run was written: its batches begin at these offsets (−1: not told). */
export const tellWritten = (
  { entries, encoded = [] }: Run,
  topic: string,
  partition: number,
  baseOffsets: readonly number[],
): void => {
  let at = 0;
  for (const [i, { recordCount }] of encoded.entries()) {
    const base = baseOffsets[i] ?? -1;
    for (let k = 0; k < recordCount; k++) {
      entries[at++]!.settle({ topic, partition, offset: base < 0 ? -1 : base + k });
    }
  }
};

/** The run failed for good; where an attempt may have been written nobody knows its fate. */
export const tellFailed = (
  { entries, mayBeWritten }: Run,
  topic: string,
  partition: number,
  cause: StratalogError,
): void => {
  const isLate = mayBeWritten && cause.effect === 'none';
  const error = isLate
    ? new StratalogError(
        cause.code,
        `${cause.message} An earlier attempt may have been written all the same.`,
        { context: cause.context, effect: 'unknown', cause },
      )
    : cause;
  for (const { settle } of entries) settle({ topic, partition, error });
};
