/** A poll: a fetch, and what is written down of it. */
import type { FetchPartitionResult } from '../../../lib/broker/api.ts';
import { decodeBatch } from '../../../lib/record/decode.ts';
import type { Read } from '../checker/history.ts';
import { partitionName, placeName, type Scene } from '../world/scene.ts';
import { nameOfValue } from './sending.ts';

/** What a fetch answered for a partition asked from `from` on, without error; says so if times differ from those told. */
export const readOf = (
  { recorder, appendTimes }: Scene,
  from: number,
  { topic, partition, batches, logStartOffset, highWatermark }: FetchPartitionResult,
): Read => {
  const name = partitionName(topic, partition);
  const records = batches
    .flatMap((batch) => decodeBatch(batch).records)
    .filter(({ offset }) => offset >= from);
  for (const { offset, timestamp } of records) {
    const told = appendTimes.get(placeName(topic, partition, offset));
    if (told === undefined || told === timestamp) continue;
    recorder.complain(name, `${offset} was told to be of ${told}, and is of ${timestamp}`);
  }
  return {
    partition: name,
    from,
    records: records.map(({ offset, value }) => [offset, nameOfValue(value)]),
    logStart: logStartOffset,
    logEnd: highWatermark,
  };
};

/** Where a reader goes on; says so if that is not behind what it was given, or some of that is left out. */
export const nextOf = ({ recorder }: Scene, read: Read, nextOffset: number): number => {
  for (const [index, [offset]] of read.records.entries()) {
    if (offset === read.from + index) continue;
    const expected = read.from + index;
    recorder.complain(
      read.partition,
      `a fetch from ${read.from} gave ${offset} where ${expected} comes next`,
    );
    break;
  }
  const last = read.records.at(-1);
  const expected = last === undefined ? read.from : last[0] + 1;
  if (nextOffset !== expected) {
    recorder.complain(
      read.partition,
      `a fetch from ${read.from} gave records up to ${expected}, and said to go on at ${nextOffset}`,
    );
  }
  return expected;
};
