/**
 * Answers in one form, whatever way they came: plain data without what ways may tell differently (words,
 * media types, batch boundaries).
 *
 * A call about several parts answers a list, with a failure in place of each part that failed; where all
 * of them failed the answer is the failure of the first.
 */
import type { FetchPartitionResult, TopicDescription } from '../../lib/broker/api.ts';
import type { Effect, ErrorCode, StratalogError } from '../../lib/model/errors.ts';
import { decodeBatch } from '../../lib/record/decode.ts';
import { type Bytes, textOf } from './calls.ts';

/** Facts of errors that must be told, and told alike. */
const FACTS = [
  'logStartOffset',
  'logEndOffset',
  'expectedEnd',
  'expectedSequence',
  'currentEpoch',
] as const;

export interface Failure {
  readonly code: ErrorCode;
  readonly effect: Effect;
  readonly [fact: string]: unknown;
}

export type Answer = unknown;

/** A record as it is read. */
export interface ReadRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: Bytes;
  readonly value: Bytes;
  readonly headers: readonly (readonly [string, Bytes])[];
}

/** A problem (or an error's context with its code and effect), without words. */
export const failureOf = (problem: Readonly<Record<string, unknown>>): Failure => ({
  code: problem.code as ErrorCode,
  effect: problem.effect as Effect,
  ...Object.fromEntries(
    FACTS.filter((fact) => problem[fact] !== undefined).map((fact) => [fact, problem[fact]]),
  ),
  ...(problem.code === 'INVALID_CONFIG' ? { config: problem.config } : {}),
});

export const failureOfError = ({ code, effect, context }: StratalogError): Failure =>
  failureOf({ ...context, code, effect });

export const isFailure = (answer: unknown): answer is Failure =>
  typeof answer === 'object' && answer !== null && 'code' in answer;

/** Of an answer in parts: the failure of the first where all failed. */
export const together = (parts: readonly object[]): Answer =>
  parts.length > 0 && parts.every(isFailure) ? bare(parts[0]!) : parts;

/** A failure as it is told when it stands for all of the answer. */
const bare = (part: object): Failure => failureOf(part as Record<string, unknown>);

/** A topic: configs by name, each with its value and source. */
export const topicAnswer = (topic: TopicDescription): Answer => ({
  topic: topic.name,
  topicId: topic.topicId,
  createdAt: topic.createdAt,
  configs: Object.fromEntries(
    topic.configs.map(({ name, value, source }) => [name, [value, source]]),
  ),
  partitions: topic.partitions.map(({ partition, logStartOffset, logEndOffset, sizeBytes }) => ({
    partition,
    logStartOffset,
    logEndOffset,
    sizeBytes,
  })),
});

/** The records of whole batches from `from` on. */
export const recordsFrom = (batches: readonly Uint8Array[], from: number): ReadRecord[] =>
  batches
    .flatMap((batch) => decodeBatch(batch).records)
    .filter(({ offset }) => offset >= from)
    .map(({ offset, timestamp, key, value, headers }) => ({
      offset,
      timestamp,
      key: textOf(key),
      value: textOf(value),
      headers: headers.map((header) => [header.key, textOf(header.value)] as const),
    }));

/** Where a partition stands, with its records. */
export const fetchedAnswer = (
  position: Pick<
    FetchPartitionResult,
    'partition' | 'nextOffset' | 'highWatermark' | 'lastStableOffset' | 'logStartOffset'
  >,
  records: readonly ReadRecord[],
): object => ({
  partition: position.partition,
  nextOffset: position.nextOffset,
  highWatermark: position.highWatermark,
  lastStableOffset: position.lastStableOffset,
  logStartOffset: position.logStartOffset,
  records,
});
