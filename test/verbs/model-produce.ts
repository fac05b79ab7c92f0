/** Appends as they are meant to be: records one by one, and batches as they are sent. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';
import { type Answer, type Failure, failureOf, isFailure, together } from './answers.ts';
import { codeOfDamage } from './batches.ts';
import {
  type BatchRecord,
  bytesOf,
  type CallOf,
  type RecordSpec,
  type ShareSpec,
} from './calls.ts';
import { appendBatches, batchBytes, type ModelPartition } from './model-partition.ts';
import { configOf, type Model, type ModelTopic, refused, topicIn, UNKNOWN } from './model-state.ts';

/** Kafka's hash, by another client's hand. */
const murmur2 = createRequire(import.meta.url)(
  'kafkajs/src/producer/partitioners/default/murmur2',
) as (key: Buffer) => number;

const DEFAULT_BATCH_BYTES = 1_048_588;

const maxBatchBytes = (topic: ModelTopic): number => Number(configOf(topic, 'max.message.bytes'));

/** The time that records are given; −1: they keep their own. */
const logAppendTime = (model: Model, topic: ModelTopic): number =>
  configOf(topic, 'message.timestamp.type') === 'LogAppendTime' ? model.now : -1;

// ── records ──────────────────────────────────────────────────────────────────────────────────────

const partitionOf = (record: RecordSpec, partitions: number, chosen: number): number =>
  record.partition ??
  (record.key === null ? chosen : (murmur2(bytesOf(record.key)!) & 0x7fffffff) % partitions);

/** A record of the request, ready for a batch. */
interface Placed {
  readonly record: BatchRecord;
  readonly position: number;
}

/** Where records with neither key nor partition may have gone: one partition for all of them. */
const choicesOf = (
  topic: ModelTopic,
  records: readonly RecordSpec[],
  seen: Answer,
): readonly number[] => {
  const open = records.findIndex(({ key, partition }) => key === null && partition === undefined);
  if (open < 0) return [0];
  if (!Array.isArray(seen)) return [...topic.partitions.keys()];
  const { partition } = seen[open] as { partition: number };
  assert.ok(partition in topic.partitions, 'a partition of the topic is chosen');
  return [partition];
};

export const produceRecords = (
  model: Model,
  call: CallOf<'produceRecords'>,
  seen: Answer,
): Answer => {
  const topic = topicIn(model, call.topic);
  if ('code' in topic) return topic;
  const choices = choicesOf(topic, call.records, seen);
  // Where all failed nobody told which was chosen, and nothing was written.
  for (const chosen of choices.slice(1)) {
    const copy = { ...topic, partitions: structuredClone(topic.partitions) };
    const expected = append(model, copy, call, chosen);
    if (isDeepStrictEqual(expected, seen)) return expected;
  }
  return append(model, topic, call, choices[0]!);
};

/** Why no batch may have the record. */
const unfitRecord = (model: Model, topic: ModelTopic, record: BatchRecord): Failure | undefined => {
  if (batchBytes([record]) > maxBatchBytes(topic)) return refused('MESSAGE_TOO_LARGE');
  return isAhead(model, topic, record) ? refused('INVALID_TIMESTAMP') : undefined;
};

const isAhead = (model: Model, topic: ModelTopic, { timestamp }: BatchRecord): boolean =>
  logAppendTime(model, topic) < 0 &&
  timestamp > model.now + Number(configOf(topic, 'message.timestamp.after.max.ms'));

const append = (
  model: Model,
  topic: ModelTopic,
  call: CallOf<'produceRecords'>,
  chosen: number,
): Answer => {
  const { records, producer, expectedEnd } = call;
  const count = topic.partitions.length;
  const outcomes: object[] = [];
  const shares = new Map<number, Placed[]>();
  for (const [position, spec] of records.entries()) {
    const partition = call.partition ?? partitionOf(spec, count, chosen);
    const { key, value, headers, timestamp = model.now } = spec;
    const record = { key, value, headers, timestamp };
    const unfit = unfitRecord(model, topic, record);
    if (unfit) outcomes[position] = { partition, ...unfit };
    else shares.set(partition, [...(shares.get(partition) ?? []), { record, position }]);
  }
  // What belongs to a producer, or where an end is expected, is written whole or not at all.
  const [first] = Object.values(outcomes);
  if ((producer ?? expectedEnd) !== undefined && first) return failureOf({ ...first });
  for (const [partition, share] of shares) {
    let sequence = producer?.baseSequence ?? 0;
    const packed = packs(share, Math.min(maxBatchBytes(topic), DEFAULT_BATCH_BYTES));
    const batches = packed.map((batch) => {
      const mine = producer && { producer: { ...producer, baseSequence: sequence } };
      sequence += batch.length;
      return { records: batch.map(({ record }) => record), ...mine };
    });
    const written = appendShare(
      model,
      topic,
      {
        partition,
        batches,
        ...(expectedEnd === undefined ? {} : { expectedEnd }),
      },
      undefined,
    ) as { baseOffsets?: number[] };
    for (const [b, batch] of packed.entries()) {
      for (const [index, { position }] of batch.entries()) {
        outcomes[position] = isFailure(written)
          ? { partition, ...failureOf({ ...written }) }
          : { partition, offset: written.baseOffsets![b]! + index };
      }
    }
  }
  return together(outcomes);
};

/** Batches of at most `most` bytes; each takes as many records as fit. */
const packs = (share: readonly Placed[], most: number): Placed[][] => {
  const packed: Placed[][] = [];
  for (const placed of share) {
    const last = packed.at(-1);
    if (last !== undefined && sizeOf([...last, placed]) <= most) last.push(placed);
    else packed.push([placed]);
  }
  return packed;
};

const sizeOf = (share: readonly { readonly record: BatchRecord }[]): number =>
  batchBytes(share.map(({ record }) => record));

// ── batches ──────────────────────────────────────────────────────────────────────────────────────

export const produceBatches = (
  model: Model,
  { topic: name, shares }: CallOf<'produceBatches'>,
  seen: Answer,
): Answer => {
  const topic = topicIn(model, name);
  if ('code' in topic) return topic;
  const told = Array.isArray(seen) ? seen : shares.map(() => seen);
  return together(shares.map((share, index) => appendShare(model, topic, share, told[index])));
};

/** Refusal of the bytes themselves: all of the share. */
const badBytes = (
  model: Model,
  topic: ModelTopic,
  { batches, damage }: ShareSpec,
): Failure | undefined => {
  const code = codeOfDamage(damage);
  if (damage === 'cut' || damage === 'magic') return refused(code!);
  if (batches.some(({ records }) => batchBytes(records) > maxBatchBytes(topic))) {
    return refused('MESSAGE_TOO_LARGE');
  }
  if (code) return refused(code);
  const ahead = batches.some(({ records }) =>
    records.some((record) => isAhead(model, topic, record)),
  );
  return ahead ? refused('INVALID_TIMESTAMP') : undefined;
};

/** Batches that lie behind one at least, whose offset the service need not find again. */
const SEARCHED_BATCHES = 40;

/** Whether the service may say, and says, that what it recognised lies too far back to tell where. */
const isForgotten = (
  { end, batches }: ModelPartition,
  offset: number,
  endBefore: number,
  seen: Answer,
): boolean =>
  end === endBefore &&
  isFailure(seen) &&
  seen.code === 'DUPLICATE_SEQUENCE_NUMBER' &&
  batches.filter(({ base }) => base > offset).length >= SEARCHED_BATCHES;

const appendShare = (model: Model, topic: ModelTopic, share: ShareSpec, seen: Answer): object => {
  const { partition, batches, expectedEnd } = share;
  const log = topic.partitions[partition];
  if (log === undefined) return { partition, ...UNKNOWN };
  const wrong = badBytes(model, topic, share);
  if (wrong) return { partition, ...wrong };
  const time = logAppendTime(model, topic);
  const endBefore = log.end;
  const outcomes = appendBatches(log, batches, time, expectedEnd);
  const baseOffsets = outcomes.map((outcome) => (typeof outcome === 'number' ? outcome : -1));
  const failed = outcomes.find((outcome): outcome is Failure => typeof outcome !== 'number');
  if (failed === undefined && isForgotten(log, baseOffsets[0]!, endBefore, seen)) {
    return { partition, code: 'DUPLICATE_SEQUENCE_NUMBER', effect: 'unknown' };
  }
  if (failed === undefined) {
    // Who wrote nothing new is told the start as it was known when the duplicate was recognised.
    const told = (seen as { logStartOffset?: number } | undefined)?.logStartOffset;
    const isOlder = log.end === endBefore && told !== undefined && told < log.start;
    const logStartOffset = isOlder ? told : log.start;
    return { partition, baseOffsets, logStartOffset, logAppendTime: time };
  }
  return baseOffsets.some((offset) => offset >= 0)
    ? { partition, baseOffsets, ...failed, effect: 'unknown' }
    : { partition, ...failed };
};
