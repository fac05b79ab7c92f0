/**
 * A partition as it is meant to be: an array of batches, and what each producer wrote. Written for the
 * tests alone; nothing of `lib/log` or `lib/record` is in here.
 */
import type { Failure, ReadRecord } from './answers.ts';
import type { BatchRecord, BatchSpec, ProducerSpec } from './calls.ts';

/** A batch in the log. */
export interface ModelBatch {
  readonly base: number;
  /** The append that it came by; those of one append may be kept, and deleted, as one. */
  append: number;
  readonly sizeBytes: number;
  readonly records: readonly ReadRecord[];
}

/** Batches that a producer's sequence numbers were given to. */
interface Written {
  readonly first: number;
  readonly count: number;
  readonly base: number;
}

interface ModelProducer {
  epoch: number;
  next: number;
  /** Of the epoch. */
  readonly written: Written[];
}

export interface ModelPartition {
  readonly batches: ModelBatch[];
  readonly producers: Map<number, ModelProducer>;
  start: number;
  end: number;
  appends: number;
}

export const newPartition = (): ModelPartition => ({
  batches: [],
  producers: new Map(),
  start: 0,
  end: 0,
  appends: 0,
});

// ── sizes, as Kafka's message format has them ────────────────────────────────────────────────────

/** Bytes of a zigzag varint. */
const varint = (value: number): number => {
  let left = value < 0 ? -2 * value - 1 : 2 * value;
  let bytes = 1;
  for (; left >= 128; left = Math.floor(left / 128)) bytes++;
  return bytes;
};

const bytesBytes = (bytes: string | null): number =>
  bytes === null ? varint(-1) : varint(bytes.length) + bytes.length;

const recordBytes = (record: BatchRecord, index: number, base: number): number => {
  const { key, value, headers, timestamp } = record;
  const body =
    1 +
    varint(timestamp - base) +
    varint(index) +
    bytesBytes(key) +
    bytesBytes(value) +
    varint(headers.length) +
    headers.reduce((sum, [name, text]) => {
      const nameBytes = Buffer.byteLength(name);
      return sum + varint(nameBytes) + nameBytes + bytesBytes(text);
    }, 0);
  return varint(body) + body;
};

const HEADER_BYTES = 61;

/** Bytes of a batch that is not compressed. */
export const batchBytes = (records: readonly BatchRecord[]): number =>
  records.reduce(
    (sum, record, index) => sum + recordBytes(record, index, records[0]!.timestamp),
    HEADER_BYTES,
  );

// ── append ───────────────────────────────────────────────────────────────────────────────────────

/** @param logAppendTime −1: records keep their own time */
const push = (
  partition: ModelPartition,
  records: readonly BatchRecord[],
  logAppendTime: number,
): number => {
  const base = partition.end;
  const sizeBytes = batchBytes(records);
  partition.batches.push({
    base,
    append: partition.appends,
    sizeBytes,
    records: records.map(({ key, value, headers, timestamp }, index) => ({
      offset: base + index,
      timestamp: logAppendTime < 0 ? timestamp : logAppendTime,
      key,
      value,
      headers,
    })),
  });
  partition.end += records.length;
  return base;
};

/** What became of one batch: where it begins, or why it was refused. */
export type BatchOutcome = number | Failure;

/** What a range of sequences that is not the next one is answered. */
export const refusalOf = (
  partition: ModelPartition,
  { producerId, producerEpoch, baseSequence }: ProducerSpec,
  count: number,
): BatchOutcome | undefined => {
  const known = partition.producers.get(producerId);
  if (known === undefined || producerEpoch > known.epoch) {
    return baseSequence === 0
      ? undefined
      : { code: 'OUT_OF_ORDER_SEQUENCE_NUMBER', effect: 'none', expectedSequence: 0 };
  }
  if (producerEpoch < known.epoch) {
    return { code: 'INVALID_PRODUCER_EPOCH', effect: 'none', currentEpoch: known.epoch };
  }
  if (baseSequence === known.next) return undefined;
  if (baseSequence + count > known.next) {
    return {
      code: 'OUT_OF_ORDER_SEQUENCE_NUMBER',
      effect: 'none',
      expectedSequence: known.next,
    };
  }
  const within = known.written.find(
    ({ first, count: all }) => first <= baseSequence && baseSequence + count <= first + all,
  );
  return within === undefined
    ? { code: 'DUPLICATE_SEQUENCE_NUMBER', effect: 'unknown' }
    : within.base + baseSequence - within.first;
};

/** Whether the log ends elsewhere. */
export const unexpectedEnd = (
  { end }: ModelPartition,
  expectedEnd: number | undefined,
): Failure | undefined =>
  expectedEnd === undefined || end === expectedEnd
    ? undefined
    : { code: 'UNEXPECTED_LOG_END', effect: 'none', expectedEnd, logEndOffset: end };

/** Appends batches as one: all of them, or none. */
const appendOne = (
  partition: ModelPartition,
  batches: readonly BatchSpec[],
  logAppendTime: number,
  expectedEnd: number | undefined,
): readonly BatchOutcome[] => {
  const { producer } = batches[0]!;
  const count = batches.reduce((sum, { records }) => sum + records.length, 0);
  // What is in the log already is told so, wherever that ends now.
  const known = producer && refusalOf(partition, producer, count);
  const refused = known ?? unexpectedEnd(partition, expectedEnd);
  if (typeof refused === 'object') return batches.map(() => refused);
  const base = refused ?? partition.end;
  let offset = base;
  const offsets = batches.map(({ records }) => {
    const first = offset;
    offset += records.length;
    return first;
  });
  if (refused !== undefined) return offsets;
  for (const { records } of batches) push(partition, records, logAppendTime);
  if (producer !== undefined) noteWritten(partition, producer, count, base);
  return offsets;
};

const noteWritten = (
  { producers }: ModelPartition,
  { producerId, producerEpoch, baseSequence }: ProducerSpec,
  count: number,
  base: number,
): void => {
  const known = producers.get(producerId);
  const mine =
    known?.epoch === producerEpoch ? known : { epoch: producerEpoch, next: 0, written: [] };
  mine.next += count;
  mine.written.push({ first: baseSequence, count, base });
  producers.set(producerId, mine);
};

/**
 * Appends the batches of a share, each of a producer by itself, those of no producer, and all where an
 * end is expected, as one.
 */
export const appendBatches = (
  partition: ModelPartition,
  batches: readonly BatchSpec[],
  logAppendTime: number,
  expectedEnd?: number,
): readonly BatchOutcome[] => {
  partition.appends += 1;
  const asOne = expectedEnd !== undefined || batches[0]!.producer === undefined;
  return asOne
    ? appendOne(partition, batches, logAppendTime, expectedEnd)
    : batches.flatMap((batch) => appendOne(partition, [batch], logAppendTime, undefined));
};

const endOf = ({ base, records }: ModelBatch): number => base + records.length;

/** Batches that records from `from` on are in. */
export const batchesFrom = ({ batches }: ModelPartition, from: number): readonly ModelBatch[] =>
  batches.filter((batch) => endOf(batch) > from);

/**
 * What the batches may be told to take: those that are not deleted, with as many before them as came by
 * the same append.
 */
export const legalSizes = (log: ModelPartition): readonly number[] => {
  const live = batchesFrom(log, log.start);
  let sizeBytes = live.reduce((sum, batch) => sum + batch.sizeBytes, 0);
  const legal = [sizeBytes];
  const gone = log.batches.filter(
    (batch) => endOf(batch) <= log.start && batch.append === live[0]?.append,
  );
  for (const batch of gone.reverse()) {
    sizeBytes += batch.sizeBytes;
    legal.push(sizeBytes);
  }
  return legal;
};

/** Makes those after append `last` one: what came at once may be kept, and deleted, as one. */
export const joinAppends = (log: ModelPartition, last: number): void => {
  for (const batch of log.batches) {
    if (batch.append > last) batch.append = last + 1;
  }
};

/** The records from `from` on and below `to`. */
export const recordsBetween = (
  { batches }: ModelPartition,
  from: number,
  to: number,
): readonly ReadRecord[] =>
  batches.flatMap(({ records }) => records.filter(({ offset }) => offset >= from && offset < to));
