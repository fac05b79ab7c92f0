/** Reads as they are meant to be: records from an offset on, as many as the answer chose to bring. */
import assert from 'node:assert/strict';
import { type Answer, fetchedAnswer, isFailure, together } from './answers.ts';
import type { CallOf, FetchSpec } from './calls.ts';
import { batchesFrom, type ModelPartition, recordsBetween } from './model-partition.ts';
import { type Model, refused, topicIn, UNKNOWN } from './model-state.ts';

const DEFAULT_MAX_BYTES = 1024 * 1024;

interface Budget {
  left: number;
  /** Whether some partition was given something. */
  dealt: boolean;
}

/** The offset that the answer goes on at: the end of a batch, no more of them than the budget has room for. */
const legalNext = (
  log: ModelPartition,
  from: number,
  most: number,
  budget: Budget,
  told: number,
) => {
  const batches = batchesFrom(log, from);
  const brought = batches.filter(({ base, records }) => base + records.length <= told);
  const last = brought.at(-1);
  assert.equal(told, last ? last.base + last.records.length : from, 'whole batches are brought');
  const sizeBytes = brought.reduce((sum, batch) => sum + batch.sizeBytes, 0);
  const room = Math.min(most, budget.left);
  const isFirstOfAll = !budget.dealt && brought.length === 1;
  assert.ok(brought.length === 0 || sizeBytes <= room || isFirstOfAll, 'no more than maxBytes');
  if (!budget.dealt && batches.length > 0) assert.ok(brought.length > 0, 'a reader gets on');
  const next = batches[brought.length];
  // Only behind another partition may there be less than fits.
  if (next !== undefined && !budget.dealt) {
    assert.ok(sizeBytes + next.sizeBytes > room, 'as much is brought as fits');
  }
  budget.left -= sizeBytes;
  budget.dealt ||= brought.length > 0;
  return told;
};

const fetchOne = (
  partitions: readonly ModelPartition[],
  { partition, offset, maxBytes }: FetchSpec,
  most: number,
  budget: Budget,
  seen: Answer,
): object => {
  const log = partitions[partition];
  if (log === undefined) return { partition, ...UNKNOWN };
  const from = offset === 'earliest' ? log.start : offset === 'latest' ? log.end : offset;
  if (from < log.start || from > log.end) {
    const ends = { logStartOffset: log.start, logEndOffset: log.end };
    return { partition, ...refused('OFFSET_OUT_OF_RANGE', ends) };
  }
  const told = (seen as { nextOffset?: number } | undefined)?.nextOffset ?? -1;
  const nextOffset = legalNext(log, from, maxBytes ?? most, budget, told);
  return fetchedAnswer(
    {
      partition,
      nextOffset,
      highWatermark: log.end,
      lastStableOffset: log.end,
      logStartOffset: log.start,
    },
    recordsBetween(log, from, nextOffset),
  );
};

export const fetch = (
  model: Model,
  { topic: name, partitions, maxBytes = DEFAULT_MAX_BYTES }: CallOf<'fetch'>,
  seen: Answer,
): Answer => {
  const topic = topicIn(model, name);
  if ('code' in topic) return topic;
  const budget = { left: maxBytes, dealt: false };
  const told = isFailure(seen) ? [] : (seen as Answer[]);
  return together(
    partitions.map((spec, index) =>
      fetchOne(topic.partitions, spec, maxBytes, budget, told[index]),
    ),
  );
};

export const fetchPartition = (
  model: Model,
  { topic, as, from }: CallOf<'fetchPartition'>,
  seen: Answer,
): Answer => fetch(model, { verb: 'fetch', topic, as, partitions: [from] }, seen);
