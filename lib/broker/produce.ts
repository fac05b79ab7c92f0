/**
 * Produce: validate what a client sends, append it, tell each partition's outcome.
 */

import type { Appender } from '../log/append/appender.ts';
import { type RunContent, type RunOutcome, splitIntoRuns } from '../log/append/run.ts';
import { configValue } from '../log/configs.ts';
import { asStratalogError, StratalogError } from '../model/errors.ts';
import type { Runtime } from '../model/runtime.ts';
import { splitBatches } from '../record/batches.ts';
import { writeLogAppendTime } from '../record/patch.ts';
import { type BatchInfo, validateBatches } from '../record/validate.ts';
import type { Topic } from '../storage/keys/topic.ts';
import type { ProducePartition, ProducePartitionResult, ProduceRequest } from './api.ts';
import type { TopicCache } from './topic-cache.ts';

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
    const maxBatchBytes = Number(configValue(topic.configs, 'max.message.bytes'));
    const infos = validateBatches(batches, { maxBatchBytes });
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

/** All batches' offsets, or the first failure: what is in the log before it stays there. */
const answer = (
  partition: number,
  contents: readonly RunContent[],
  outcomes: readonly RunOutcome[],
  logAppendTime: number,
): ProducePartitionResult => {
  const baseOffsets: number[] = [];
  let logStartOffset = -1;
  for (const [index, outcome] of outcomes.entries()) {
    if ('error' in outcome) return failed(partition, outcome.error);
    let offset = outcome.baseOffset;
    for (const records of contents[index]!.batchRecords) {
      baseOffsets.push(offset);
      offset += records;
    }
    logStartOffset = outcome.logStartOffset;
  }
  return { partition, baseOffsets, logStartOffset, logAppendTime };
};

const failed = (partition: number, error: StratalogError): ProducePartitionResult => ({
  partition,
  baseOffsets: [],
  logStartOffset: -1,
  logAppendTime: -1,
  error,
});
