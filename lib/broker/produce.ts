/**
 * Produce: validate what a client sends, append it, tell each partition's outcome.
 *
 *   batches ── prepare, once ──► runs ── append ──► outcomes ── answer
 *                                  └ the topic was made again, or grew: once more, what certainly did not happen
 */
import type { Appender } from '../log/append/appender.ts';
import {
  type RunContent,
  type RunOutcome,
  runAtEnd,
  splitIntoRuns,
  wholeRun,
} from '../log/append/run.ts';
import {
  configValue,
  maxBatchBytes,
  type TopicConfigs,
  timestampAfterMaxMs,
} from '../log/configs.ts';
import { storageFailure } from '../log/storage-errors.ts';
import { asStratalogError, StratalogError, withEffect } from '../model/errors.ts';
import type { Runtime } from '../model/runtime.ts';
import { splitBatches } from '../record/batches.ts';
import { writeLogAppendTime } from '../record/patch.ts';
import { type BatchInfo, validateBatches } from '../record/validate.ts';
import type { Topic } from '../storage/keys/topic.ts';
import type { ProducePartition, ProducePartitionResult, ProduceRequest } from './api.ts';
import { hasPartition, noSuchPartition } from './partitions.ts';
import type { TopicCache } from './topic-cache.ts';

/** What producing needs of the process. */
export interface Producing {
  readonly appender: Appender;
  readonly topics: TopicCache;
  readonly runtime: Runtime;
}

/** @throws UNKNOWN_TOPIC_OR_PARTITION when the topic does not exist */
export const produce = async (
  producing: Producing,
  request: ProduceRequest,
): Promise<readonly ProducePartitionResult[]> => {
  const { topics } = producing;
  // It may have grown.
  const { topic, failure } = await topics.findInOrder(request.topic, (known) =>
    request.partitions.every(({ partition }) => hasPartition(known, partition)),
  );
  const refuse = failure === undefined ? noSuchPartition : () => unknowable(failure);
  const now = producing.runtime.now();
  const prepared = request.partitions.map((part) => prepare(topic.configs, part, now));
  const results = await Promise.all(prepared.map((one) => append(producing, topic, one, refuse)));
  const isGone = ({ partition, error }: ProducePartitionResult): boolean =>
    error?.code === 'UNKNOWN_TOPIC_OR_PARTITION' && hasPartition(topic, partition);
  if (!results.some(isGone)) return results;

  // It was deleted, and may have been made again. That this cannot be asked now takes nothing back.
  const current = await topics.findAgain(request.topic, topic).catch(() => undefined);
  if (current === undefined || current.id === topic.id) return results;
  return Promise.all(
    results.map((result, index) =>
      isGone(result) && result.error?.effect === 'none'
        ? append(producing, current, prepared[index]!)
        : result,
    ),
  );
};

/** Whether the topic has such a partition could not be asked. */
const unknowable = (failure: unknown): StratalogError =>
  storageFailure(failure, 'The topic could not be looked up', 'none');

/** A partition's share, ready to be appended; or why it will not be. */
interface Prepared {
  readonly partition: number;
  /** ms; −1: records keep the time of their producer. */
  readonly logAppendTime: number;
  readonly contents: readonly RunContent[] | StratalogError;
}

/** Writes into `batches` when the topic gives records the time of their append. */
const prepare = (
  configs: TopicConfigs,
  { partition, batches, expectedEnd, isWhole = false }: ProducePartition,
  now: number,
): Prepared => {
  try {
    const infos = validateBatches(batches, { maxBatchBytes: maxBatchBytes(configs) });
    refuseTransactions(infos);
    const contents =
      expectedEnd !== undefined
        ? [runAtEnd(batches, infos, expectedEnd)]
        : isWhole
          ? [wholeRun(batches, infos)]
          : splitIntoRuns(batches, infos);
    if (configValue(configs, 'message.timestamp.type') === 'CreateTime') {
      refuseFarFuture(infos, now, timestampAfterMaxMs(configs));
      return { partition, logAppendTime: -1, contents };
    }
    for (const batch of splitBatches(batches).batches) writeLogAppendTime(batch, now);
    return {
      partition,
      logAppendTime: now,
      contents: contents.map((content) => ({ ...content, maxTimestamp: now })),
    };
  } catch (error) {
    return { partition, logAppendTime: -1, contents: asStratalogError(error) };
  }
};

const refuseTransactions = (infos: readonly BatchInfo[]): void => {
  if (infos.some((info) => info.isTransactional)) {
    throw new StratalogError(
      'INVALID_TXN_STATE',
      'Transactions are not served by this release. Produce without a transactional id.',
    );
  }
};

/** As Kafka does (KIP-937): a clock that is wrong, or another unit, would be found by no search by time. */
const refuseFarFuture = (infos: readonly BatchInfo[], now: number, aheadMs: number): void => {
  const latest = now + aheadMs;
  const ahead = infos.find(({ maxTimestamp }) => maxTimestamp > latest);
  if (ahead === undefined) return;
  const { maxTimestamp } = ahead;
  throw new StratalogError(
    'INVALID_TIMESTAMP',
    `The batch has the max timestamp ${maxTimestamp}, ${maxTimestamp - now} ms ahead of now; the topic takes ${aheadMs} ms (message.timestamp.after.max.ms). Timestamps are milliseconds since 1970.`,
    { context: { maxTimestamp, latest, timestampAfterMaxMs: aheadMs } },
  );
};

const append = async (
  { appender }: Producing,
  topic: Topic,
  prepared: Prepared,
  refuse = noSuchPartition,
): Promise<ProducePartitionResult> => {
  const { partition, contents } = prepared;
  if (!hasPartition(topic, partition)) {
    return answer(prepared, [{ error: refuse(topic, partition) }]);
  }
  if (contents instanceof StratalogError) return answer(prepared, [{ error: contents }]);
  return answer(prepared, await appender.append({ topicId: topic.id, partition }, contents));
};

/** The offset of each batch that was written, and the first failure. */
const answer = (
  { partition, contents, logAppendTime }: Prepared,
  outcomes: readonly RunOutcome[],
): ProducePartitionResult => {
  const baseOffsets: number[] = [];
  const errors: StratalogError[] = [];
  let logStartOffset = -1;
  for (const [index, outcome] of outcomes.entries()) {
    const batchRecords = contents instanceof Error ? [] : contents[index]!.batchRecords;
    if ('error' in outcome) {
      errors.push(outcome.error);
      baseOffsets.push(...batchRecords.map(() => -1));
      continue;
    }
    let offset = outcome.baseOffset;
    for (const records of batchRecords) {
      baseOffsets.push(offset);
      offset += records;
    }
    logStartOffset = outcome.logStartOffset;
  }
  const told = { partition, baseOffsets, logStartOffset, logAppendTime };
  const [first] = errors;
  if (first === undefined) return told;
  const nothing = logStartOffset < 0 && errors.every(({ effect }) => effect === 'none');
  return { ...told, error: nothing || first.effect === 'unknown' ? first : partly(first) };
};

/** `error` of a share of which other batches were written, or may have been. */
const partly = (error: StratalogError): StratalogError =>
  withEffect(
    error,
    'unknown',
    `${error.message} Other batches of the request were written, or may have been.`,
  );
