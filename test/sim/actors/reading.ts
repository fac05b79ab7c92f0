/** A poll: a fetch, and what is written down of it. */
import type { FetchPartitionResult } from '../../../lib/broker/api.ts';
import { decodeBatch } from '../../../lib/record/decode.ts';
import type { Read } from '../checker/history.ts';
import { partitionName, type Scene } from '../world/scene.ts';
import { nameOfValue } from './sending.ts';

/** What a fetch answered for a partition asked from `from` on, without error. */
export const readOf = (from: number, result: FetchPartitionResult): Read => ({
  partition: partitionName(result.topic, result.partition),
  from,
  records: result.batches.flatMap((batch) =>
    decodeBatch(batch)
      .records.filter(({ offset }) => offset >= from)
      .map(({ offset, value }): [number, string] => [offset, nameOfValue(value)]),
  ),
  logStart: result.logStartOffset,
  logEnd: result.highWatermark,
});

/** Where a reader goes on; says so if that is not behind what it was given, or some of that is left out. */
export const nextOf = ({ recorder }: Scene, read: Read, nextOffset: number): number => {
  for (const [index, [offset]] of read.records.entries()) {
    if (offset === read.from + index) continue;
    recorder.complain(read.partition, `a fetch from ${read.from} gave ${offset} as its ${index}th`);
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
