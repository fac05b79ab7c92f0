/** Where partitions begin, end, or have a time; and what becomes of them when records are deleted. */
import { type Answer, together } from './answers.ts';
import type { CallOf } from './calls.ts';
import { recordsBetween } from './model-partition.ts';
import { configOf, type Model, refused, topicIn, UNKNOWN } from './model-state.ts';

const NONE = { offset: -1, timestamp: -1 };

export const listOffsets = (
  model: Model,
  { topic: name, at, partitions }: CallOf<'listOffsets'>,
): Answer => {
  const topic = topicIn(model, name);
  if ('code' in topic) return topic;
  const latest = model.now + Number(configOf(topic, 'message.timestamp.after.max.ms'));
  const asked = partitions ?? [...topic.partitions.keys()];
  const found = asked.map((partition) => {
    const log = topic.partitions[partition];
    if (log === undefined) return { partition, ...UNKNOWN };
    if (at === 'earliest') return { partition, offset: log.start, timestamp: -1 };
    if (at === 'latest') return { partition, offset: log.end, timestamp: -1 };
    // Records without a time (−1) are of no time.
    const timed = recordsBetween(log, log.start, log.end).filter(({ timestamp }) => timestamp >= 0);
    if (typeof at === 'object') {
      if (at.timestamp > latest) return { partition, ...refused('INVALID_TIMESTAMP') };
      const first = timed.find(({ timestamp }) => timestamp >= at.timestamp);
      return { partition, ...NONE, ...(first && offsetAndTime(first)) };
    }
    const most = Math.max(...timed.map(({ timestamp }) => timestamp));
    const first = timed.find(({ timestamp }) => timestamp === most);
    return { partition, ...NONE, ...(first && offsetAndTime(first)) };
  });
  return together(found);
};

const offsetAndTime = ({ offset, timestamp }: { offset: number; timestamp: number }) => ({
  offset,
  timestamp,
});

export const deleteRecords = (
  model: Model,
  { topic: name, partition, before }: CallOf<'deleteRecords'>,
): Answer => {
  const topic = topicIn(model, name);
  if ('code' in topic) return topic;
  const log = topic.partitions[partition];
  if (log === undefined) return UNKNOWN;
  const goal = before === 'latest' ? log.end : before;
  if (goal > log.end) {
    return refused('OFFSET_OUT_OF_RANGE', { logStartOffset: log.start, logEndOffset: log.end });
  }
  log.start = Math.max(log.start, goal);
  return { partition, logStartOffset: log.start };
};
