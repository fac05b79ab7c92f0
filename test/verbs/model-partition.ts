/**
 * A partition as it is meant to be: an array of batches, and what each producer wrote. Written for the
 * tests alone; nothing of `lib/log` or `lib/record` is in here.
 */
import type { Failure, ReadRecord } from './answers.ts';
import type { BatchRecord, BatchSpec, ProducerSpec } from './calls.ts';

/** A batch in the log. */
export interface ModelBatch {
  readonly base: number;
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
  /** Bytes of all batches, also of those that only begin before `start`. */
  sizeBytes: number;
}

export const newPartition = (): ModelPartition => ({
  batches: [],
  producers: new Map(),
  start: 0,
  end: 0,
  sizeBytes: 0,
});

export const copyOf = (partition: ModelPartition): ModelPartition => structuredClone(partition);

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
  partition.sizeBytes += sizeBytes;
  return base;
};

/** What became of one batch: where it begins, or why it was refused. */
export type BatchOutcome = number | Failure;

/** Of the batch of a producer that is not the next one. */
const refusalOf = (
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

/** Appends one batch, as its producer's sequence allows. */
export const appendBatch = (
  partition: ModelPartition,
  { records, producer }: BatchSpec,
  logAppendTime: number,
): BatchOutcome => {
  if (producer === undefined) return push(partition, records, logAppendTime);
  const refused = refusalOf(partition, producer, records.length);
  if (refused !== undefined) return refused;
  const base = push(partition, records, logAppendTime);
  const known = partition.producers.get(producer.producerId);
  const mine =
    known?.epoch === producer.producerEpoch
      ? known
      : { epoch: producer.producerEpoch, next: 0, written: [] };
  mine.next += records.length;
  mine.written.push({ first: producer.baseSequence, count: records.length, base });
  partition.producers.set(producer.producerId, mine);
  return base;
};

/** The records from `from` on and below `to`. */
export const recordsBetween = (
  { batches }: ModelPartition,
  from: number,
  to: number,
): readonly ReadRecord[] =>
  batches.flatMap(({ records }) => records.filter(({ offset }) => offset >= from && offset < to));
