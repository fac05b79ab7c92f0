/**
 * Produce: validate what a client sends, append it, tell each partition's outcome.
 */

import type { Appender } from '../log/append/appender.ts';
import { type RunContent, type RunOutcome, splitIntoRuns } from '../log/append/run.ts';
import { configValue, maxBatchBytes } from '../log/configs.ts';
import { asStratalogError, StratalogError } from '../model/errors.ts';
import type { Runtime } from '../model/runtime.ts';
import { splitBatches } from '../record/batches.ts';
import { writeLogAppendTime } from '../record/patch.ts';
import { type BatchInfo, validateBatches } from '../record/validate.ts';
import type { Topic } from '../storage/keys/topic.ts';
import type { ProducePartition, ProducePartitionResult, ProduceRequest } from './api.ts';
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
  const topic = await producing.topics.find(request.topic);
  const results = await Promise.all(
    request.partitions.map((part) => producePartition(producing, topic, part)),
  );
  if (!results.some(({ error }) => error?.code === 'UNKNOWN_TOPIC_OR_PARTITION')) return results;

  // The belief about the topic may be old: it was made again, or grew. Only what certainly did not happen is sent again.
  producing.topics.drop(request.topic);
  const now = await producing.topics.find(request.topic);
  if (now.id === topic.id && now.partitions === topic.partitions) return results;
  return Promise.all(
    results.map((result, index) =>
      result.error?.code === 'UNKNOWN_TOPIC_OR_PARTITION' && result.error.effect === 'none'
        ? producePartition(producing, now, request.partitions[index]!)
        : result,
    ),
  );
};

const producePartition = async (
  { appender, runtime }: Producing,
  topic: Topic,
  { partition, batches }: ProducePartition,
): Promise<ProducePartitionResult> => {
  try {
    if (!Number.isInteger(partition) || partition < 0 || partition >= topic.partitions) {
      throw new StratalogError(
        'UNKNOWN_TOPIC_OR_PARTITION',
        `The topic ${topic.name} has partitions 0 to ${topic.partitions - 1}; there is no partition ${partition}.`,
        { context: { topic: topic.name, partition } },
      );
    }
    const infos = validateBatches(batches, { maxBatchBytes: maxBatchBytes(topic.configs) });
    refuseTransactions(infos);
    let logAppendTime = -1;
    let contents = splitIntoRuns(batches, infos);
    if (configValue(topic.configs, 'message.timestamp.type') === 'LogAppendTime') {
      logAppendTime = runtime.now();
      for (const batch of splitBatches(batches).batches) writeLogAppendTime(batch, logAppendTime);
      contents = contents.map((content) => ({ ...content, maxTimestamp: logAppendTime }));
    }
    const outcomes = await appender.append({ topicId: topic.id, partition }, contents);
    return answer(partition, contents, outcomes, logAppendTime);
  } catch (error) {
    return failed(partition, asStratalogError(error));
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

/** The offset of each batch that was written, and the first failure. */
const answer = (
  partition: number,
  contents: readonly RunContent[],
  outcomes: readonly RunOutcome[],
  logAppendTime: number,
): ProducePartitionResult => {
  const baseOffsets: number[] = [];
  let logStartOffset = -1;
  let error: StratalogError | undefined;
  for (const [index, outcome] of outcomes.entries()) {
    const { batchRecords } = contents[index]!;
    if ('error' in outcome) {
      error ??= outcome.error;
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
  if (error === undefined) return told;
  return { ...told, error: logStartOffset < 0 ? error : partly(error) };
};

/** `error` of a share of which other batches were written. */
const partly = ({ code, message, context, cause }: StratalogError): StratalogError =>
  new StratalogError(code, `${message} Other batches of the request were written.`, {
    context,
    effect: 'unknown',
    cause,
  });

const failed = (partition: number, error: StratalogError): ProducePartitionResult => ({
  partition,
  baseOffsets: [],
  logStartOffset: -1,
  logAppendTime: -1,
  error,
});
