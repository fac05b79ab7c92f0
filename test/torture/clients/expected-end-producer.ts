/**
 * Appends where a partition ends, or not at all: asks for the end, appends there, and goes on from what
 * it is told. The records of a request lie at the expected end and after it. Who gets no answer looks again.
 */
import { encodeBatch } from '../../../lib/record/encode.ts';
import { BATCHES_MEDIA_TYPE, encodeFrames } from '../../../lib/record/frames.ts';
import type { Operation } from '../../sim/checker/history.ts';
import { call, isExpected, jsonOf, jsonRequest, outcomeOf, type Problem } from '../calls.ts';
import { type Draw, oneIn } from '../draw.ts';
import { type Field, type Life, partitionName, pause, pauseBeforeRetry } from '../field.ts';
import { drawSizes, valueFor } from '../value.ts';
import { lookUp } from './offsets.ts';

/** The same request as JSON, its expected end in the query, or as batches, with it in the frame. */
const requestFor = (
  { topic, runtime }: Field,
  draw: Draw,
  partition: number,
  expectedEnd: number,
  values: readonly string[],
): readonly [string, RequestInit] => {
  const path = `/topics/${topic}/records`;
  if (oneIn(draw, 2)) {
    const records = values.map((value) => ({ value }));
    const query = `partition=${partition}&expectedEnd=${expectedEnd}`;
    return [`${path}?${query}`, jsonRequest({ records })];
  }
  const timestamp = runtime.now();
  const batch = encodeBatch(values.map((value) => ({ value: Buffer.from(value), timestamp })));
  const frames = encodeFrames([{ partition, meta: { expectedEnd }, batches: [batch] }]);
  const headers = { 'content-type': BATCHES_MEDIA_TYPE };
  return [path, { method: 'POST', headers, body: Buffer.from(frames) }];
};

interface Written {
  readonly records?: readonly { readonly offset: number }[];
  readonly partitions?: readonly { readonly baseOffsets: readonly number[] }[];
}

/** The offset of the first record. */
const offsetOf = ({ records, partitions }: Written): number =>
  records?.[0]?.offset ?? partitions![0]!.baseOffsets[0]!;

export const expectedEndProducer: Life = async (field, process, draw) => {
  const { recorder, partitions, over } = field;
  const ends = new Map<number, number>();
  let n = 0;
  for (let left = draw(20, 150); left > 0 && !over.aborted; left--) {
    const partition = draw(0, partitions - 1);
    const expectedEnd =
      ends.get(partition) ?? (await lookUp(field, process, 'latest', [partition]))?.get(partition);
    if (expectedEnd === undefined) {
      await pauseBeforeRetry(field, draw);
      continue;
    }
    const ids = drawSizes(draw).map((sizeBytes) => `${process}.${n++}.${sizeBytes}`);
    const request = requestFor(field, draw, partition, expectedEnd, ids.map(valueFor));
    const invokedAt = recorder.tick();
    const answer = await call(field, ...request);
    const isWritten = answer?.status === 200;
    const problem = answer && !isWritten ? jsonOf<Problem>(answer) : undefined;
    const offset = isWritten ? offsetOf(jsonOf<Written>(answer)) : undefined;
    if (problem) isExpected(field, process, problem, 'UNEXPECTED_LOG_END');
    const outcome: Operation['outcome'] = isWritten ? 'ok' : problem ? outcomeOf(problem) : 'info';
    recorder.add(
      ...ids.map((value, index) => ({
        process,
        invokedAt,
        outcome,
        kind: 'send' as const,
        partition: partitionName(field, partition),
        value,
        producer: 'expectedEnd' as const,
        expectedEnd: expectedEnd + index,
        ...(offset !== undefined && { offset: offset + index }),
        // It speaks of the whole request, which was to begin at the end.
        ...(index === 0 && problem?.logEndOffset !== undefined && { logEnd: problem.logEndOffset }),
      })),
    );
    const nextEnd = offset === undefined ? problem?.logEndOffset : offset + ids.length;
    if (nextEnd === undefined) ends.delete(partition);
    else ends.set(partition, nextEnd);
    // Somebody else was first: whoever waits now is late again.
    if (problem?.code === 'UNEXPECTED_LOG_END') continue;
    await (isWritten ? pause : pauseBeforeRetry)(field, draw);
  }
};
